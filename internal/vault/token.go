package vault

import (
	"crypto/hmac"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"math/big"
	"strconv"
	"strings"
)

// ErrToken refuses a token or QR payload that this ring did not make. It says
// nothing about what is wrong.
var ErrToken = errors.New("not a valid token")

const (
	macSize     = 16  // 128 bits
	tokenLimit  = 512 // characters; base conversion is quadratic
	tokenFormat = 1   // also keeps the number's leading zeros
	showFormat  = 2   // of a token that only shows
	qrPrefix    = "AQ"
)

// TicketID is the id of the index-th ticket (from 0) that a request makes at an
// office: 13 lower-case letters and digits. request is what Key returned; the
// same request always gives the same ids, so that a repeated one finds its own
// tickets.
func (r *Keyring) TicketID(office, request string, index int) string {
	mac := sum(r.keys[0].tickets, office, request, strconv.Itoa(index))
	return strings.ToLower(unpadded32().EncodeToString(mac[:8]))
}

// Key is what the office's log remembers of an idempotency key: it is bound to
// who sent it and where to, and tells neither.
func (r *Keyring) Key(caller, path, key string) string {
	return base64.RawURLEncoding.EncodeToString(sum(r.keys[0].requests, "key", caller, path, key)[:macSize])
}

// Body is what the office's log remembers of a request's body, to refuse the
// same key with another body.
func (r *Keyring) Body(body []byte) string {
	return base64.RawURLEncoding.EncodeToString(sum(r.keys[0].requests, "body", string(body))[:macSize])
}

// Marks are digests of what somebody at an office is known by for one turn of
// time: who bears the same sign in the same turn has the same mark. They say
// nothing about the sign, and nothing joins them to another turn's.
func (r *Keyring) Marks(office string, turn int64, signs ...string) []string {
	marks := make([]string, len(signs))
	for i, sign := range signs {
		marks[i] = base64.RawURLEncoding.EncodeToString(sum(r.keys[0].requests, "mark", office, strconv.FormatInt(turn, 10), sign)[:12])
	}
	return marks
}

// Token opens a ticket for whoever holds it: letters and digits, about 60 for an
// ordinary office id. Nothing of it is stored. Reissuing a link is the next
// generation (from 0); whether a generation is still the ticket's is for the
// office to say.
func (r *Keyring) Token(office, ticket string, generation int) string {
	key := &r.keys[0]
	return spell(tokenFormat, signed(key, key.tokens, office, ticket, generation))
}

// ShowToken shows a ticket to whoever holds it, and lets nobody act on it: for
// links that pass through hands which others look into.
func (r *Keyring) ShowToken(office, ticket string, generation int) string {
	key := &r.keys[0]
	return spell(showFormat, signed(key, key.shows, office, ticket, generation))
}

func spell(format byte, signed []byte) string {
	return new(big.Int).SetBytes(append([]byte{format}, signed...)).Text(62)
}

// ParseToken returns what a token was made from, or ErrToken.
func (r *Keyring) ParseToken(token string) (office, ticket string, generation int, err error) {
	return r.parse(token, tokenFormat, func(k *subkeys) []byte { return k.tokens })
}

// ParseShowToken returns what a token that only shows was made from, or
// ErrToken.
func (r *Keyring) ParseShowToken(token string) (office, ticket string, generation int, err error) {
	return r.parse(token, showFormat, func(k *subkeys) []byte { return k.shows })
}

func (r *Keyring) parse(token string, format byte, purpose func(*subkeys) []byte) (office, ticket string, generation int, err error) {
	if len(token) > tokenLimit || token == "" || !letterOrDigit(token[0]) { // SetString takes a sign
		return "", "", 0, ErrToken
	}
	number, ok := new(big.Int).SetString(token, 62)
	if !ok || number.Text(62) != token { // one ticket, one spelling
		return "", "", 0, ErrToken
	}
	payload := number.Bytes()
	if len(payload) == 0 || payload[0] != format {
		return "", "", 0, ErrToken
	}
	return r.verify(payload[1:], purpose)
}

// QRCode is what a ticket's QR code holds: it checks the ticket in and opens
// nothing. Capital letters and digits only, which QR codes pack tightly and
// scanners that pretend to be keyboards type alike on every layout.
func (r *Keyring) QRCode(office, ticket string) string {
	key := &r.keys[0]
	return qrPrefix + unpadded32().EncodeToString(signed(key, key.codes, office, ticket, 0))
}

// ParseQR returns the ticket of a QR code, or ErrToken. Letter case and white
// space around do not matter.
func (r *Keyring) ParseQR(text string) (office, ticket string, err error) {
	text = strings.ToUpper(strings.TrimSpace(text))
	body, ok := strings.CutPrefix(text, qrPrefix)
	if !ok || len(text) > tokenLimit {
		return "", "", ErrToken
	}
	payload, err := unpadded32().DecodeString(body)
	if err != nil || unpadded32().EncodeToString(payload) != body {
		return "", "", ErrToken
	}
	office, ticket, _, err = r.verify(payload, func(k *subkeys) []byte { return k.codes })
	return office, ticket, err
}

// signed is: key id, generation, length of the office id, office id, ticket id,
// and the first 128 bits of the HMAC over all of that.
func signed(key *subkeys, purpose []byte, office, ticket string, generation int) []byte {
	payload := append([]byte(nil), key.id[:]...)
	payload = binary.AppendUvarint(payload, uint64(generation))
	payload = binary.AppendUvarint(payload, uint64(len(office)))
	payload = append(payload, office...)
	payload = append(payload, ticket...)
	return append(payload, sum(purpose, string(payload))[:macSize]...)
}

// verify checks the HMAC in constant time before it believes any other byte.
func (r *Keyring) verify(payload []byte, purpose func(*subkeys) []byte) (office, ticket string, generation int, err error) {
	if len(payload) < keyIDSize+macSize {
		return "", "", 0, ErrToken
	}
	body, mac := payload[:len(payload)-macSize], payload[len(payload)-macSize:]
	key := r.find(keyID(body[:keyIDSize]))
	if key == nil || !hmac.Equal(mac, sum(purpose(key), string(body))[:macSize]) {
		return "", "", 0, ErrToken
	}
	rest := body[keyIDSize:]
	count, n := binary.Uvarint(rest)
	if n <= 0 {
		return "", "", 0, ErrToken
	}
	rest = rest[n:]
	size, n := binary.Uvarint(rest)
	if n <= 0 || size > uint64(len(rest)-n) {
		return "", "", 0, ErrToken
	}
	rest = rest[n:]
	return string(rest[:size]), string(rest[size:]), int(count), nil
}

func letterOrDigit(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

func unpadded32() *base32.Encoding { return base32.StdEncoding.WithPadding(base32.NoPadding) }
