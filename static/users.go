package static

import "time"

// UsersPage is read by page "users": the accounts, and a form that makes one.
type UsersPage struct {
	AdminShell
	Users []UserLine
	Form  UserForm
	Again Again // to make an account a while after the last password
}

// UserLine is an account in the list.
type UserLine struct {
	Name    string
	Roles   []string
	Offices []string // names; empty: everywhere
	PIN     bool
	Factor  bool
	Admin   bool
	Created time.Time
}

// UserForm is what an account is made of, or changed to, with what is wrong.
type UserForm struct {
	Name    string
	Roles   []Tick
	Offices []Tick
	Errors  map[string]string // words per field
}

// Tick is a choice that can be ticked.
type Tick struct {
	ID, Name string
	On       bool
}

// UserPage is read by page "user": one account. With Link it shows, once, where
// its owner sets their own password.
type UserPage struct {
	AdminShell
	Account UserLine
	Form    UserForm
	Mine    bool // the account that looks
	SignIns int
	Link    string
	Expires time.Time // of Link
	Again   Again     // to remove the second factor or the account, and for the rest after a while
}

// SignInsPage is read by page "sessions": who is signed in, and where.
type SignInsPage struct {
	AdminShell
	SignIns []SignIn
	Of      string // only this account's; "" all
	Users   []string
}

// TokensPage is read by page "tokens". With Secret it shows a token, once.
type TokensPage struct {
	AdminShell
	Tokens []TokenLine
	Secret string
	Form   TokenForm
	Again  Again // to make a token a while after the last password
}

// TokenLine is a token in the list.
type TokenLine struct {
	ID, Name, By     string
	Scopes, Offices  []string
	Created, Expires time.Time
	Used             *time.Time
	Suspended        bool // whoever made it administers no more
}

// TokenForm is what a token is made of.
type TokenForm struct {
	Name    string
	Scopes  []Tick
	Offices []Tick
	Days    string
	Errors  map[string]string
}

// DevicesPage is read by page "devices": paired screens, tablets and kiosks.
type DevicesPage struct {
	AdminShell
	Devices []DeviceLine
	Form    PairForm
}

// DeviceLine is a paired device and how it is.
type DeviceLine struct {
	ID, Name, Kind, Office, Counter, By string
	Paired                              time.Time
	Seen                                *time.Time // nil: it never told
	Silent                              bool       // it has not told for long
	Mute                                bool       // a screen that may not play sound
	Old                                 bool       // it runs pages of another release
	Agent, Size                         string
	Settings                            string // address of its settings, "" if it has none
}

// PairForm is the acceptance of a device by its code.
type PairForm struct {
	Code, Name, Kind, Counter string
	Kinds                     []string
	Offices                   []Tick
	Errors                    map[string]string
}
