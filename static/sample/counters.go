package sample

import (
	"fmt"
	"time"

	"antrean/static"
)

func counter(name string, change func(*static.CounterPage)) Page {
	now := at(9, 42)
	v := &static.CounterView{
		Office: "bandung", OfficeName: "Kantor Imigrasi Kelas I Bandung", Timezone: "Asia/Jakarta",
		ID: "3", Name: "Loket 3", State: "open", Officer: "sari", Open: true,
		Stages: []static.Stage{{ID: "berkas", Name: berkas}},
		Current: &static.CounterCurrent{
			Ticket: "t1", Number: "A-012", Name: "Dewi Kartika Sari", State: "serving",
			Service: "paspor-baru", ServiceName: baru, Stage: "berkas", StageName: berkas, Lane: "appointment",
			Since: now.Add(-258 * time.Second), Times: 1, Why: "appointment",
			Slot: &static.Slot{Start: at(9, 0), End: at(10, 0)}, Arrived: ptr(at(8, 51)),
			Party:     []string{},
			Transfers: []static.Transfer{{Stage: "wawancara", Name: wawancara, Next: true}},
		},
		Waiting: []static.CounterTicket{
			waiting("B-008", "priority", 3), waiting("A-013", "appointment", 11), waiting("A-014", "appointment", 10),
			waiting("A-016", "appointment", 8), waiting("B-009", "walkin", 24), waiting("A-021", "walkin", 19),
		},
		Parked: []static.CounterTicket{},
		Today:  static.CounterToday{Served: 17, AverageSeconds: 400},
		Undo:   &static.Undo{What: "next", Until: now.Add(time.Hour)},
	}
	p := static.CounterPage{
		Page: page("/counter"), User: "sari", Office: "bandung", View: v,
		Live: live("/live/offices/bandung/counters/3", now),
	}
	if change != nil {
		change(&p)
	}
	return Page{"counter-" + name, "counter", p}
}

func waiting(number, lane string, minutes int) static.CounterTicket {
	return static.CounterTicket{
		Ticket: number, Number: number, Lane: lane, Service: "paspor-baru", Stage: "berkas",
		Since: at(9, 42).Add(-time.Duration(minutes) * time.Minute),
	}
}

func countersPages() []Page {
	nobody := func(p *static.CounterPage) { p.View.Current = nil }
	choose := func(n int) func(*static.CounterPage) {
		return func(p *static.CounterPage) {
			p.View, p.Live = nil, static.Live{}
			office := static.CounterOffice{ID: "bandung", Name: "Kantor Imigrasi Kelas I Bandung"}
			for i := range n {
				c := static.CounterChoice{ID: fmt.Sprint(i + 1), Name: fmt.Sprintf("Loket %d", i+1), State: "closed", Stages: []static.Text{berkas}}
				switch i {
				case 1:
					c.State, c.Officer = "open", "budi"
				case 2:
					c.State, c.Officer, c.Mine = "open", "sari", true
				case 3:
					c.State, c.Officer, c.Stages = "paused", "tuti", []static.Text{berkas, wawancara}
				}
				office.Counters = append(office.Counters, c)
			}
			p.Offices = []static.CounterOffice{office}
		}
	}
	return []Page{
		counter("serving", nil),
		counter("called", func(p *static.CounterPage) {
			p.View.Current.State = "called"
			p.View.Current.Since = at(9, 42).Add(-22 * time.Second)
			p.View.Current.Confirmed = true
		}),
		counter("called-again", func(p *static.CounterPage) {
			p.View.Current.State, p.View.Current.Times = "called", 2
			p.View.Current.Number, p.View.Current.Name = "PB-1012", ""
			p.View.Current.Party = []string{"PB-1012", "PB-1013", "PB-1014"}
			p.View.Current.Slot, p.View.Current.Why = nil, "ceiling"
			p.View.Current.ServiceName = static.Text{"id": "Penggantian paspor karena rusak, hilang atau habis masa berlaku"}
		}),
		counter("idle", nobody),
		counter("busy-hall", func(p *static.CounterPage) {
			for i := range 40 {
				p.View.Waiting = append(p.View.Waiting, waiting(fmt.Sprintf("A-%03d", 30+i), []string{"priority", "appointment", "walkin"}[i%3], 90-i))
			}
			p.View.Parked = []static.CounterTicket{waiting("A-003", "walkin", 31), waiting("B-002", "appointment", 12)}
			p.View.Current.Transfers = append(p.View.Current.Transfers, static.Transfer{Stage: "bayar", Name: static.Text{"id": "Pembayaran"}})
		}),
		counter("help", func(p *static.CounterPage) {
			p.View.Current.State, p.View.Current.Help = "called", true
			for i := range 12 {
				p.View.Waiting = append(p.View.Waiting, waiting(fmt.Sprintf("A-%03d", 30+i), "walkin", 18-i))
			}
			p.View.Waiting[1].Help, p.View.Waiting[17].Help = true, true
			p.View.Parked = []static.CounterTicket{waiting("PB-1003", "walkin", 31)}
			p.View.Parked[0].Help = true
		}),
		counter("empty", func(p *static.CounterPage) {
			nobody(p)
			p.View.Waiting, p.View.Undo, p.View.Today = []static.CounterTicket{}, nil, static.CounterToday{}
		}),
		counter("paused", func(p *static.CounterPage) { nobody(p); p.View.State = "paused" }),
		counter("closed", func(p *static.CounterPage) { nobody(p); p.View.State, p.View.Officer = "closed", "" }),
		counter("taken", func(p *static.CounterPage) { p.View.Officer = "budi" }),
		counter("suspended", func(p *static.CounterPage) { p.View.Suspended = true }),
		counter("choose", choose(4)),
		counter("choose-other", func(p *static.CounterPage) {
			v, l := p.View, p.Live
			choose(4)(p)
			p.View, p.Live, p.Path = v, l, "/counter?choose=1"
		}),
		counter("choose-40", choose(40)),
		counter("choose-none", func(p *static.CounterPage) { p.View, p.Live = nil, static.Live{} }),
	}
}
