package queue

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"antrean/internal/calendar"
)

// tight is an office with four places a day within a week, so that its days are
// soon sold.
func tight(edits ...func(*Config)) *Config {
	return plan(append([]func(*Config){func(c *Config) {
		c.Hours = map[string][]string{"mon-fri": {"07:30-09:30"}}
		c.Booking.Horizon = calendar.Duration(6 * 24 * time.Hour)
		c.NoShow.FutureReleaseDelay = calendar.DurationRange{Min: 1, Max: calendar.Duration(3 * time.Hour)}
		c.Services[0].SlotCapacity = Capacity{Places: 1, Priority: 1}
	}}, edits...)...)
}

// TestTheEarliestIsTheFirstOfAllPlaces compares what is remembered of sold days
// with reading all of them, whatever has happened meanwhile and was taken back.
func TestTheEarliestIsTheFirstOfAllPlaces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, now := NewState("bandung"), clock("06:00")
		decide := func(by string, a Ask) {
			s.Begin()
			_, err := Decide(s, Command{Ask: a, ID: "c", By: Actor{Name: by}}, now)
			if err == nil && rapid.IntRange(0, 5).Draw(t, "taken back") == 0 {
				lookAround(t, s, now)
				s.Rollback(0)
			}
			s.Keep()
		}
		decide("admin", Configure{Config: tight(), Epoch: "e1"})
		if s.Config == nil {
			return // taken back
		}
		made := 0
		for range rapid.IntRange(5, 60).Draw(t, "steps") {
			some := Ask(ReleasePlaces{})
			ticket := fmt.Sprintf("t%d", rapid.IntRange(0, max(made-1, 0)).Draw(t, "ticket"))
			date := s.Today(now).AddDays(rapid.IntRange(0, 5).Draw(t, "days ahead"))
			switch rapid.IntRange(0, 12).Draw(t, "what") {
			case 0:
				some = Cancel{Ticket: ticket, Luck: 1 << 60}
			case 1:
				some = SetCapacity{Date: date, Service: "baru", Places: Capacity{Places: rapid.IntRange(0, 3).Draw(t, "places"), Priority: rapid.IntRange(0, 1).Draw(t, "kept")}}
			case 2:
				some = CloseDay{Date: date, Move: made%2 == 0}
			case 3:
				some = ReopenDay{Date: date}
			case 4:
				some = Configure{Config: tight(func(c *Config) { c.Services[0].SlotCapacity = Capacity{Places: 1 + made%3, Priority: made % 2} })}
			case 5:
				some = Amend{Ticket: ticket, Priority: number(made%2 == 0), Reason: "x"}
			case 6:
				some = Reschedule{Ticket: ticket, Luck: 1 << 60}
			case 7:
				now = now.Add(time.Duration(rapid.IntRange(1, 30).Draw(t, "hours")) * time.Hour)
			default:
				some = Book{Service: "baru", IDs: []string{fmt.Sprintf("t%d", made)}, Priority: rapid.IntRange(0, 3).Draw(t, "priority") == 0}
				made++
			}
			decide("admin", some)
			lookAround(t, s, now)
			if rapid.IntRange(0, 9).Draw(t, "cloned") == 0 {
				s = s.Clone()
			}
		}
	})
}

func lookAround(t *rapid.T, s *State, now time.Time) {
	service, _ := s.Config.Service("baru")
	for _, lane := range []Lane{Appointment, Priority} {
		for people := 1; people <= 2; people++ {
			var want Place
			for date := s.Today(now); want.Start.IsZero() && date <= s.LastBookable(now); date = date.AddDays(1) {
				for _, p := range s.Places(service, date, now) {
					if want.Start.IsZero() && p.FreeFor(lane) >= people {
						want = p
					}
				}
			}
			if got, _ := s.EarliestFor(lane, service, s.Today(now), people, now); got != want {
				t.Fatalf("the earliest for %d of lane %s at %s is %+v, want %+v", people, lane, now, got, want)
			}
		}
	}
}

// BenchmarkEarliest looks for an hour in a year without one. "first" is a state
// that has never been asked.
func BenchmarkEarliest(b *testing.B) {
	s, now := NewState("bandung"), clock("06:00")
	decide(b, s, "admin", Configure{Config: plan(func(c *Config) {
		c.Booking.Horizon = calendar.Duration(365 * 24 * time.Hour)
		c.Services[0].SlotCapacity = Capacity{Places: 1}
	}), Epoch: "e1"}, now)
	service, _ := s.Config.Service("baru")
	for n := 0; ; n++ {
		if _, ok := s.Earliest(service, s.Today(now), 1, now); !ok {
			break
		}
		decide(b, s, "applicant", Book{Service: "baru", IDs: []string{fmt.Sprintf("b%d", n)}}, now)
	}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			s.sold.forget()
			s.Earliest(service, s.Today(now), 1, now)
		}
	})
	b.Run("again", func(b *testing.B) {
		for b.Loop() {
			s.Earliest(service, s.Today(now), 1, now)
		}
	})
}
