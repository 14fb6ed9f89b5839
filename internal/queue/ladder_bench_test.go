package queue

import (
	"fmt"
	"testing"
	"time"
)

// booked is an office whose whole horizon is booked, with so many on standby.
func booked(b *testing.B, standby int) *State {
	b.Helper()
	s := NewState("bandung")
	decide(b, s, "admin", Configure{Config: plan(func(c *Config) { c.Services[1].SlotCapacity = Capacity{Places: 60} }), Epoch: "e1"}, clock("06:00"))
	service, _ := s.Config.Service("ganti")
	now := clock("06:00")
	for n := 0; ; n++ {
		if _, ok := s.Earliest(service, s.Today(now), 1, now); !ok {
			break
		}
		decide(b, s, "applicant", Book{Service: "ganti", IDs: []string{fmt.Sprintf("b%d", n)}}, now)
	}
	for n := range standby {
		decide(b, s, "applicant", StandBy{Ticket: fmt.Sprintf("b%d", len(s.Tickets)-1-n), Minutes: 30}, now)
	}
	return s
}

// BenchmarkRelease is one round of the ladder that finds nothing to do: it runs
// every few seconds at every office.
func BenchmarkRelease(b *testing.B) {
	for _, standby := range []int{0, 1000} {
		b.Run(fmt.Sprint(standby), func(b *testing.B) {
			s := booked(b, standby)
			now := clock("07:40")
			decide(b, s, "system", ReleasePlaces{}, now)
			b.ReportAllocs()
			for b.Loop() {
				if all := decide(b, s, "system", ReleasePlaces{}, now); len(all) != 0 {
					b.Fatal(all)
				}
			}
		})
	}
}

// BenchmarkCloseDay moves a full day into a horizon without a free place.
func BenchmarkCloseDay(b *testing.B) {
	s := booked(b, 0)
	now := clock("06:30")
	for b.Loop() {
		s.Begin()
		if _, err := Decide(s, Command{Ask: CloseDay{Date: s.Today(now), Move: true}, ID: "c", By: Actor{Name: "chief"}}, now.Add(time.Second)); err != nil {
			b.Fatal(err)
		}
		s.Rollback(0)
	}
}
