package sample

import "antrean/static"

// accounts are the pages about accounts, sessions, tokens and devices.
func accounts() []Page {
	signIns := []static.SignIn{
		{ID: "a1", User: "ibu-kepala", Agent: "Firefox 140, Windows", Started: at(8, 0), Used: at(9, 30), Mine: true},
		{ID: "b2", User: "ibu-kepala", Agent: "Chrome 138, Android", Device: "Tablet loket 3", Started: at(7, 40), Used: at(9, 0)},
	}
	wrong := map[string]string{"password": "Kata sandi Anda tidak cocok.", "code": "Kode salah.", "new": "Terlalu pendek.", "username": "Sudah ada.", "roles": "Pilih.", "offices": "Pilih.", "name": "Wajib diisi.", "scopes": "Pilih.", "days": "Di luar batas.", "kind": "Pilih.", "counter": "Tidak ada.", "pin": "Terlalu pendek."}
	again := static.Again{Problem: "Ada isian yang perlu diperbaiki.", Errors: wrong, Code: true}
	roles := []static.Tick{{ID: "administrator"}, {ID: "supervisor"}, {ID: "officer", On: true}, {ID: "desk"}, {ID: "kiosk"}}
	offices := []static.Tick{{ID: "bandung", Name: "Kantor Imigrasi Kelas I Bandung", On: true}, {ID: "soetta", Name: "ULP Soekarno-Hatta"}}
	form := static.UserForm{Name: "sari", Roles: roles, Offices: offices, Errors: wrong}
	line := static.UserLine{Name: "sari", Roles: []string{"officer", "desk"}, Offices: []string{"Kantor Imigrasi Kelas I Bandung"}, PIN: true, Factor: true, Created: at(0, 0)}
	var scopes []static.Tick
	for _, id := range []string{"queue", "log", "kiosk", "desk", "serve", "call-chosen", "take-over", "supervise", "devices", "configure", "backup", "people", "accounts"} {
		scopes = append(scopes, static.Tick{ID: id, On: id == "queue"})
	}
	used, seen := at(9, 0), at(9, 1)
	return []Page{
		{"account", "account", static.AccountPage{Page: page("/account"), User: "ibu-kepala", Roles: []string{"administrator"}, Factor: true, Left: 9, Own: true, SignIns: signIns, Again: again}},
		{"account-device", "account", static.AccountPage{Page: page("/account"), User: "device-1"}},
		{"factor-new", "factor", static.FactorPage{Page: page("/account/second-factor"), User: "ibu-kepala", Required: true, QR: "data:image/png;base64,AAAA", Secret: "ABCD EFGH", Sealed: "x", Again: again}},
		{"factor-set", "factor", static.FactorPage{Page: page("/account/second-factor"), User: "ibu-kepala", Set: true, Left: 1, Again: again}},
		{"factor-codes", "factor", static.FactorPage{Page: page("/account/second-factor"), User: "ibu-kepala", Set: true, Codes: []string{"ABCDE-FGHJK", "23456-789AB"}}},
		{"login-code", "login", static.LoginPage{Page: page("/login"), Username: "ibu-kepala", Step: "x", Problem: "code"}},
		{"password", "password", static.PasswordPage{Page: page("/password"), Token: "x", User: "sari", Again: again}},
		{"password-over", "password", static.PasswordPage{Page: page("/password")}},
		{"users", "users", static.UsersPage{AdminShell: Shell("", "users"), Form: form, Users: []static.UserLine{line, {Name: "ibu-kepala", Roles: []string{"administrator"}, Admin: true}}}},
		{"user", "user", static.UserPage{AdminShell: Shell("", "users"), Account: line, Form: form, SignIns: 2, Link: "https://antrean.example/password?token=x", Expires: at(9, 0), Again: again}},
		{"sessions", "sessions", static.SignInsPage{AdminShell: Shell("", "sessions"), SignIns: signIns, Of: "ibu-kepala", Users: []string{"ibu-kepala", "sari"}}},
		{"sessions-none", "sessions", static.SignInsPage{AdminShell: Shell("", "sessions")}},
		{"tokens", "tokens", static.TokensPage{AdminShell: Shell("", "tokens"), Secret: "antrean_x", Form: static.TokenForm{Name: "x", Scopes: scopes, Offices: offices, Days: "90", Errors: wrong},
			Tokens: []static.TokenLine{{ID: "t1", Name: "laporan-pusat", By: "ibu-kepala", Scopes: []string{"queue", "log"}, Created: at(0, 0), Expires: at(24, 0), Used: &used}, {ID: "t2", Name: "papan", By: "ibu-kepala", Scopes: []string{"queue"}, Offices: []string{"ULP Soekarno-Hatta"}}}}},
		{"tokens-none", "tokens", static.TokensPage{AdminShell: Shell("", "tokens"), Form: static.TokenForm{Scopes: scopes}}},
		{"devices", "devices", static.DevicesPage{AdminShell: Shell("", "devices"), Form: static.PairForm{Kind: "kiosk", Kinds: []string{"display", "counter", "desk", "kiosk"}, Offices: offices, Errors: wrong}, Devices: []static.DeviceLine{
			{ID: "d1", Name: "TV lobi timur", Kind: "display", Office: "Kantor Imigrasi Kelas I Bandung", By: "ibu-kepala", Paired: at(0, 0), Seen: &seen, Mute: true, Old: true, Silent: true, Agent: "Chrome 53, Web0S", Size: "1920 × 1080", Settings: "/x"},
			{ID: "d2", Name: "Tablet", Kind: "counter", Counter: "3", Office: "ULP Soekarno-Hatta", By: "ibu-kepala", Seen: &seen},
			{ID: "d3", Name: "Anjungan", Kind: "kiosk", Office: "ULP Soekarno-Hatta", By: "ibu-kepala"},
		}}},
		{"screen", "screen", static.ScreenPage{AdminShell: Shell("", "devices"), ID: "d1", Name: "TV lobi timur", Of: "Kantor Imigrasi Kelas I Bandung", Size: "1920 × 1080", Form: static.ScreenForm{
			Lobby: "a/b", Volume: "400", Depth: "8", Needs: 53, Services: offices, Counters: []static.Tick{{ID: "1", Name: "Loket 1", On: true}}, Languages: []static.Tick{{ID: "id", On: true}, {ID: "en"}}, Sound: true,
			Brightness: []static.Dimming{{From: "25:00", Percent: "50", FromWrong: "Salah."}, {From: "17:00", Percent: "5", PercentWrong: "Salah."}, {}},
			Errors:     map[string]string{"lobby": "Salah.", "volume": "Salah.", "depth": "Salah.", "services": "Salah.", "counters": "Salah.", "languages": "Salah."}}}},
		{"screen-pictures", "screen", static.ScreenPage{AdminShell: Shell("", "devices"), Form: static.ScreenForm{Pictures: true, Shift: true, Depth: "5", Needs: 54}}},
		{"privacy", "privacy", static.PrivacyPage{AdminShell: Shell("", "privacy"), Person: static.WhoForm{By: "code", Value: "K7QF-3XZP", Offices: offices, Errors: map[string]string{"value": "Tidak ada."}}, Held: "Nama: …", Erase: true, Active: true, Erased: "A-012", Days: 90, Again: again,
			Users: []string{"ibu-kepala"}, Of: "ibu-kepala", Looks: []static.Look{{At: used, Office: "ULP Soekarno-Hatta", By: "ibu-kepala", What: "shown", Numbers: []string{"A-012"}}, {At: used, By: "ibu-kepala", What: "listed", Count: 7}, {At: used, By: "x", What: "reported"}, {At: used, By: "x", What: "found"}, {At: used, By: "x", What: "erased"}},
			Breach: static.BreachForm{Since: "2026-11-24T08:00", Errors: map[string]string{"since": "Salah.", "until": "Salah.", "password": "Salah.", "code": "Salah."}},
			Kept:   []static.Kept{{ID: "bandung", Name: "Kantor Imigrasi Kelas I Bandung", Personal: 30, Log: 365, Notice: "antrean-1"}, {ID: "soetta", Name: "ULP Soekarno-Hatta", Personal: 30, Log: 365, Notice: "2026-11-24", Own: true}}}},
		{"privacy-none", "privacy", static.PrivacyPage{AdminShell: Shell("", "privacy")}},
		{"notice", "notice", static.NoticePage{AdminShell: Shell("bandung", "privacy"), Version: "2026-11-24", Own: true, Key: "k", Errors: map[string]string{"privacy.text": "Kosong."}, Texts: []static.NoticeText{{Language: "id", Text: "Satu.\n\nDua."}, {Language: "en"}}}},
		{"devices-none", "devices", static.DevicesPage{AdminShell: Shell("", "devices")}},
	}
}
