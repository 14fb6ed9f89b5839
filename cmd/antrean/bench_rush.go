package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"time"

	"antrean/internal/calendar"
	"antrean/internal/queue"
	"antrean/internal/staff"
)

const (
	rushClients = 10_000
	rushPlaces  = 450
	rushWithin  = time.Second
	pressEvery  = 20 * time.Millisecond
)

// rushFigures is what the opening minute of a quota does to people and to the
// office's live queue.
type rushFigures struct {
	Rushes  int     `json:"rushes"`
	Clients int     `json:"clients"`
	Places  int     `json:"places"`
	Sold    int     `json:"sold"`    // in each
	Refused int     `json:"refused"` // in each
	P50     float64 `json:"p50_ms"`
	P99     float64 `json:"p99_ms"` // of the worst
	Max     float64 `json:"max_ms"`
	Presses int     `json:"presses"`
	NextP50 float64 `json:"next_p50_ms"`
	NextP99 float64 `json:"next_p99_ms"`
	NextMax float64 `json:"next_max_ms"`
}

// rushes opens quota after quota, each at an office of its own.
func (b *bookingBench) rushes(f *rushFigures) error {
	f.Rushes, f.Clients, f.Places = b.Rushes, rushClients, rushPlaces
	if b.Rushes == 0 {
		return nil
	}
	officer := staff.Account{Name: "petugas", Roles: []staff.Role{staff.Administrator}}
	password := rand.Text()
	if err := b.server.staff.Add(b.ctx, officer, password); err != nil {
		return err
	}
	_, token, err := b.server.staff.Login(b.ctx, staff.LoginRequest{Username: officer.Name, Password: password, Address: "127.0.0.1"})
	if err != nil {
		return err
	}
	var waits, presses []time.Duration
	for round := range b.Rushes {
		b.say("rush %d of %d", round+1, b.Rushes)
		office := fmt.Sprintf("rush-%d", round)
		if err := b.openQuota(office); err != nil {
			return err
		}
		people, pressed, err := b.rush(office, token)
		if err != nil {
			return err
		}
		f.Sold, f.Refused = people.Statuses[201], people.Statuses[409]
		if f.Sold != rushPlaces || f.Sold+f.Refused != rushClients {
			return fmt.Errorf("of %d places %d were sold, and %d people told that none is left; the answers are %v", rushPlaces, f.Sold, f.Refused, people.Statuses)
		}
		if err := b.sold(office, f.Sold); err != nil {
			return err
		}
		f.P99 = max(f.P99, percentile(people.Waits, 0.99))
		waits, presses = append(waits, people.Waits...), append(presses, pressed.Waits...)
	}
	f.P50, f.Max = percentile(waits, 0.5), percentile(waits, 1)
	f.Presses, f.NextP50, f.NextP99, f.NextMax = len(presses), percentile(presses, 0.5), percentile(presses, 0.99), percentile(presses, 1)
	return nil
}

// rush lets 10,000 people ask for a place while an officer calls one after the
// other.
func (b *bookingBench) rush(office, token string) (people, officer answers, err error) {
	addr := b.server.listener.Addr().String()
	counter := "/api/v1/offices/" + office + "/counters/1/"
	press := func(act, body string) string {
		return string(httpRequest("POST", counter+act, body, "Authorization", "Bearer "+token))
	}
	desk, err := b.startClients(load{
		Addr: addr, Clients: 1, For: rushWithin + rushWithin/5, Every: pressEvery,
		Requests: []string{press("next", `{"complete":true}`), press("serve", "{}")},
	})
	if err != nil {
		return people, officer, err
	}
	crowd, err := b.startClients(load{
		Addr: addr, Clients: rushClients, For: rushWithin, Once: true,
		Bookings: &bookingLoad{Office: office, Service: "paspor-baru", First: b.people},
	})
	if err != nil {
		return people, officer, errors.Join(err, desk.end())
	}
	b.people += 1_000_000
	pressed := make(chan error, 1)
	go func() { // ends with the officer's work, awaited below
		var err error
		officer, err = desk.work()
		pressed <- err
	}()
	people, err = crowd.work()
	err = errors.Join(err, <-pressed)
	if err == nil {
		err = officer.only(200)
	}
	return people, officer, err
}

// openQuota makes an office that has 450 places, all of them tomorrow, and a
// hall full of people who wait.
func (b *bookingBench) openQuota(id string) error {
	c, err := bookedOffice(id)
	if err != nil {
		return err
	}
	now := b.server.ledger.Now()
	tomorrow := c.Calendar().Date(now).AddDays(1)
	c.Special = map[string]queue.Special{string(tomorrow): {Special: calendar.Special{Hours: []string{"07:00-12:00", "13:00-17:00"}}}}
	c.Booking.Horizon = calendar.Duration(24 * time.Hour)
	c.Services[0].SlotCapacity = queue.Capacity{Places: rushPlaces / 9}
	if errs := c.Prepare(); len(errs) > 0 {
		return errs[0]
	}
	if _, err := b.server.ledger.Create(b.ctx, c); err != nil {
		return err
	}
	office, err := b.server.ledger.Office(b.ctx, id)
	if err != nil {
		return err
	}
	asks := []queue.Ask{
		queue.SetCapacity{Date: tomorrow.AddDays(-1), Service: "paspor-baru", Places: queue.Capacity{}},
		queue.OpenCounter{Counter: "1"},
	}
	for range 2 * int((rushWithin+rushWithin/5)/pressEvery) {
		asks = append(asks, queue.Issue{ID: rand.Text(), Service: "penggantian"})
	}
	for _, ask := range asks {
		err := office.Do(b.ctx, queue.Command{Ask: ask, By: queue.Actor{Name: "petugas", Anywhere: true}, ID: rand.Text()}, nil)
		if err != nil {
			return fmt.Errorf("prepare %s: %T: %w", id, ask, err)
		}
	}
	return nil
}

func (f rushFigures) print(w io.Writer) {
	if f.Rushes == 0 {
		return
	}
	fmt.Fprintf(w, "A rush of %d clients within %s for %d places, %d times: %d sold, %d refused, nobody without an answer\n",
		f.Clients, rushWithin, f.Places, f.Rushes, f.Sold, f.Refused)
	fmt.Fprintf(w, "  answered after p50 %.0f ms, p99 of the worst %.0f ms, at most %.0f ms%s\n",
		f.P50, f.P99, f.Max, verdict(f.P99 < rushTarget, "p99 below 1 s"))
	fmt.Fprintf(w, "  Next pressed %d times meanwhile: p50 %.1f ms, p99 %.1f ms, at most %.1f ms%s\n",
		f.Presses, f.NextP50, f.NextP99, f.NextMax, verdict(f.NextP99 < pressTarget, "p99 below 50 ms"))
}
