package vault

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

func ringOf(t testing.TB, keys ...byte) *Keyring {
	t.Helper()
	material := make([]Key, len(keys))
	for i, k := range keys {
		material[i][0] = k
	}
	ring, err := NewKeyring(material...)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func TestASealedRecordOpensOnlyUnderItsOwnNameAndUnchanged(t *testing.T) {
	ring := ringOf(t, 1)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "record")
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		sealed := ring.Seal(name, plain)
		opened, err := ring.Open(name, sealed)
		if err != nil || string(opened) != string(plain) {
			t.Fatalf("Open = %x, %v; want %x", opened, err, plain)
		}
		if _, err := ring.Open(name+"x", sealed); !errors.Is(err, ErrSealed) {
			t.Fatalf("a record opens under another name: %v", err)
		}
		at := rapid.IntRange(0, len(sealed)-1).Draw(t, "at")
		changed := append([]byte(nil), sealed...)
		changed[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if _, err := ring.Open(name, changed); !errors.Is(err, ErrSealed) {
			t.Fatalf("a record changed at byte %d opens: %v", at, err)
		}
		if _, err := ring.Open(name, sealed[:at]); !errors.Is(err, ErrSealed) {
			t.Fatalf("a record cut at byte %d opens: %v", at, err)
		}
	})
}

func TestTheFirstKeySealsAndAllOpen(t *testing.T) {
	before, rotated, after := ringOf(t, 1), ringOf(t, 2, 1), ringOf(t, 2)
	old, fresh := before.Seal("a", []byte("x")), rotated.Seal("a", []byte("x"))
	for _, c := range []struct {
		name   string
		ring   *Keyring
		sealed []byte
		opens  bool
	}{
		{"old record, rotated ring", rotated, old, true},
		{"new record, rotated ring", rotated, fresh, true},
		{"new record, old key gone", after, fresh, true},
		{"old record, old key gone", after, old, false},
		{"new record, old ring", before, fresh, false},
	} {
		if _, err := c.ring.Open("a", c.sealed); (err == nil) != c.opens {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	token := before.Token("bandung", "abc", 0)
	if _, _, _, err := rotated.ParseToken(token); err != nil {
		t.Errorf("a token dies when a key is put in front: %v", err)
	}
	if _, _, _, err := after.ParseToken(token); err == nil {
		t.Error("a token outlives its key")
	}
}

func TestParseKeyTakesHexAndEveryBase64(t *testing.T) {
	var key Key
	for i := range key {
		key[i] = byte(255 - 5*i)
	}
	for _, text := range []string{
		hex.EncodeToString(key[:]),
		strings.ToUpper(hex.EncodeToString(key[:])),
		base64.StdEncoding.EncodeToString(key[:]),
		base64.RawStdEncoding.EncodeToString(key[:]),
		base64.URLEncoding.EncodeToString(key[:]),
		base64.RawURLEncoding.EncodeToString(key[:]) + "\n",
	} {
		if got, err := ParseKey(text); err != nil || got != key {
			t.Errorf("ParseKey(%q) = %x, %v", text, got[:], err)
		}
	}
	for _, text := range []string{"", "secret", hex.EncodeToString(key[:31]), hex.EncodeToString(key[:]) + "00", strings.Repeat("00", 32), strings.Repeat("A", 43)} {
		if _, err := ParseKey(text); err == nil {
			t.Errorf("ParseKey(%q) is taken", text)
		} else if text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("the error quotes the key: %v", err)
		}
	}
	if shown := fmt.Sprintf("%v %+v %#v %s", key, key, key, key); strings.Contains(shown, "255") || strings.Contains(shown, "ff") {
		t.Errorf("a key prints itself: %s", shown)
	}
	if _, err := ParseKeyring(strings.Repeat(hex.EncodeToString(key[:])+",", 2)); err == nil {
		t.Error("a ring holds a key twice")
	}
	if _, err := ParseKeyring(" \n"); err == nil {
		t.Error("a ring without a key")
	}
}

func TestTheKeyFileIsMadeOncePrivateAndReadAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "vault.key")
	var wg sync.WaitGroup
	rings := make([]*Keyring, 8)
	for i := range rings {
		wg.Go(func() {
			ring, err := LoadOrCreateKeyFile(path)
			if err != nil {
				t.Error(err)
			}
			rings[i] = ring
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	sealed := rings[0].Seal("a", nil)
	for i, ring := range rings {
		if _, err := ring.Open("a", sealed); err != nil {
			t.Errorf("start %d has another key", i)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if names, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(names) > 0 {
		t.Errorf("drafts are left: %v", names)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadOrCreateKeyFile(path); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a key that others can read is taken: %v", err)
	}
	if err := os.WriteFile(path, []byte("half a ke"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadOrCreateKeyFile(path); err == nil || strings.Contains(err.Error(), "half") {
		t.Errorf("a broken key file: %v", err)
	}
}

func FuzzParseKey(f *testing.F) {
	f.Add(strings.Repeat("0f", 32))
	f.Add("//////////////////////////////////////////8=")
	f.Fuzz(func(t *testing.T, text string) {
		key, err := ParseKey(text)
		if err != nil {
			return
		}
		if again, err := ParseKey(hex.EncodeToString(key[:])); err != nil || again != key {
			t.Fatalf("%q: %v", text, err)
		}
	})
}
