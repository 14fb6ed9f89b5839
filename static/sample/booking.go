package sample

import (
	"html/template"
	"time"

	"antrean/static"
)

// bookings are the states of the booking form and of its confirmation.
func bookings(home func(string, func(*static.HomePage)) Page, office *static.HomeOffice, service *static.HomeService) []Page {
	hour := func(days, hours int) static.HomeSlot {
		start := at(24*days+hours, 30)
		return static.HomeSlot{
			Slot: static.Slot{Start: start, End: start.Add(time.Hour)}, ArriveBy: start.Add(30 * time.Minute),
			Free: 6, Distance: days, URL: "/?office=bandung&service=paspor-baru&slot=x#when",
		}
	}
	form := func(more func(*static.HomePage)) func(*static.HomePage) {
		return func(p *static.HomePage) {
			slot := hour(1, 9)
			p.Office, p.Service, p.Slot = office, service, &slot
			p.PartyMax, p.KeptDays, p.Standbys = 5, 30, []int{30, 60, 120}
			p.Form.People = make([]static.PersonForm, 1)
			p.Open = "/?office=bandung&service=paspor-baru&calendar=1#calendar"
			if more != nil {
				more(p)
			}
		}
	}
	sooner := []static.SoonerOffice{
		{Office: "soetta", Name: "ULP Soekarno-Hatta", Start: at(24+8, 0), URL: "/?office=soetta&service=paspor-baru#when"},
		{Office: "cimahi", Name: "Unit Kerja Kantor Imigrasi Kota Cimahi", Start: at(24+8, 30), URL: "/?office=cimahi&service=paspor-baru#when"},
	}
	family := []static.PersonForm{{Name: "Dewi Kartika Sari", NIK: "3273016503990001"}, {Name: "Budi", NIK: "1234"}, {}}
	calendar := func(p *static.HomePage) {
		c := &static.HomeCalendar{From: at(0, 0), To: at(24*30, 0), After: "/?from=x#calendar", Fold: "/?office=bandung#when"}
		for week := range 5 {
			var days []static.HomeDay
			for i := range 7 {
				n := 7*week + i - 1
				d := static.HomeDay{Date: at(24*n, 0), Kind: "free", Free: 9 * (n%4 + 1), Today: n == 0, Chosen: n == 3, URL: "/?day=x#hours"}
				switch {
				case n < 0:
					d.Kind = "past"
				case i > 4:
					d.Kind = "closed"
				case n > 30:
					d.Kind = "later"
				case n == 0 || n == 7:
					d.Kind = "full"
				}
				if d.Kind != "free" {
					d.URL = ""
				}
				if d.Chosen {
					c.Day = &d
				}
				days = append(days, d)
			}
			c.Weeks = append(c.Weeks, days)
		}
		for i := range 6 {
			h := hour(3, 7+i)
			if i%3 == 1 {
				h.Free, h.URL = 0, ""
			}
			h.Picked = i == 2
			c.Hours = append(c.Hours, h)
		}
		p.Calendar = c
	}
	booked := func(name string, members int) Page {
		slot := hour(1, 9)
		p := static.BookedPage{
			Page: page("/booked"), Office: "Kantor Imigrasi Kelas I Bandung", Address: "Jl. Surapati No. 82, Bandung",
			Service: baru, Bring: static.Text{"id": "KTP, kartu keluarga, dan akta lahir, ijazah atau buku nikah; asli dan fotokopi", "en": "Identity card, family card, and birth certificate, diploma or marriage book; originals and copies"},
			Slot: slot.Slot, ArriveBy: slot.ArriveBy, Fee: 350000, Calendar: "/t/calendar.ics",
			Timeline: static.Timeline{PaymentDue: ptr(at(11, 42)), PickupFrom: ptr(at(24*6, 0))},
		}
		for i := range members {
			p.Members = append(p.Members, static.BookedMember{
				Number: []string{"A-018", "A-019", "A-020", "A-021", "A-022"}[i], Code: "K7M4-Q2XD", URL: "/t",
				QR: template.HTML(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 21 21"><path fill="#fff" d="M0 0h21v21H0z"/><path d="M1 1h7v7H1zM13 1h7v7h-7zM1 13h7v7H1zM10 2h2v3h-2zM10 9h5v2h-5zM14 14h2v2h-2zM17 16h3v4h-3zM10 15h2v5h-2z"/></svg>`),
			})
		}
		return Page{name, "booked", p}
	}
	return []Page{
		home("form", form(nil)),
		home("form-chosen", form(func(p *static.HomePage) {
			p.Chosen, p.Earliest = true, "/?office=bandung&service=paspor-baru#when"
		})),
		home("form-sooner", form(func(p *static.HomePage) { p.Sooner = sooner })),
		home("form-calendar", form(calendar)),
		home("form-calendar-typed", form(func(p *static.HomePage) {
			calendar(p)
			p.Typed, p.Form.People = true, family
		})),
		home("form-wrong", form(func(p *static.HomePage) {
			p.Typed, p.Form = true, static.BookingForm{People: family, Phone: "08", Email: "dewi", Standby: 60, Priority: true}
			p.Wrong = []static.Wrong{
				{Field: "nik-2", Words: "NIK terdiri dari 16 angka."}, {Field: "name-3", Words: "Nama wajib diisi."},
				{Field: "nik-3", Words: "NIK wajib diisi."}, {Field: "phone", Words: "Nomor telepon tidak benar."},
			}
		})),
		home("form-gone", form(func(p *static.HomePage) {
			p.Slot, p.Problem, p.Typed = nil, "slot_full", true
			p.Nearest = []static.HomeSlot{hour(1, 7), hour(1, 8), hour(1, 10), hour(2, 9)}
			p.Nearest[2].Picked = true
			p.Form.People = family[:1]
		})),
		home("form-down", form(func(p *static.HomePage) {
			p.Problem, p.Typed, p.Form.People = "unavailable", true, family[:1]
		})),
		home("full", form(func(p *static.HomePage) {
			p.Slot, p.Opening = nil, &static.Opening{Day: at(24*31, 0), From: at(24, 0)}
			p.Sooner = sooner
		})),
		home("full-shut", form(func(p *static.HomePage) {
			p.Slot, p.Shut, p.Opening = nil, true, &static.Opening{Day: at(24*31, 0), From: at(24, 0)}
		})),
		home("full-five", form(func(p *static.HomePage) { p.Slot, p.Form.People = nil, make([]static.PersonForm, 5) })),
		home("full-typed", form(func(p *static.HomePage) { p.Slot, p.Typed, p.Form.People = nil, true, family[:1] })),
		booked("booked", 1),
		booked("booked-family", 3),
	}
}
