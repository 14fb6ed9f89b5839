package notifier

import (
	"maps"
	"time"
)

// keptTally is how many days of figures are kept.
const keptTally = 31

// Figures count what became of messages.
type Figures struct {
	Sent        int `json:"sent"`        // taken by the other side
	Delivered   int `json:"delivered"`   // of these, as far as it tells: arrived
	Undelivered int `json:"undelivered"` // of these: did not
	Repeated    int `json:"repeated"`    // attempts that had to be made again
	Failed      int `json:"failed"`      // given up on this channel
}

func (f *Figures) add(g Figures) {
	f.Sent += g.Sent
	f.Delivered += g.Delivered
	f.Undelivered += g.Undelivered
	f.Repeated += g.Repeated
	f.Failed += g.Failed
}

// tally counts by day (UTC, as 2006-01-02) and channel.
type tally map[string]map[string]Figures

func dayOf(at time.Time) string { return at.UTC().Format(time.DateOnly) }

func (t tally) count(r result, at time.Time) {
	var f Figures
	switch r.Outcome {
	case sent:
		f.Sent = 1
	case delivered:
		f.Delivered = 1
	case undelivered:
		f.Undelivered = 1
	case Later, Unknown:
		f.Repeated = 1
	case Refused, Gone, spent:
		f.Failed = 1
	default: // the end of a task, which was counted as the attempt that led to it
		return
	}
	day := t[dayOf(at)]
	if day == nil {
		day = map[string]Figures{}
		t[dayOf(at)] = day
	}
	f.add(day[r.Channel])
	day[r.Channel] = f
}

// since adds up the days from one on.
func (t tally) since(at time.Time, into map[string]*Figures) {
	for day, channels := range t {
		if day < dayOf(at) {
			continue
		}
		for channel, f := range channels {
			if into[channel] == nil {
				into[channel] = &Figures{}
			}
			into[channel].add(f)
		}
	}
}

func (t tally) forget(now time.Time) {
	oldest := dayOf(now.AddDate(0, 0, -keptTally))
	maps.DeleteFunc(t, func(day string, _ map[string]Figures) bool { return day < oldest })
}
