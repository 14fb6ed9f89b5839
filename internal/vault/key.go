package vault

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// KeySize is the length of a key, in bytes.
const KeySize = 32

// Key is the material that everything secret is derived from. It prints as a
// placeholder, so that it cannot slip into a log.
type Key [KeySize]byte

// NewKey returns a random key.
func NewKey() Key {
	var k Key
	rand.Read(k[:])
	return k
}

// String hides the key.
func (Key) String() string { return "[key]" }

// GoString hides the key.
func (Key) GoString() string { return "[key]" }

// LogValue hides the key.
func (Key) LogValue() slog.Value { return slog.StringValue("[key]") }

// ParseKey reads one key: 64 hexadecimal digits, or 32 bytes in base64 (either
// alphabet, with or without padding). Its errors never quote the text.
func ParseKey(text string) (Key, error) {
	var k Key
	text = strings.TrimSpace(text)
	if raw, err := hex.DecodeString(text); err == nil && len(raw) == KeySize {
		copy(k[:], raw)
		return k, weak(k)
	}
	unpadded := strings.TrimRight(text, "=")
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if raw, err := encoding.Strict().DecodeString(unpadded); err == nil && len(raw) == KeySize {
			copy(k[:], raw)
			return k, weak(k)
		}
	}
	return Key{}, fmt.Errorf("a key is %d bytes, as %d hexadecimal digits or in base64", KeySize, 2*KeySize)
}

// weak refuses what a placeholder in a configuration file looks like.
func weak(k Key) error {
	for _, b := range k[1:] {
		if b != k[0] {
			return nil
		}
	}
	return errors.New("this key is one byte repeated: make a random one, for example with: openssl rand -hex 32")
}

// ParseKeyring reads one or several keys, separated by commas or white space.
// The first seals, all open: a new key goes in front, and the old one stays
// behind it until the longest booking horizon and retention have passed, for
// tokens, claims and personal records of before need it.
func ParseKeyring(text string) (*Keyring, error) {
	words := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\r' || r == '\t' })
	keys := make([]Key, 0, len(words))
	for i, word := range words {
		key, err := ParseKey(word)
		if err != nil {
			return nil, fmt.Errorf("key %d: %w", i+1, err)
		}
		keys = append(keys, key)
	}
	return NewKeyring(keys...)
}

// LoadOrCreateKeyFile reads the keyring in the file at path, or makes one with a
// random key there, readable by its owner only. Two processes that start at the
// same time agree on one key. A file that others can read is refused.
func LoadOrCreateKeyFile(path string) (*Keyring, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := createKeyFile(path); err != nil {
			return nil, fmt.Errorf("make the vault key %s: %w", path, err)
		}
		info, err = os.Stat(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the vault key: %w", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("the vault key %s can be read by others (mode %04o): chmod 600 %s", path, info.Mode().Perm(), path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the vault key: %w", err)
	}
	ring, err := ParseKeyring(string(text))
	if err != nil {
		return nil, fmt.Errorf("the vault key %s: %w", path, err)
	}
	return ring, nil
}

// createKeyFile writes the whole file under another name first and then links
// it: nobody ever reads half a key, and a file that is there already wins.
func createKeyFile(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	draft, err := os.CreateTemp(dir, ".vault-key-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	key := NewKey()
	_, err = fmt.Fprintln(draft, hex.EncodeToString(key[:]))
	if err == nil {
		err = draft.Sync()
	}
	if closeErr := draft.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	if err := os.Link(draft.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(dir)
}

// syncDir makes a new name in the directory survive a power cut: a key that
// vanishes takes everything sealed with it along.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" { // directories cannot be synced there
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
