package main

import (
	"fmt"
	"time"

	"antrean/internal/queue"
)

// earliestFigures is how long it takes to find that a year holds no free hour.
type earliestFigures struct {
	Places       int     `json:"places"`
	Milliseconds float64 `json:"ms"`
	First        float64 `json:"first_ms"` // of a state that was never asked before
}

// measureEarliest books a whole year and looks for the earliest hour.
func measureEarliest() (f earliestFigures, err error) {
	c, err := bookedOffice(bookingOffice)
	if err != nil {
		return f, err
	}
	c.Hours = map[string][]string{"mon-sun": {"07:00-12:00", "13:00-16:00"}}
	c.Services[0].SlotCapacity = queue.Capacity{Places: 4}
	if errs := c.Prepare(); len(errs) > 0 {
		return f, errs[0]
	}
	now := time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)
	s := queue.NewState(c.ID)
	decide := func(ask queue.Ask) error {
		s.Begin()
		defer s.Keep()
		_, err := queue.Decide(s, queue.Command{Ask: ask, By: queue.Actor{Name: "bench"}, ID: "bench"}, now)
		return err
	}
	if err := decide(queue.Configure{Config: c, Epoch: "bench"}); err != nil {
		return f, err
	}
	service, _ := s.Config.Service("paspor-baru")
	for {
		if _, ok := s.Earliest(service, s.Today(now), 1, now); !ok {
			break
		}
		if err := decide(queue.Book{Service: service.ID, IDs: []string{fmt.Sprintf("t%d", f.Places)}}); err != nil {
			return f, err
		}
		f.Places++
	}
	const asked = 100
	began := time.Now()
	for range asked {
		s.Earliest(service, s.Today(now), 1, now)
	}
	f.Milliseconds = time.Since(began).Seconds() * 1000 / asked
	stored, err := s.Snapshot()
	if err != nil {
		return f, err
	}
	fresh, err := queue.Restore(stored)
	if err != nil {
		return f, err
	}
	began = time.Now()
	fresh.Earliest(service, fresh.Today(now), 1, now)
	f.First = time.Since(began).Seconds() * 1000
	return f, nil
}
