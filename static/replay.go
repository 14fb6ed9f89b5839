package static

import "time"

// Replay makes page "display" show a past day again. Its form GETs date, at,
// speed and sound; scripts fetch the frames hour by hour.
type Replay struct {
	Date   string    `json:"date"`
	Day    time.Time `json:"-"`
	Action string    `json:"-"`
	Back   string    `json:"-"`      // the day's report
	Frames string    `json:"frames"` // where they are; from=<seconds of the day> is added
	From   int       `json:"from"`   // seconds of the day at which it begins
	End    int       `json:"end"`    // and ends
	Hours  []int     `json:"-"`      // that can be jumped to
	Speed  int       `json:"speed"`
	Speeds []int     `json:"-"`
	Sound  bool      `json:"sound"`
	Empty  bool      `json:"-"` // nothing happened on that day
}

// Begins says whether the replay begins in an hour.
func (r *Replay) Begins(hour int) bool { return r.From/3600 == hour }
