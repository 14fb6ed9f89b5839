package staff

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/trustelem/zxcvbn/frequency"
)

// CheckPassword returns ErrPassword or ErrWeakPassword when an account of that
// name may not have the password. It follows NIST SP 800-63B: a length and a list
// of what everybody tries first, and no rules about letters.
func CheckPassword(name, password string) error {
	if !passwordShape(password) {
		return ErrPassword
	}
	password = strings.ToLower(password)
	core := strings.Trim(password, "0123456789 !.,@#$%&*-_?") // "Password123!" is "password"
	if len(core) < 4 && utf8.RuneCountInString(password) < 12 {
		return ErrWeakPassword // a date or a telephone number
	}
	for _, word := range append(ownWords(), strings.ToLower(name)) {
		if core == word {
			return ErrWeakPassword
		}
	}
	known := frequency.FrequencyLists["passwords"] // 30,000, of which 11,611 are long enough
	if slices.Contains(known, password) || slices.Contains(known, core) {
		return ErrWeakPassword
	}
	return nil
}

func passwordShape(password string) bool {
	n := utf8.RuneCountInString(password)
	return n >= 8 && n <= 256 && utf8.ValidString(password)
}

// ownWords are those that somebody who knows the place tries first.
func ownWords() []string {
	return []string{"antrean", "antrian", "imigrasi", "paspor", "passport", "kantor", "petugas", "loket", "administrator", "indonesia", "bandung", "rahasia", "katasandi", "kata sandi", "bismillah", "sayangku", "merdeka", "jakarta", "surabaya"}
}
