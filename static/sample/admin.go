package sample

import "antrean/static"

// Shell is the frame of an administration page about bandung, or about all
// offices ("").
func Shell(office, active string) static.AdminShell {
	s := static.AdminShell{Page: page("/admin"), User: "ibu-kepala", Office: office, Active: active,
		Nav:     []static.AdminLink{{ID: "overview", URL: "/admin", Active: office == ""}},
		Offices: []static.AdminOffice{{ID: "bandung", Name: "Kantor Imigrasi Kelas I Bandung"}, {ID: "soetta", Name: "ULP Soekarno-Hatta"}},
	}
	if office != "" {
		s.Name = s.Offices[0].Name
		s.Offices[0].Links = []static.AdminLink{{ID: "texts", URL: "/admin/texts/bandung", Active: active == "texts"}}
	}
	return s
}

func administration() []Page {
	said := Shell("", "overview")
	said.Said = "Tersimpan."
	return []Page{
		{"admin", "admin", static.AdminPage{AdminShell: said, Cards: []static.AdminCard{
			{ID: "bandung", Name: "Kantor Imigrasi Kelas I Bandung", Phase: "open", Waiting: 41, Longest: 37, Open: 8, Counters: 10, Expected: 120, Served: 96},
			{ID: "soetta", Name: "ULP Soekarno-Hatta", Phase: "ended", Suspended: true, Counters: 4},
		}}},
		{"admin-empty", "admin", static.AdminPage{AdminShell: Shell("", "overview")}},
	}
}
