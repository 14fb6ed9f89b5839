// Package vault keeps what is about people out of the logs: sealed personal
// records, claims that one identity books once, and the ids, tokens and codes
// that are derived from a key instead of stored.
package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrSealed says that a record does not open: it was changed, moved from
// another key of the store, or sealed with a vault key that is not in the ring.
var ErrSealed = errors.New("the record does not open with this vault key")

const (
	keyIDSize  = 4
	sealFormat = 1 // first byte of a sealed record: format 1, key id, nonce, ciphertext, tag
)

// keyID names a key without telling anything about it.
type keyID [keyIDSize]byte

// subkeys are one key's independent children, one a purpose, so that nothing
// made for one purpose is ever valid for another.
type subkeys struct {
	id       keyID
	seal     cipher.AEAD
	claims   []byte
	tickets  []byte
	tokens   []byte
	shows    []byte
	codes    []byte
	requests []byte
}

// Keyring seals, opens, and derives. The first key makes, all of them check. It
// is safe for concurrent use.
//
// Nodes of one store must share the first key: ids and idempotency keys are
// derived with it. Changing it makes a retry that crosses the change a new
// request, so it is done while nobody books.
type Keyring struct {
	keys []subkeys
}

// NewKeyring makes a ring of at least one key; the first seals.
func NewKeyring(keys ...Key) (*Keyring, error) {
	if len(keys) == 0 {
		return nil, errors.New("no vault key is given")
	}
	ring := &Keyring{}
	for i, key := range keys {
		derived, err := derive(key)
		if err != nil {
			return nil, fmt.Errorf("derive from vault key %d: %w", i+1, err)
		}
		if ring.find(derived.id) != nil {
			return nil, fmt.Errorf("vault key %d is in the ring twice", i+1)
		}
		ring.keys = append(ring.keys, derived)
	}
	return ring, nil
}

// Seal encrypts plain (AES-256-GCM) for the record of that name: under any
// other name it does not open.
func (r *Keyring) Seal(record string, plain []byte) []byte {
	key := &r.keys[0]
	header := append([]byte{sealFormat}, key.id[:]...)
	return key.seal.Seal(header, nil, plain, boundTo(header, record))
}

// Open decrypts what Seal made under the same record name, by any key of the
// ring, or returns ErrSealed.
func (r *Keyring) Open(record string, sealed []byte) ([]byte, error) {
	if len(sealed) < 1+keyIDSize || sealed[0] != sealFormat {
		return nil, ErrSealed
	}
	header, body := sealed[:1+keyIDSize], sealed[1+keyIDSize:]
	key := r.find(keyID(header[1:]))
	if key == nil {
		return nil, ErrSealed
	}
	plain, err := key.seal.Open(nil, nil, body, boundTo(header, record))
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}

// Current says whether sealed was made with the ring's first key. What outlives
// a key is sealed anew while both are in the ring.
func (r *Keyring) Current(sealed []byte) bool {
	return len(sealed) > keyIDSize && keyID(sealed[1:1+keyIDSize]) == r.keys[0].id
}

func (r *Keyring) find(id keyID) *subkeys {
	for i := range r.keys {
		if r.keys[i].id == id {
			return &r.keys[i]
		}
	}
	return nil
}

func boundTo(header []byte, record string) []byte {
	return append(append(make([]byte, 0, len(header)+len(record)), header...), record...)
}

// derive makes a key's children by HKDF (RFC 5869) with SHA-256. The purposes
// are part of the stored formats: a changed word loses what was made with it.
func derive(key Key) (subkeys, error) {
	root, err := hkdf.Extract(sha256.New, key[:], nil)
	if err != nil {
		return subkeys{}, err
	}
	child := func(purpose string, size int) []byte {
		out, expandErr := hkdf.Expand(sha256.New, root, "antrean "+purpose, size)
		if expandErr != nil && err == nil {
			err = expandErr
		}
		return out
	}
	derived := subkeys{
		claims:   child("claims", KeySize),
		tickets:  child("tickets", KeySize),
		tokens:   child("tokens", KeySize),
		shows:    child("shows", KeySize),
		codes:    child("codes", KeySize),
		requests: child("requests", KeySize),
	}
	copy(derived.id[:], child("id", keyIDSize))
	sealing := child("sealing", KeySize)
	if err != nil {
		return subkeys{}, err
	}
	block, err := aes.NewCipher(sealing)
	if err != nil {
		return subkeys{}, err
	}
	derived.seal, err = cipher.NewGCMWithRandomNonce(block)
	return derived, err
}

// sum is HMAC-SHA-256 over the parts, each with its length before it, so that
// ("ab", "c") and ("a", "bc") differ.
func sum(key []byte, parts ...string) []byte {
	h := hmac.New(sha256.New, key)
	var size [8]byte
	for _, part := range parts {
		binary.BigEndian.PutUint64(size[:], uint64(len(part)))
		h.Write(size[:])
		h.Write([]byte(part))
	}
	return h.Sum(nil)
}
