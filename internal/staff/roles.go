package staff

import (
	"fmt"
	"slices"
	"strings"
)

// Role is what somebody, or a paired device, is at an office.
type Role string

// The roles, as the command line and the API spell them.
const (
	Administrator Role = "administrator"
	Supervisor    Role = "supervisor"
	Officer       Role = "officer"
	Desk          Role = "desk"
	Kiosk         Role = "kiosk"
)

// Roles are all roles, the mightiest first.
func Roles() []Role { return []Role{Administrator, Supervisor, Officer, Desk, Kiosk} }

// ParseRole returns the role of that name.
func ParseRole(name string) (Role, error) {
	if role := Role(strings.ToLower(name)); slices.Contains(Roles(), role) {
		return role, nil
	}
	return "", fmt.Errorf("no role is called %q: administrator, supervisor, officer, desk or kiosk", name)
}

// Action is something that not everybody may do.
type Action uint16

// The actions.
const (
	Serve        Action = 1 << iota // open a counter, call, recall, complete, no-show, park, undo
	TakeOver                        // take a counter from whoever is logged in at it
	CallChosen                      // call a ticket out of its turn
	DeskWork                        // find people, amend, return, reissue, ready
	KioskWork                       // walk-in numbers and check-in
	Supervise                       // suspend, close and start days, capacity, notices
	SeeQueue                        // the live queue and the day's report
	SeeLog                          // raw events
	Configure                       // the office's configuration
	Accounts                        // staff accounts
	Devices                         // pair, see and revoke screens, tablets, kiosks
	PersonalData                    // show, write out and erase what is held about a person
	Maintain                        // a copy of the whole store; what is wrong with the installation
)

// Actions are all actions.
func Actions() []Action {
	return []Action{Serve, TakeOver, CallChosen, DeskWork, KioskWork, Supervise, SeeQueue, SeeLog, Configure, Accounts, Devices, PersonalData, Maintain}
}

// rights is the table of who may do what. An officer may call a chosen ticket
// as well where the office's configuration says so; that is the office's to
// decide, not this table's.
func (r Role) rights() Action {
	const (
		kiosk         = KioskWork
		desk          = kiosk | DeskWork | SeeQueue
		officer       = Serve | SeeQueue
		supervisor    = officer | desk | TakeOver | CallChosen | Supervise | SeeLog | Devices
		administrator = supervisor | Configure | Accounts | PersonalData | Maintain
	)
	switch r {
	case Administrator:
		return administrator
	case Supervisor:
		return supervisor
	case Officer:
		return officer
	case Desk:
		return desk
	case Kiosk:
		return kiosk
	}
	return 0
}

// May says whether the session's holder may do that at the office. An
// administrator may everywhere, others at their offices, and those to whom no
// office was given at every office. No office ("") is what concerns all of
// them: accounts, for one. A token may what its scopes say.
func May(session Session, action Action, office string) bool {
	if session.Scopes&action == action && action != 0 && (len(session.Offices) == 0 || office != "" && slices.Contains(session.Offices, office)) {
		return true
	}
	for _, role := range session.Roles {
		if role.rights()&action != action {
			continue
		}
		if role == Administrator || len(session.Offices) == 0 && office != "" || office != "" && slices.Contains(session.Offices, office) {
			return true
		}
	}
	return false
}
