package static

// ScreenPage is read by page "screen": how one lobby's screen is set up.
type ScreenPage struct {
	AdminShell
	ID, Name string
	Of       string // name of its office
	Size     string // of its picture as it told, "" if it did not
	Form     ScreenForm
}

// ScreenForm is a screen's settings as they stand or were typed.
type ScreenForm struct {
	Lobby, Volume, Depth          string
	Services, Counters, Languages []Tick
	Sound, Shift, Pictures        bool
	Brightness                    []Dimming
	Needs                         int // inches that the hall needs, 0 if its depth is not known
	Errors                        map[string]string
}

// Dimming is a line of the form: how bright from a time of the day on, as typed.
type Dimming struct {
	From, Percent           string
	FromWrong, PercentWrong string // words
}
