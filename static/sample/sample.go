// Package sample holds every state of every page with made-up people, for
// tests and for looking at the pages while they are drawn.
package sample

import (
	"fmt"
	"time"

	"antrean/static"
)

// Page is one page in one state.
type Page struct {
	Name     string // "ticket-called"
	Template string // "ticket"
	Data     any
}

var bandung = time.FixedZone("WIB", 7*3600)

// at is a moment of the sampled day, Tuesday 24 November 2026.
func at(hour, minute int) time.Time {
	return time.Date(2026, 11, 24, hour, minute, 0, 0, bandung)
}

func ptr[T any](v T) *T { return &v }

func page(path string) static.Page {
	return static.Page{Languages: []string{"id", "en"}, Path: path, Speed: 1}
}

func live(url string, now time.Time) static.Live {
	return static.Live{URL: url, Epoch: "e1", Version: 120, At: now, Confirmed: now}
}

var (
	berkas    = static.Text{"id": "Pemeriksaan berkas", "en": "Document check"}
	wawancara = static.Text{"id": "Wawancara dan foto", "en": "Interview and photo"}
	baru      = static.Text{"id": "Paspor baru", "en": "New passport"}
	ganti     = static.Text{"id": "Penggantian paspor", "en": "Renewal"}
)

// All returns every sampled page.
func All() []Page {
	var all []Page
	all = append(all, displays()...)
	all = append(all, tickets()...)
	all = append(all, countersPages()...)
	all = append(all, papers()...)
	all = append(all, kiosks()...)
	all = append(all, desks()...)
	return all
}

func display(name string, change func(*static.DisplayPage)) Page {
	now := at(9, 42)
	p := static.DisplayPage{
		Page: page("/display/bandung"),
		Live: live("/live/offices/bandung/display", now),
		View: static.DisplayView{
			Office: "bandung", OfficeName: "Kantor Imigrasi Kelas I Bandung", Timezone: "Asia/Jakarta",
			Open: true, Phase: "open",
			Calls: []static.Call{
				call(4, "A-012", "3", now.Add(-20*time.Second)),
				call(3, "B-007", "5", now.Add(-80*time.Second)),
				call(2, "A-011", "1", now.Add(-3*time.Minute)),
				call(1, "A-009", "10", now.Add(-4*time.Minute)),
			},
			Counters: counters(10),
			Next:     []string{"A-013", "B-008", "A-014"},
			Services: []static.Service{{ID: "paspor-baru", Prefix: "A", Name: baru}, {ID: "penggantian", Prefix: "B", Name: ganti}},
			Waiting:  map[string]int{"paspor-baru": 14, "penggantian": 6},
			Wait:     map[string]static.Wait{"paspor-baru": {P10: 720, P50: 900, P90: 1200}, "penggantian": {P10: 900, P50: 900, P90: 900}},
			Standby:  []string{},
			Offered:  []string{},
			Notices:  []static.Text{{"id": "Siapkan e-KTP dan KK asli.", "en": "Please have your original e-KTP and KK ready."}},
		},
	}
	if change != nil {
		change(&p)
	}
	return Page{"display-" + name, "display", p}
}

func call(n int, number, counter string, when time.Time) static.Call {
	return static.Call{
		ID: fmt.Sprintf("c%d", n), Number: number, Counter: counter, CounterName: "Loket " + counter,
		Spoken: "loket " + counter, At: when, Times: 1,
	}
}

func counters(n int) []static.DisplayCounter {
	list := make([]static.DisplayCounter, n)
	for i := range list {
		list[i] = static.DisplayCounter{ID: fmt.Sprint(i + 1), Name: fmt.Sprintf("Loket %d", i+1), State: "open", Number: fmt.Sprintf("A-%03d", 9+i)}
		switch i % 7 {
		case 3:
			list[i].State, list[i].Number = "closed", ""
		case 5:
			list[i].State, list[i].Number = "paused", ""
		case 6:
			list[i].Number = "PB-1012"
		}
	}
	return list
}

func displays() []Page {
	empty := func(p *static.DisplayPage) {
		p.View.Calls = []static.Call{}
		p.View.Waiting = map[string]int{"paspor-baru": 0, "penggantian": 0}
		p.View.Wait = map[string]static.Wait{}
	}
	return []Page{
		display("open", nil),
		display("code", func(p *static.DisplayPage) { p.View.PlaceCode = "4821" }),
		display("past", func(p *static.DisplayPage) {
			p.View.Calls = p.View.Calls[2:]
		}),
		display("simulated", func(p *static.DisplayPage) { p.Speed = 60 }),
		display("empty", empty),
		display("first", func(p *static.DisplayPage) { p.View.Calls = []static.Call{} }),
		display("before", func(p *static.DisplayPage) {
			empty(p)
			p.Live.At = at(7, 10)
			p.View.Open, p.View.Phase, p.View.Opens = false, "before", ptr(at(7, 30))
		}),
		display("break", func(p *static.DisplayPage) {
			p.Live.At = at(12, 10)
			p.View.Open, p.View.Phase, p.View.Opens = false, "break", ptr(at(13, 0))
		}),
		display("closed", func(p *static.DisplayPage) {
			p.Live.At = at(16, 5)
			p.View.Open, p.View.Phase, p.View.Opens = false, "closed", ptr(at(24+7, 30))
		}),
		display("ended", func(p *static.DisplayPage) {
			empty(p)
			p.Live.At = at(17, 5)
			p.View.Open, p.View.Phase = false, "ended"
		}),
		display("suspended", func(p *static.DisplayPage) {
			p.Live.At = at(9, 50)
			p.View.Suspended = true
			p.View.Suspension = &static.Suspension{Reason: "Sambungan ke pusat data nasional sedang terganggu.", Until: ptr(at(10, 30))}
		}),
		display("offered", func(p *static.DisplayPage) {
			p.View.Offered = []string{"A-271", "B-090"}
			p.View.Standby = []string{"A-271", "B-090", "A-280"}
		}),
		display("offered-many", func(p *static.DisplayPage) {
			p.View.Offered = []string{"PB-1271", "PB-1090", "PB-1007", "PB-1008", "PB-1011", "PB-1012", "PB-1013", "PB-1014"}
			p.View.Standby = p.View.Offered
		}),
		display("muted", func(p *static.DisplayPage) { p.View.Muted = ptr(at(10, 5)); p.View.PlaceCode = "4821" }),
		display("two", func(p *static.DisplayPage) { p.View.Counters = counters(2) }),
		display("40", func(p *static.DisplayPage) {
			p.View.Counters = counters(40)
			p.View.Next = []string{"PB-1013", "PB-1014", "PB-1015", "A-013", "B-008", "A-014"}
			p.View.Standby = []string{"PB-1271", "PB-1090", "PB-1007", "PB-1008", "PB-1011"}
		}),
		display("unmeasured", func(p *static.DisplayPage) {
			p.View.Wait["paspor-baru"] = static.Wait{P10: 4800, P50: 4800, P90: 4800}
		}),
		display("beside", func(p *static.DisplayPage) { p.Pictures = []string{"/sample-qr.svg"} }),
		display("withdrawn", func(p *static.DisplayPage) { p.View.Calls[0].Withdrawn = true }),
		display("long", func(p *static.DisplayPage) {
			p.View.OfficeName = "Unit Layanan Paspor Kantor Imigrasi Kelas I Khusus TPI Soekarno-Hatta Bandung Timur"
			p.View.Counters = counters(40)
			p.View.Calls[0].Number, p.View.Calls[0].CounterName = "PB-1012", "Ruang foto dan sidik jari"
			p.View.Calls[1].CounterName = "Loket 40"
			p.View.Calls[2].Number, p.View.Calls[2].CounterName = "PB-1009", "Ruang Wawancara 12"
			p.View.Services = append(p.View.Services,
				static.Service{ID: "anak", Prefix: "C", Name: static.Text{"id": "Paspor anak di bawah tujuh belas tahun"}},
				static.Service{ID: "ambil", Prefix: "D", Name: static.Text{"id": "Pengambilan"}})
			p.View.Waiting["anak"], p.View.Waiting["ambil"] = 112, 3
			p.View.Wait["anak"] = static.Wait{P10: 5400, P50: 6000, P90: 7200}
		}),
	}
}
