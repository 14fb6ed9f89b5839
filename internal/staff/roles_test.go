package staff

import (
	"slices"
	"testing"
)

func TestEveryRoleMayDoExactlyWhatTheTableSays(t *testing.T) {
	table := map[Role][]Action{
		Administrator: {Serve, TakeOver, CallChosen, DeskWork, KioskWork, Supervise, SeeQueue, SeeLog, Configure, Accounts, Devices, PersonalData, Maintain},
		Supervisor:    {Serve, TakeOver, CallChosen, DeskWork, KioskWork, Supervise, SeeQueue, SeeLog, Devices},
		Officer:       {Serve, SeeQueue},
		Desk:          {DeskWork, KioskWork, SeeQueue},
		Kiosk:         {KioskWork},
		"director":    {},
	}
	if len(table) != len(Roles())+1 {
		t.Fatal("a role is missing here")
	}
	for role, may := range table {
		for _, action := range Actions() {
			for _, c := range []struct {
				name    string
				offices []string
				office  string
				want    bool
			}{
				{"own office", []string{"jakarta", "bandung"}, "bandung", slices.Contains(may, action)},
				{"foreign office", []string{"jakarta"}, "bandung", slices.Contains(may, action) && role == Administrator},
				{"no office given", nil, "bandung", slices.Contains(may, action)},
				{"what concerns all offices", []string{"bandung"}, "", slices.Contains(may, action) && role == Administrator},
				{"what concerns all, no office given", nil, "", slices.Contains(may, action) && role == Administrator},
				{"an office without a name", []string{""}, "", slices.Contains(may, action) && role == Administrator},
			} {
				session := Session{User: "rina", Roles: []Role{role}, Offices: c.offices}
				if got := May(session, action, c.office); got != c.want {
					t.Errorf("%s, action %b, %s: %v", role, action, c.name, got)
				}
			}
		}
	}
	if May(Session{User: "rina"}, KioskWork, "bandung") {
		t.Error("nobody in particular may something")
	}
	both := Session{Roles: []Role{Kiosk, Officer}, Offices: []string{"bandung"}}
	if !May(both, Serve, "bandung") || !May(both, KioskWork, "bandung") || May(both, DeskWork, "bandung") {
		t.Error("two roles are not what each of them may")
	}
}

func TestParseRoleKnowsTheFiveRoles(t *testing.T) {
	for _, role := range Roles() {
		if got, err := ParseRole(string(role)); got != role || err != nil {
			t.Errorf("%s: %v, %v", role, got, err)
		}
	}
	for _, name := range []string{"", "director"} {
		if _, err := ParseRole(name); err == nil {
			t.Errorf("%q is a role", name)
		}
	}
}
