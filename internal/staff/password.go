package staff

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"
)

// cost is how expensive a guess is. Stronger parameters in a later release
// strengthen an account the next time its owner logs in.
type cost struct {
	memory  uint32 // KiB
	time    uint32 // passes
	threads uint8
}

const (
	saltSize = 16 // bytes
	hashSize = 32
	// A PHC string that asks for more than these is damaged.
	memoryLimit = 1 << 20 // KiB
	timeLimit   = 64

	// waitingLimit and waitLimit bound the line before the hasher: who comes
	// after that is told so at once and does not hold a connection.
	waitingLimit = 128
	waitLimit    = 10 * time.Second
)

// hasher hashes passwords with argon2id (RFC 9106), a few at a time: a morning
// when everybody logs in must not take the processor or the memory from those
// who press Next.
type hasher struct {
	cost    cost
	slots   chan struct{}
	waiting atomic.Int64
	decoy   string
}

// newHasher uses OWASP's parameters (Password Storage Cheat Sheet: 19 MiB, two
// passes, one thread) and at most half of the processors.
func newHasher() *hasher {
	h := &hasher{
		cost:  cost{memory: 19 * 1024, time: 2, threads: 1},
		slots: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2)),
	}
	h.decoy = h.newDecoy()
	return h
}

// newDecoy is a hash that no password has. Unknown names are checked against it,
// so that they take as long as known ones.
func (h *hasher) newDecoy() string {
	var salt [saltSize]byte
	var hash [hashSize]byte
	rand.Read(salt[:])
	rand.Read(hash[:])
	return phc(h.cost, salt[:], hash[:])
}

// hash returns the PHC string of a password or PIN, or ErrBusy.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	if err := h.acquire(ctx); err != nil {
		return "", err
	}
	defer h.release()
	var salt [saltSize]byte
	rand.Read(salt[:])
	return phc(h.cost, salt[:], h.cost.key(password, salt[:], hashSize)), nil
}

// verify says whether the password is that of the PHC string, and whether the
// string was made with other parameters than today's. It returns ErrBusy when
// too many are waiting.
func (h *hasher) verify(ctx context.Context, stored, password string) (match, stale bool, err error) {
	made, salt, hash, err := parsePHC(stored)
	if err != nil {
		return false, false, err
	}
	if err := h.acquire(ctx); err != nil {
		return false, false, err
	}
	defer h.release()
	got := made.key(password, salt, uint32(len(hash)))
	return subtle.ConstantTimeCompare(got, hash) == 1, made != h.cost, nil
}

func (h *hasher) acquire(ctx context.Context) error {
	if h.waiting.Add(1) > waitingLimit {
		h.waiting.Add(-1)
		return ErrBusy
	}
	defer h.waiting.Add(-1)
	patience := time.NewTimer(waitLimit)
	defer patience.Stop()
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-patience.C:
		return ErrBusy
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *hasher) release() { <-h.slots }

func (c cost) key(password string, salt []byte, size uint32) []byte {
	return argon2.IDKey([]byte(password), salt, c.time, c.memory, c.threads, size)
}

// phc writes a hash as the PHC string format says:
// $argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>
func phc(c cost, salt, hash []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, c.memory, c.time, c.threads, b64.EncodeToString(salt), b64.EncodeToString(hash))
}

func parsePHC(text string) (c cost, salt, hash []byte, err error) {
	damaged := errors.New("the stored password hash is damaged")
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return cost{}, nil, nil, damaged
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.time, &c.threads); n != 3 || err != nil {
		return cost{}, nil, nil, damaged
	}
	b64 := base64.RawStdEncoding.Strict()
	salt, saltErr := b64.DecodeString(parts[4])
	hash, hashErr := b64.DecodeString(parts[5])
	if saltErr != nil || hashErr != nil || len(salt) < 8 || len(hash) < 16 || len(hash) > 64 ||
		c.memory > memoryLimit || c.time < 1 || c.time > timeLimit || c.threads < 1 || phc(c, salt, hash) != text {
		return cost{}, nil, nil, damaged
	}
	return c, salt, hash, nil
}
