package sample

import (
	"html/template"

	"antrean/static"
)

// desks are the front desk's page in its states, with every act in words.
func desks() []Page {
	now := at(9, 42)
	desk := func(name, show string, change func(*static.DeskPage)) Page {
		p := static.DeskPage{
			Page: page("/desk?office=bandung"), User: "meja", Show: show, Key: "k", Refresh: "/desk?office=bandung",
			Office: static.DeskOffice{ID: "bandung", Name: "Kantor Imigrasi Kelas I Bandung", Address: "Jl. Surapati No. 82, Bandung"},
			Live:   live("/live/offices/bandung/overview", now),
			Hall: static.DeskHall{
				Phase: "open", Waiting: 12, Help: []static.DeskNumber{{ID: "h", Number: "A-003", At: ptr(at(9, 30))}},
				Offers: []static.DeskNumber{{ID: "o", Number: "A-101", At: ptr(at(10, 0)), Until: ptr(at(9, 47))}},
				Late:   []static.DeskNumber{{ID: "l", Number: "A-011", At: ptr(at(9, 40))}}, Missing: []static.DeskNumber{{ID: "m", Number: "B-002", At: ptr(at(8, 30))}},
				AtRisk: []static.DeskNumber{{ID: "r", Number: "B-044", At: ptr(at(11, 0))}}, Standby: []static.DeskNumber{{ID: "s", Number: "A-120"}},
				Away: []static.DeskNumber{{ID: "a", Number: "A-007"}},
			},
			Counter: &static.DeskCounter{Name: "Meja depan", URL: "/counter?office=bandung&counter=meja", Waiting: 3},
		}
		change(&p)
		return Page{Name: "desk-" + name, Template: "desk", Data: p}
	}
	someone := static.DeskTicket{
		ID: "t1", Code: "K7QF-3XZP", Name: "Siti Rahayu Kusumawardhani", Phone: "+6281234567890", NIKEnd: "0003", Known: true, Today: true, Day: ptr(at(0, 0)), Made: at(7, 0),
		View: static.TicketView{Number: "A-012", State: "booked", ServiceName: baru, Service: "paspor-baru", Slot: &static.Slot{Start: at(9, 30), End: at(10, 30)}, Fee: 350000},
		Do: []string{"accept", "amend", "cancel", "check-in", "collected", "confirm", "defer", "helped", "join", "leave-standby", "ready", "reissue", "reschedule", "return",
			"special", "split", "standby", "undo-check-in"},
		Primary: "check-in", Hours: []static.Slot{{Start: at(13, 0), End: at(14, 0)}},
		Services: []static.Service{{ID: "paspor-baru", Prefix: "A", Name: baru}, {ID: "penggantian", Prefix: "B", Name: ganti}},
	}
	return []Page{
		desk("home", "home", func(p *static.DeskPage) {
			p.Services = []static.DeskService{
				{ID: "paspor-baru", Name: baru, Waiting: 9, Wait: &static.Wait{P10: 600, P50: 900, P90: 1500}, Left: 4, Limited: true},
				{ID: "penggantian", Name: ganti, Waiting: 3, Limited: true, Standby: true},
			}
		}),
		desk("found", "found", func(p *static.DeskPage) { p.Found = []static.DeskTicket{someone, someone} }),
		desk("found-none", "found", func(p *static.DeskPage) { p.Query = "Siti" }),
		desk("elsewhere", "found", func(p *static.DeskPage) { p.Elsewhere = &p.Office }),
		desk("person", "person", func(p *static.DeskPage) { p.Person = &someone }),
		desk("priority", "person", func(p *static.DeskPage) {
			raised := someone
			raised.Lane = "priority"
			p.Person, p.Act, p.Problem = &raised, "correct", "…"
			p.Errors, p.Typed = map[string]string{"name": "…"}, map[string]string{"name": ""}
		}),
		desk("slip", "slip", func(p *static.DeskPage) {
			p.Person = &someone
			p.Slip = &static.DeskSlip{DeskTicket: someone, QR: template.HTML("<svg></svg>"), Link: template.HTML("<svg></svg>")}
		}),
		desk("choose", "choose", func(p *static.DeskPage) { p.Choices = []static.DeskOffice{p.Office, p.Office} }),
	}
}
