package vault

import "strings"

// codeLetters can be read out over a counter: no 0 and O, no 1 and I. There are
// 32 of them, so that a letter is five bits.
const codeLetters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

// Code is what a person reads out at the desk or types at the kiosk to be found
// and checked in: eight letters in two groups, "K7QF-3XZP". It opens nothing.
// Forty bits tell the tickets of one office apart (13,500 of them share none
// with a probability of 0.9999), not those of all, so look a code up in its
// office.
func (r *Keyring) Code(office, ticket string) string {
	return code(&r.keys[0], office, ticket)
}

// Codes are all codes that the ticket may have been given: one for each key of
// the ring, the present one first.
func (r *Keyring) Codes(office, ticket string) []string {
	codes := make([]string, len(r.keys))
	for i := range r.keys {
		codes[i] = code(&r.keys[i], office, ticket)
	}
	return codes
}

// NormalCode brings a code that somebody typed into the form that Code returns,
// whatever the letter case and the groups; false if it cannot be one.
func NormalCode(typed string) (string, bool) {
	letters := make([]byte, 0, 9)
	for _, r := range strings.ToUpper(typed) {
		switch {
		case r == ' ' || r == '-':
			continue
		case r > 0x7f || strings.IndexByte(codeLetters, byte(r)) < 0 || len(letters) == 9:
			return "", false
		}
		if len(letters) == 4 {
			letters = append(letters, '-')
		}
		letters = append(letters, byte(r))
	}
	return string(letters), len(letters) == 9
}

func code(key *subkeys, office, ticket string) string {
	mac := sum(key.codes, "code", office, ticket)
	var bits uint64
	for _, b := range mac[:5] {
		bits = bits<<8 | uint64(b)
	}
	letters := make([]byte, 0, 9)
	for shift := 35; shift >= 0; shift -= 5 {
		if len(letters) == 4 {
			letters = append(letters, '-')
		}
		letters = append(letters, codeLetters[bits>>shift&31])
	}
	return string(letters)
}
