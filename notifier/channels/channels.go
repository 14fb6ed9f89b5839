// Package channels are the ways to reach people, and programs, besides Web
// Push: e-mail, an HTTP gateway for short messages, WhatsApp, signed webhooks.
// Each is one type with a builder that reads and checks its part of the
// configuration. What an adapter says of a failure never holds an address.
package channels

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"antrean/notifier"
)

// Builders make the channels of this package, by type.
func Builders() map[string]notifier.Builder {
	return map[string]notifier.Builder{"mail": Mail, "gateway": Gateway, "whatsapp": WhatsApp, "webhook": Webhook}
}

var errBusy = errors.New("the service cannot take it now")

// mostAnswered is how much of an answer is read.
const mostAnswered = 64 << 10

// wrong is a mistake in a setting: which, and what is allowed.
func wrong(field, format string, args ...any) error {
	return fmt.Errorf("settings."+field+": "+format, args...)
}

// webAddress checks the address of another service. Over plain HTTP everybody on
// the way could read along, so that it is for private addresses only.
func webAddress(field, text string, private bool) error {
	u, err := url.Parse(text)
	switch {
	case text == "":
		return wrong(field, "is missing (an https:// address)")
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return wrong(field, "is no address of the web (https://host/path)")
	case u.User != nil:
		return wrong(field, "must not hold a password (secrets come from the environment or a file)")
	case u.Scheme == "http" && !private:
		return wrong(field, "is not encrypted (https://, or private: true for a gateway in the office's own network)")
	}
	return nil
}

// secret reads a secret of the settings.
func secret(field string, s notifier.Secret) (string, error) {
	value, err := s.Read()
	if err != nil {
		return "", fmt.Errorf("settings.%s: %w", field, err)
	}
	return value, nil
}

// reply is the beginning of an answer.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// ask makes one request, and one only: nothing is repeated behind the back of
// the claim.
func ask(client *http.Client, r *http.Request) (reply, *notifier.Failure) {
	r.GetBody = nil // or the client would send the body once more where a kept connection dies
	if r.Body == nil || r.Body == http.NoBody {
		r.Close = true // for the same reason: a request without a body is repeated on kept connections
	}
	answer, err := client.Do(r)
	if err != nil {
		if r.Context().Err() != nil {
			return reply{}, notifier.Fail(notifier.Unknown, "timeout", "no answer in time")
		}
		var request *url.Error // holds the address, which may be a person's
		if errors.As(err, &request) {
			err = request.Err
		}
		return reply{}, notifier.FailureOfRequest(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, mostAnswered))
	if err != nil && answer.StatusCode < 300 {
		return reply{}, notifier.Fail(notifier.Unknown, "no_answer", "the answer broke off")
	}
	return reply{answer.StatusCode, answer.Header, body}, nil
}

// refusal reads a status that is no success; nil for one that is.
func refusal(r reply) *notifier.Failure {
	code := strconv.Itoa(r.status)
	switch status := r.status; {
	case status >= 200 && status < 300:
		return nil
	case status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable:
		return &notifier.Failure{Outcome: notifier.Later, Code: code, After: notifier.RetryAfter(r.header, time.Now()), Err: errBusy}
	case status == http.StatusBadGateway || status == http.StatusGatewayTimeout:
		return notifier.Fail(notifier.Unknown, code, "a proxy lost the answer")
	case status == http.StatusBadRequest || status == http.StatusUnprocessableEntity || status == http.StatusRequestEntityTooLarge:
		return notifier.Fail(notifier.Refused, code, "the message is not taken")
	}
	// Everything else says that the service or our settings are not in order,
	// which is nothing that this one message could help.
	return notifier.Fail(notifier.Later, code, "the service does not work for us")
}
