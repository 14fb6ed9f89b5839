package static

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFormatsAsPeopleWriteThem(t *testing.T) {
	c := words(t)
	id, en := formatter{"id", c}, formatter{"en", c}
	when := time.Date(2026, 11, 24, 9, 5, 0, 0, time.FixedZone("WIB", 7*3600))
	got := []string{
		id.clock(when), en.clock(when), id.day(when), en.day(when),
		id.rupiah(0), id.rupiah(950), id.rupiah(350000), id.rupiah(1650000), en.rupiah(350000),
	}
	want := []string{
		"09.05", "09:05", "Selasa 24 Nov", "Tue 24 Nov",
		"Rp0", "Rp950", "Rp350.000", "Rp1.650.000", "Rp350,000",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAnIntervalNeverPromisesMoreThanWasPredicted(t *testing.T) {
	f := formatter{"id", words(t)}
	at := time.Date(2026, 11, 24, 9, 42, 0, 0, time.UTC)
	for _, test := range []struct {
		name string
		wait Wait
		want string
	}{
		{"rounded outwards", Wait{P10: 779, P50: 900, P90: 1141}, "12–20 menit"},
		{"not calibrated", Wait{P10: 900, P50: 900, P90: 900}, "sekitar 15 menit"},
		{"not calibrated, and long", Wait{P10: 3900, P50: 3900, P90: 3900}, "sekitar 1 jam"},
		{"not calibrated, and longer", Wait{P10: 4500, P50: 4500, P90: 4500}, "sekitar 1,5 jam"},
		{"now", Wait{P10: 0, P50: 20, P90: 60}, "sebentar lagi"},
	} {
		i := f.interval(test.wait, at)
		if got := i.String(); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
		if i.X < 0 || i.X+i.Width > 100 {
			t.Errorf("%s: drawn from %v over %v", test.name, i.X, i.Width)
		}
	}
}

func TestTheHallIsToldOfAFewNumbersWithAnOffer(t *testing.T) {
	f := formatter{"id", words(t)}
	for want, numbers := range map[string][]string{
		"Tempat untuk daftar tunggu: A-271":                       {"A-271"},
		"Tempat untuk daftar tunggu: A-1, A-2, A-3, A-4, A-5":     {"A-1", "A-2", "A-3", "A-4", "A-5"},
		"Tempat untuk daftar tunggu: A-1, A-2, A-3, A-4, A-5, +3": {"A-1", "A-2", "A-3", "A-4", "A-5", "A-6", "A-7", "A-8"},
		"Siapkan e-KTP dan KK asli.":                              {},
	} {
		view := DisplayView{Offered: numbers, Notices: []Text{{"id": "Siapkan e-KTP dan KK asli."}}}
		if got := f.picture(view, time.Time{}).Notice; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
