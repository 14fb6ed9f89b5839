package vault

import (
	"strconv"
	"time"
)

// A NIK (Nomor Induk Kependudukan) is 16 digits: province, regency and district
// (two each), birth date DDMMYY with 40 added to a woman's day, and a serial
// number from 0001. It has no check digit.
const nikDigits = 16

// nikFault says what makes a NIK impossible, or "".
func nikFault(nik string) string {
	if nik == "" {
		return "required"
	}
	if len(nik) != nikDigits {
		return "length"
	}
	for i := range nik {
		if nik[i] < '0' || nik[i] > '9' {
			return "length"
		}
	}
	if nik[0:2] < "11" || nik[2:4] == "00" || nik[4:6] == "00" { // the first province is 11, Aceh
		return "region"
	}
	day, month, year := nikDate(nik)
	// The two digits of the year leave the century open. A day exists in the
	// one if it exists in the other, but for 29 February of 1900.
	if date := time.Date(2000+year, time.Month(month), day, 0, 0, 0, 0, time.UTC); month < 1 || month > 12 || date.Day() != day {
		return "date"
	}
	if nik[12:16] == "0000" {
		return "serial"
	}
	return ""
}

// nikBorn says whether a NIK of possible shape tells that birth date.
func nikBorn(nik string, born time.Time) bool {
	day, month, year := nikDate(nik)
	return day == born.Day() && month == int(born.Month()) && year == born.Year()%100
}

func nikDate(nik string) (day, month, year int) {
	two := func(at int) int { n, _ := strconv.Atoi(nik[at : at+2]); return n }
	day, month, year = two(6), two(8), two(10)
	if day > 40 {
		day -= 40
	}
	return day, month, year
}
