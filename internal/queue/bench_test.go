package queue

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"antrean/internal/calendar"
)

// busy is an office with a counter open and so many waiting, one in eight of
// them in the priority lane.
func busy(b *testing.B, waiting int) *State {
	b.Helper()
	s := NewState("bandung")
	decide(b, s, "admin", Configure{Config: plan(func(c *Config) {
		c.Hours = map[string][]string{"mon-sun": {"00:00-24:00"}}
		c.Services[1].WalkinCapacity = nil
	}), Epoch: "e1"}, clock("08:00"))
	decide(b, s, "ani", OpenCounter{"3"}, clock("08:00"))
	for i := range waiting {
		decide(b, s, "desk", Issue{ID: fmt.Sprintf("w%d", i), Service: "ganti", Priority: i%8 == 0}, clock("08:00").Add(time.Duration(i)*time.Second))
	}
	return s
}

func decide(b *testing.B, s *State, by string, a Ask, now time.Time) []*Event {
	s.Begin()
	events, err := Decide(s, Command{Ask: a, ID: "c", By: Actor{Name: by}}, now)
	if err != nil {
		b.Fatalf("%T: %v", a, err)
	}
	s.Keep()
	return events
}

// BenchmarkPress is the life of one ticket at a busy office: issue, next,
// serve, complete, each decided on the speculative state and folded by the
// settled one. The time is of one command.
func BenchmarkPress(b *testing.B) {
	for _, waiting := range []int{16, 256} {
		b.Run(fmt.Sprint(waiting), func(b *testing.B) {
			s, settled := busy(b, waiting), busy(b, waiting)
			now, serving := clock("08:30"), false
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				now = now.Add(10 * time.Millisecond)
				var events []*Event
				switch i % 3 {
				case 0:
					events = decide(b, s, "desk", Issue{ID: fmt.Sprintf("n%d", i), Service: "ganti", Priority: i%24 == 0}, now)
				case 1:
					events = decide(b, s, "ani", Next{Counter: "3", Complete: serving}, now)
				default:
					events, serving = decide(b, s, "ani", Serve{"3"}, now), true
				}
				for _, e := range events {
					if err := settled.Apply(settled.Version+1, e); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// day is the log of a long day at the door: a million events of the usual
// kinds, encoded.
func day(b *testing.B, events int) [][]byte {
	c := plan(func(c *Config) {
		c.Hours = map[string][]string{"mon-sun": {"00:00-24:00"}}
		c.Services[1].WalkinCapacity = nil
	})
	s, now, serving := NewState("bandung"), clock("08:00"), false
	var log [][]byte
	keep := func(all []*Event) {
		for _, e := range all {
			log = append(log, must(Encode(e)))
		}
	}
	keep(decide(b, s, "admin", Configure{Config: c, Epoch: "e1"}, now))
	keep(decide(b, s, "ani", OpenCounter{"3"}, now))
	for i := 0; len(log) < events; i++ {
		now = now.Add(500 * time.Millisecond)
		switch {
		case i < 201 || i%3 == 0:
			keep(decide(b, s, "desk", Issue{ID: fmt.Sprintf("n%d", i), Service: "ganti"}, now))
		case i%3 == 1:
			keep(decide(b, s, "ani", Next{Counter: "3", Complete: serving}, now))
		default:
			keep(decide(b, s, "ani", Serve{"3"}, now))
			serving = true
		}
	}
	return log
}

// BenchmarkFold folds a log as a start does, beside decoding it alone; ratio is
// the folding's speed as a part of the decoding's. -benchtime=1x folds it once.
func BenchmarkFold(b *testing.B) {
	log := day(b, 1_000_000)
	var alone, folded time.Duration
	for b.Loop() {
		began := time.Now()
		for _, data := range log {
			if _, err := Decode(data); err != nil {
				b.Fatal(err)
			}
		}
		alone += time.Since(began)
		began = time.Now()
		s := NewState("bandung")
		for i, data := range log {
			e, err := Decode(data)
			if err != nil {
				b.Fatal(err)
			}
			if err := s.Apply(uint64(i+1), e); err != nil {
				b.Fatal(err)
			}
		}
		folded += time.Since(began)
	}
	n := float64(len(log) * b.N)
	b.ReportMetric(float64(alone.Nanoseconds())/n, "ns/decode")
	b.ReportMetric(float64(folded.Nanoseconds())/n, "ns/decode+fold")
	b.ReportMetric(alone.Seconds()/folded.Seconds(), "ratio")
}

// BenchmarkBookedTickets holds thirty days of two offices booked, 13,500
// tickets, in the two states that a node keeps of each.
func BenchmarkBookedTickets(b *testing.B) {
	for b.Loop() {
		before := heap()
		var states [4]*State
		for i := range states {
			states[i] = NewState("bandung")
		}
		for office := range 2 {
			settled, live := states[2*office], states[2*office+1]
			c := plan(func(c *Config) {
				c.Booking.Horizon = calendar.Duration(45 * 24 * time.Hour)
				c.Services[0].SlotCapacity = Capacity{Places: 60}
			})
			for _, s := range []*State{settled, live} {
				decide(b, s, "admin", Configure{Config: c, Epoch: "e1"}, clock("08:00"))
			}
			for i := range 6750 {
				for _, e := range decide(b, live, "applicant", Book{Service: "baru", IDs: []string{fmt.Sprintf("0123456789abcdef%06d", i)}, Locale: "id"}, clock("08:00")) {
					if err := settled.Apply(settled.Version+1, must(Decode(must(Encode(e))))); err != nil {
						b.Fatal(err)
					}
				}
			}
		}
		b.ReportMetric(float64(heap()-before)/1e6, "MB")
		runtime.KeepAlive(&states)
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
