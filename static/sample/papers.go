package sample

import "antrean/static"

func papers() []Page {
	earliest := &static.Slot{Start: at(24+9, 0), End: at(24+10, 0)}
	services := []static.HomeService{
		{ID: "paspor-baru", Name: baru, Fee: 350000, Earliest: earliest},
		{ID: "penggantian", Name: static.Text{"id": "Penggantian paspor karena rusak, hilang atau habis masa berlaku", "en": "Renewal of a damaged, lost or expired passport"}, Fee: 350000},
	}
	offices := []static.HomeOffice{
		{ID: "bandung", Name: "Kantor Imigrasi Kelas I Bandung", Address: "Jl. Surapati No. 82, Bandung", Open: true, Services: services},
		{ID: "soetta", Name: "ULP Soekarno-Hatta", Address: "Jl. Soekarno-Hatta No. 162, Bandung", Opens: ptr(at(24+7, 30)), Services: services},
	}
	home := func(name string, change func(*static.HomePage)) Page {
		p := static.HomePage{Page: page("/"), Offices: offices, Key: "key-1"}
		if change != nil {
			change(&p)
		}
		return Page{"home-" + name, "home", p}
	}
	var all []Page
	all = append(all,
		home("offices", nil),
		home("no-office", func(p *static.HomePage) { p.Offices = nil }),
		home("no-service", func(p *static.HomePage) {
			p.Office = &static.HomeOffice{ID: "soetta", Name: "ULP Soekarno-Hatta", Address: "Jl. Soekarno-Hatta No. 162, Bandung"}
		}),
		home("services", func(p *static.HomePage) { p.Office = &offices[0]; p.Problem = "slot_full" }),
		Page{"login", "login", static.LoginPage{Page: page("/login"), Next: "/counter"}},
		Page{"login-wrong", "login", static.LoginPage{Page: page("/login"), Next: "/counter", Username: "sari", Problem: "unauthenticated"}},
		Page{"setup", "setup", static.SetupPage{Page: page("/setup"), Token: "token", Errors: map[string]string{}}},
		Page{"setup-used", "setup", static.SetupPage{Page: page("/setup"), Used: true}},
		Page{"setup-wrong", "setup", static.SetupPage{Page: page("/setup"), Username: "x", Errors: map[string]string{"password": "Terlalu pendek."}, Problem: "invalid"}},
		Page{"texts", "texts", static.TextsPage{
			AdminShell: Shell("bandung", "texts"), Language: "id", Others: []string{"en", "jv"},
			Texts: []static.TextForm{
				{TextSample: static.TextSample{
					Language: "id", Kind: "called", Own: true, Placeholders: []string{"number", "counter", "office"},
					Wording: static.Wording{Title: "Nomor {nomor}, mari ke {counter}", Body: "Anda dipanggil di {office}.", Short: "{number}: silakan ke {counter}."},
					Preview: static.TextPreview{
						Wording: static.Wording{Title: "Nomor A-012, mari ke Loket 3", Body: "Anda dipanggil di Kantor Imigrasi Kelas I Bandung.", Short: "A-012: silakan ke Loket 3."},
						SMS:     static.SMSLength{Letters: 26, Parts: 1, GSM: true},
					},
				}, Open: true, Errors: map[string]string{"title": "{nomor} tidak dikenal."}},
				{TextSample: static.TextSample{
					Language: "id", Kind: "missed", Wording: static.Wording{Title: "Nomor {number}", Body: "x"},
					Preview: static.TextPreview{Wording: static.Wording{Title: "Nomor A-012: Anda belum hadir saat dipanggil", Body: "x"}, SMS: static.SMSLength{Letters: 180, Parts: 2, GSM: true}},
				}, Saved: true, Problem: "wrong_state"},
			},
		}},
		Page{"staff", "staff", static.StaffPage{
			Page: page("/staff"), User: "sari", Roles: []string{"officer", "desk"},
			Offices: []static.StaffOffice{{ID: "bandung", Name: "Kantor Imigrasi Kelas I Bandung", Links: []static.StaffLink{
				{ID: "counter", URL: "/counter"}, {ID: "display", URL: "/display/bandung"}, {ID: "booking", URL: "/"},
			}, AtRisk: []string{"A-012", "B-007"}, Help: []static.StaffHelp{{Number: "A-031", URL: "/staff", Key: "k1"}, {Number: "B-014", URL: "/staff", Key: "k2"}}}},
		}},
	)
	all = append(all, administration()...)
	all = append(all, reports()...)
	all = append(all, channels()...)
	all = append(all, accounts()...)
	all = append(all, bookings(home, &offices[0], &services[0])...)
	for _, code := range []string{"not_found", "forbidden", "unauthenticated", "rate_limited", "unavailable", "internal", "method_not_allowed", "teapot"} {
		all = append(all, Page{"error-" + code, "error", static.ErrorPage{Page: page("/x"), Code: code, Request: "7f3a-19"}})
	}
	return all
}
