package channels

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"antrean/notifier"
)

// ours marks what came from here: other programs may write by the same number.
const ours = "antrean"

// callbackOf is what WhatsApp gives back with every report of a message: of
// which notice it was. It holds ids only.
func callbackOf(m notifier.Message) string {
	if m.Event == "" {
		return ""
	}
	return strings.Join([]string{ours, m.Office, m.Ticket, m.Event}, " ")
}

// Hear implements notifier.Hears: the handshake by which WhatsApp makes sure of
// the address, and its reports, which it signs.
func (w *whatsapp) Hear(c notifier.Callback) (notifier.Answer, []notifier.Report) {
	switch {
	case w.appSecret == "":
		return notifier.Answer{Status: http.StatusNotFound}, nil
	case c.Method == http.MethodGet:
		return w.shakeHands(c), nil
	case c.Method != http.MethodPost:
		return notifier.Answer{Status: http.StatusMethodNotAllowed}, nil
	case !w.signed(c):
		return notifier.Answer{Status: http.StatusUnauthorized}, nil
	}
	reports, err := w.reports(c.Body)
	if err != nil {
		return notifier.Answer{Status: http.StatusBadRequest}, nil
	}
	return notifier.Answer{Status: http.StatusOK}, reports
}

func (w *whatsapp) shakeHands(c notifier.Callback) notifier.Answer {
	challenge := c.Query.Get("hub.challenge")
	if c.Query.Get("hub.mode") != "subscribe" || len(challenge) > 200 ||
		subtle.ConstantTimeCompare([]byte(c.Query.Get("hub.verify_token")), []byte(w.verify)) != 1 {
		return notifier.Answer{Status: http.StatusForbidden}
	}
	return notifier.Answer{Status: http.StatusOK, Body: challenge}
}

// signed says whether whoever knows the app's secret has written the body.
func (w *whatsapp) signed(c notifier.Callback) bool {
	given, ok := strings.CutPrefix(c.Header.Get("X-Hub-Signature-256"), "sha256=")
	sum, err := hex.DecodeString(given)
	mac := hmac.New(sha256.New, []byte(w.appSecret))
	mac.Write(c.Body)
	return ok && err == nil && hmac.Equal(sum, mac.Sum(nil))
}

// reports are what a body says about messages of ours. That one was read is
// nobody's business here; it says that the message arrived.
func (w *whatsapp) reports(body []byte) ([]notifier.Report, error) {
	var said struct {
		Entry []struct {
			Changes []struct {
				Value struct {
					Metadata struct {
						PhoneNumberID string `json:"phone_number_id"`
					} `json:"metadata"`
					Statuses []struct {
						Status   string `json:"status"`
						Callback string `json:"biz_opaque_callback_data"`
						Errors   []struct {
							Code int `json:"code"`
						} `json:"errors"`
					} `json:"statuses"`
				} `json:"value"`
			} `json:"changes"`
		} `json:"entry"`
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return nil, err
	}
	var all []notifier.Report
	for _, entry := range said.Entry {
		for _, change := range entry.Changes {
			if change.Value.Metadata.PhoneNumberID != w.PhoneNumberID {
				continue
			}
			for _, s := range change.Value.Statuses {
				words := strings.Split(s.Callback, " ")
				if len(words) != 4 || words[0] != ours {
					continue
				}
				r := notifier.Report{Office: words[1], Ticket: words[2], Event: words[3]}
				switch s.Status {
				case "delivered", "read":
					r.Delivered = true
				case "failed":
					if len(s.Errors) > 0 {
						r.Code = strconv.Itoa(s.Errors[0].Code)
					}
				default: // sent: on its way
					continue
				}
				all = append(all, r)
			}
		}
	}
	return all, nil
}
