// Package pushtest is a push service for tests (RFC 8030): it takes messages,
// decrypts them with the browser's keys (RFC 8291, written anew here so that
// the sender's library is not checked by itself) and checks who sent them
// (VAPID, RFC 8292).
package pushtest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"antrean/internal/vault"
)

// Push is one message as the browser would get it.
type Push struct {
	Browser string // its name
	Payload []byte
	TTL     time.Duration
	Urgency string
	Topic   string
	Subject string // of the VAPID token
	At      time.Time
}

// Service is a running push service.
type Service struct {
	server *httptest.Server
	key    string // the VAPID key that all must be sent with; "" for any

	mu       sync.Mutex
	browsers map[string]*browser
	taken    []Push
	faults   []error
	more     chan struct{}
	answer   func(browser string) (status int, header http.Header)
}

type browser struct {
	key  *ecdh.PrivateKey
	auth []byte
}

// New starts a service that takes messages sent with that VAPID key. Close it.
func New(key string) *Service {
	s := &Service{key: key, browsers: map[string]*browser{}, more: make(chan struct{})}
	s.server = httptest.NewServer(http.HandlerFunc(s.take))
	return s
}

// Close ends the service.
func (s *Service) Close() { s.server.Close() }

// Answer makes the service answer otherwise than 201; status 0 is as usual.
func (s *Service) Answer(how func(browser string) (status int, header http.Header)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = how
}

// Subscribe is what a browser of that name gets.
func (s *Service) Subscribe(name string) (vault.Subscription, error) {
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return vault.Subscription{}, err
	}
	b := &browser{key: key, auth: make([]byte, 16)}
	rand.Read(b.auth)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.browsers[name] = b
	return vault.Subscription{
		Endpoint: s.server.URL + "/push/" + name,
		P256dh:   base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes()),
		Auth:     base64.RawURLEncoding.EncodeToString(b.auth),
	}, nil
}

// Taken are the messages so far, a channel that closes with the next, and what
// was wrong with any.
func (s *Service) Taken() ([]Push, <-chan struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Push(nil), s.taken...), s.more, errors.Join(s.faults...)
}

func (s *Service) take(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/push/")
	s.mu.Lock()
	b, answer := s.browsers[name], s.answer
	s.mu.Unlock()
	if b == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if answer != nil {
		if status, header := answer(name); status != 0 {
			for k, v := range header {
				w.Header()[k] = v
			}
			w.WriteHeader(status)
			return
		}
	}
	p, err := s.open(r, b)
	p.Browser = name
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.faults = append(s.faults, fmt.Errorf("to %s: %w", name, err))
		w.WriteHeader(http.StatusBadRequest)
	} else {
		s.taken = append(s.taken, p)
		w.Header().Set("Location", s.server.URL+"/message/"+strconv.Itoa(len(s.taken)))
		w.WriteHeader(http.StatusCreated)
	}
	close(s.more)
	s.more = make(chan struct{})
}

var topic = regexp.MustCompile(`^[A-Za-z0-9_-]{0,32}$`)

func (s *Service) open(r *http.Request, b *browser) (p Push, err error) {
	if r.Method != http.MethodPost || r.Header.Get("Content-Encoding") != "aes128gcm" {
		return p, fmt.Errorf("%s with encoding %q", r.Method, r.Header.Get("Content-Encoding"))
	}
	ttl, err := strconv.Atoi(r.Header.Get("TTL"))
	if err != nil || ttl < 0 {
		return p, fmt.Errorf("TTL %q", r.Header.Get("TTL"))
	}
	p = Push{TTL: time.Duration(ttl) * time.Second, Urgency: r.Header.Get("Urgency"), Topic: r.Header.Get("Topic"), At: time.Now()}
	if !topic.MatchString(p.Topic) {
		return p, fmt.Errorf("topic %q", p.Topic)
	}
	if p.Subject, err = s.sender(r); err != nil {
		return p, err
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 4097))
	if err != nil || len(body) > 4096 {
		return p, fmt.Errorf("a body of %d bytes, %w", len(body), err)
	}
	p.Payload, err = decrypt(body, b)
	return p, err
}

// sender checks the VAPID token and returns its subject.
func (s *Service) sender(r *http.Request) (string, error) {
	var token, key string
	for part := range strings.SplitSeq(strings.TrimPrefix(r.Header.Get("Authorization"), "vapid "), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "t":
			token = value
		case "k":
			key = value
		}
	}
	if s.key != "" && key != s.key {
		return "", fmt.Errorf("sent with the key %q", key)
	}
	raw, err := base64.RawURLEncoding.DecodeString(key)
	if err != nil {
		return "", fmt.Errorf("key %q: %w", key, err)
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), raw)
	if err != nil {
		return "", fmt.Errorf("key %q: %w", key, err)
	}
	var claims jwt.RegisteredClaims
	_, err = jwt.ParseWithClaims(token, &claims, func(*jwt.Token) (any, error) { return public, nil },
		jwt.WithValidMethods([]string{"ES256"}), jwt.WithAudience(s.server.URL), jwt.WithExpirationRequired())
	if err != nil {
		return "", fmt.Errorf("VAPID: %w", err)
	}
	if time.Until(claims.ExpiresAt.Time) > 24*time.Hour {
		return "", errors.New("VAPID: valid for more than a day")
	}
	if !strings.HasPrefix(claims.Subject, "mailto:") && !strings.HasPrefix(claims.Subject, "https:") {
		return "", fmt.Errorf("VAPID: subject %q", claims.Subject)
	}
	return claims.Subject, nil
}

// decrypt opens a message of one record (RFC 8188, RFC 8291).
func decrypt(body []byte, b *browser) ([]byte, error) {
	if len(body) < 86 || body[20] != 65 {
		return nil, fmt.Errorf("a body of %d bytes has no header", len(body))
	}
	salt, size, from, sealed := body[:16], binary.BigEndian.Uint32(body[16:20]), body[21:86], body[86:]
	if int(size) < len(sealed) {
		return nil, fmt.Errorf("a record of %d bytes, %d were named", len(sealed), size)
	}
	sender, err := ecdh.P256().NewPublicKey(from)
	if err != nil {
		return nil, err
	}
	shared, err := b.key.ECDH(sender)
	if err != nil {
		return nil, err
	}
	info := "WebPush: info\x00" + string(b.key.PublicKey().Bytes()) + string(from)
	secret, err := hkdf.Key(sha256.New, shared, b.auth, info, 32)
	if err != nil {
		return nil, err
	}
	key, err := hkdf.Key(sha256.New, secret, salt, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, err
	}
	nonce, err := hkdf.Key(sha256.New, secret, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	plain, err := gcm.Open(nil, nonce, sealed, nil)
	if err != nil {
		return nil, err
	}
	text := strings.TrimRight(string(plain), "\x00")
	if !strings.HasSuffix(text, "\x02") {
		return nil, errors.New("the record has no end")
	}
	return []byte(strings.TrimSuffix(text, "\x02")), nil
}
