package sample

import (
	"time"

	"antrean/static"
)

// qr stands for the QR that the server draws.
const qr = "/sample-qr.svg"

func ticket(name string, change func(*static.TicketPage)) Page {
	now := at(9, 42)
	p := static.TicketPage{
		Page:   page("/t"),
		Live:   live("/live/tickets/self", now),
		Office: "bandung", Name: "Kantor Imigrasi Kelas I Bandung", Address: "Jl. Surapati No. 82, Bandung",
		Timezone: "Asia/Jakarta", Code: "K7M4-Q2XD", QR: qr, Calendar: "/t/calendar.ics", Key: "key-1", SelfCheckIn: true,
		Bring: static.Text{"id": "KTP dan paspor lama; asli dan fotokopi", "en": "Identity card and old passport; originals and copies"},
		View: static.TicketView{
			Number: "A-018", State: "waiting",
			Service: "paspor-baru", ServiceName: baru, Stage: "berkas", StageName: berkas, Lane: "appointment",
			Slot: &static.Slot{Start: at(9, 0), End: at(10, 0)}, ArriveBy: ptr(at(9, 30)),
			Ahead: ptr(6), Wait: &static.Wait{P10: 720, P50: 900, P90: 1200},
			Calls: []static.Call{}, Party: []string{}, Can: []string{},
			Timeline: static.Timeline{Appointment: ptr(at(9, 0)), PickupFrom: ptr(at(4*24, 0))},
			Fee:      350000,
		},
	}
	if change != nil {
		change(&p)
	}
	return Page{"ticket-" + name, "ticket", p}
}

func tickets() []Page {
	state := func(s string, more func(*static.TicketPage)) func(*static.TicketPage) {
		return func(p *static.TicketPage) {
			p.View.State, p.View.Ahead, p.View.Wait = s, nil, nil
			if more != nil {
				more(p)
			}
		}
	}
	called := func(counter, name string) func(*static.TicketPage) {
		return state("called", func(p *static.TicketPage) {
			p.View.Counter, p.View.CounterName = counter, name
			p.View.Calls = []static.Call{call(4, "A-018", counter, p.Live.At.Add(-10*time.Second))}
			p.View.Calls[0].CounterName = name
		})
	}
	return []Page{
		ticket("waiting", nil),
		ticket("waiting-about", func(p *static.TicketPage) {
			p.View.Wait = &static.Wait{P10: 900, P50: 900, P90: 900}
			p.View.Ahead = ptr(1)
		}),
		ticket("waiting-soon", func(p *static.TicketPage) {
			p.View.Wait = &static.Wait{P10: 0, P50: 30, P90: 60}
			p.View.Ahead = ptr(0)
		}),
		ticket("waiting-unpredicted", func(p *static.TicketPage) { p.View.Wait = nil }),
		ticket("waiting-suspended", func(p *static.TicketPage) { p.View.Suspended = true }),
		ticket("waiting-withdrawn", func(p *static.TicketPage) {
			c := call(4, "A-018", "3", p.Live.At)
			c.Withdrawn = true
			p.View.Calls = []static.Call{c}
		}),
		ticket("waiting-acts", func(p *static.TicketPage) { p.View.Can = []string{"defer", "help", "cancel"} }),
		ticket("waiting-help", func(p *static.TicketPage) {
			p.View.Help, p.View.Can = true, []string{"defer", "cancel"}
		}),
		ticket("waiting-walkin", func(p *static.TicketPage) {
			p.View.Slot, p.View.ArriveBy, p.View.Lane = nil, nil, "walkin"
			p.View.Number = "PB-1018"
			p.View.ServiceName = static.Text{"id": "Penggantian paspor karena rusak, hilang atau habis masa berlaku"}
			p.View.Party = []string{"PB-1018", "PB-1019", "PB-1020", "PB-1021"}
			p.View.Wait = &static.Wait{P10: 6000, P50: 7000, P90: 9000}
			p.View.Ahead = ptr(41)
		}),
		ticket("booked", state("booked", func(p *static.TicketPage) {
			p.View.Can = []string{"check-in", "confirm", "cancel"}
			p.View.Timeline.PaymentDue = ptr(at(8, 30))
		})),
		ticket("booked-code", state("booked", func(p *static.TicketPage) {
			p.WantsPlaceCode = true
			p.View.Can = []string{"check-in", "cancel"}
			p.Problem = "too_early"
		})),
		ticket("booked-cancel", state("booked", func(p *static.TicketPage) {
			p.View.Can, p.View.Confirmed = []string{"cancel"}, true
			p.AskCancel = true
		})),
		ticket("booked-later", state("booked", func(p *static.TicketPage) {
			p.View.Slot = &static.Slot{Start: at(24+9, 0), End: at(24+10, 0)}
			p.View.ArriveBy = ptr(at(24+9, 30))
			p.View.Can = []string{"cancel", "reschedule"}
			p.Choices = []static.Slot{{Start: at(13, 0), End: at(14, 0)}, {Start: at(48+9, 0), End: at(48+10, 0)}}
		})),
		ticket("booked-family", state("booked", func(p *static.TicketPage) {
			p.View.Party, p.Family = []string{"A-018", "A-019", "A-020"}, "/booked"
			p.View.Can = []string{"cancel"}
		})),
		ticket("booked-moved", state("booked", func(p *static.TicketPage) {
			p.View.MovedFrom = ptr(at(-24, 0))
			p.View.Can = []string{"cancel"}
		})),
		ticket("booked-kept", state("booked", func(p *static.TicketPage) {
			p.View.Kept = true
			p.View.Can = []string{"cancel"}
		})),
		ticket("booked-choose", state("booked", func(p *static.TicketPage) {
			p.View.ChooseNewDay = true
			p.View.Can = []string{"reschedule", "cancel"}
			for i := range 12 {
				start := at(24*(2+i/3)+8+i%3, 30)
				p.Choices = append(p.Choices, static.Slot{Start: start, End: start.Add(time.Hour)})
			}
		})),
		ticket("booked-offer", state("booked", func(p *static.TicketPage) {
			p.View.Slot, p.View.Standby = &static.Slot{Start: at(24+9, 0), End: at(24+10, 0)}, ptr(30)
			p.View.StandbyOffer = &static.StandbyOffer{Slot: static.Slot{Start: at(9, 0), End: at(10, 0)}, Expires: at(9, 47)}
			p.View.Can = []string{"accept", "cancel"}
		})),
		ticket("booked-standby", state("booked", func(p *static.TicketPage) {
			p.View.Slot, p.View.ArriveBy, p.View.Standby = nil, nil, ptr(0)
			p.View.Timeline.Appointment = nil
			p.View.Can = []string{"cancel"}
		})),
		ticket("booked-late", state("booked", func(p *static.TicketPage) {
			p.View.Late = true
			p.View.Can = []string{"check-in"}
		})),
		ticket("called", called("3", "Loket 3")),
		ticket("called-again", func(p *static.TicketPage) {
			called("12", "Ruang foto dan sidik jari")(p)
			p.View.Calls[0].Times = 2
			p.View.Confirmed = true
			p.View.Number = "PB-1018"
		}),
		ticket("serving", state("serving", func(p *static.TicketPage) { p.View.Counter, p.View.CounterName = "3", "Loket 3" })),
		ticket("parked", state("parked", nil)),
		ticket("done", state("done", nil)),
		ticket("no_show", state("no_show", nil)),
		ticket("cancelled", state("cancelled", nil)),
		ticket("expired", state("expired", nil)),
	}
}
