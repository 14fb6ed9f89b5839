package sample

import "antrean/static"

// kiosks are the kiosk's steps and every answer to a code, and the tablet's way in.
func kiosks() []Page {
	base := static.KioskPage{
		Page: page("/kiosk/bandung"), Live: live("/live/offices/bandung/display", at(9, 42)), Office: "bandung", Name: "Kantor Imigrasi Kelas I Bandung",
		Home: "id", Print: true, Open: true, Phase: "open", Key: "k", Book: "data:image/svg+xml;base64,",
		Services: []static.KioskService{
			{ID: "paspor-baru", Name: baru, Waiting: 14, Wait: &static.Wait{P10: 720, P50: 900, P90: 1200}, Priority: &static.Wait{P10: 300, P50: 300, P90: 300}},
			{ID: "penggantian", Name: ganti, Full: true, Standby: true},
		},
	}
	var all []Page
	add := func(name string, change func(*static.KioskPage)) {
		p := base
		change(&p)
		all = append(all, Page{"kiosk-" + name, "kiosk", p})
	}
	add("start", func(p *static.KioskPage) { p.Step = "start" })
	for _, phase := range []string{"before", "break", "closed", "ended"} {
		add(phase, func(p *static.KioskPage) {
			p.Step, p.Phase, p.Open, p.Opens = "start", phase, phase == "break", ptr(at(13, 0))
		})
	}
	add("closed-for-long", func(p *static.KioskPage) {
		p.Step, p.Phase, p.Open, p.Large, p.Suspension = "start", "closed", false, true, &static.Suspension{}
	})
	add("service", func(p *static.KioskPage) { p.Step, p.Service = "service", &p.Services[0] })
	add("full", func(p *static.KioskPage) { p.Step, p.Service = "service", &p.Services[1] })
	add("code", func(p *static.KioskPage) { p.Step = "code" })
	for _, problem := range []string{"code", "office"} {
		add("not-"+problem, func(p *static.KioskPage) { p.Step, p.Code, p.Problem = "code", "XXXX-XXXX", "kiosk.not."+problem })
	}
	ticket := static.KioskTicket{Number: "A-041", Service: baru, State: "waiting", At: at(9, 42), Lane: "priority", Wait: &static.Wait{P10: 720, P50: 900, P90: 1200}, Follow: "data:image/svg+xml;base64,"}
	add("given", func(p *static.KioskPage) { p.Step, p.Ticket = "given", &ticket })
	add("given-standby", func(p *static.KioskPage) {
		p.Step, p.Print, p.Ticket = "given", false, &static.KioskTicket{Number: "B-141", Service: ganti, State: "booked", At: at(9, 42), Lane: "walkin", Standby: true}
	})
	add("arrived", func(p *static.KioskPage) {
		p.Step, p.Ticket = "arrived", &static.KioskTicket{Number: "A-012", Service: baru, State: "waiting", At: at(9, 42), Lane: "appointment", Slot: &static.Slot{Start: at(10, 0), End: at(11, 0)}, Ahead: ptr(6)}
	})
	for _, why := range []string{"early", "past", "ended", "standby", "booked", "waiting", "called", "serving", "parked", "done", "no_show", "cancelled", "expired"} {
		add("told-"+why, func(p *static.KioskPage) {
			told := ticket
			told.State, told.Counter = why, "Loket 3"
			p.Step, p.Problem, p.Ticket = "told", "kiosk.not."+why, &told
		})
	}
	tablet := static.TabletPage{Page: page("/login"), Device: "Tablet 3", Names: []string{"sari", "budi"}, Next: "/counter"}
	named, locked := tablet, tablet
	named.Username, named.Problem = "sari", "unauthenticated"
	locked.Username, locked.Locked, locked.Counter = "sari", true, "Loket 3"
	return append(all, Page{"tablet-names", "tablet", tablet}, Page{"tablet-pin", "tablet", named}, Page{"tablet-locked", "tablet", locked},
		Page{"pin", "pin", static.PINPage{Page: page("/account/pin"), User: "sari"}})
}
