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
	First        float64 `json:"first_ms"` // after a change that makes all of the year be read, median
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
	var first []time.Duration
	for i := range asked {
		// Nothing that was found before counts after such a change; the day stays full.
		forgotten := queue.SetCapacity{Date: s.Today(now).AddDays(1), Service: service.ID, Places: queue.Capacity{Places: i % 4}}
		if err := decide(forgotten); err != nil {
			return f, err
		}
		began := time.Now()
		s.Earliest(service, s.Today(now), 1, now)
		first = append(first, time.Since(began))
	}
	f.First = percentile(first, 0.5)
	return f, nil
}
