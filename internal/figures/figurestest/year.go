// Package figurestest makes the logs of busy offices for tests: days on which
// people book, come, wait, are called and served, through the rules themselves.
package figurestest

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"antrean/internal/calendar"
	"antrean/internal/config"
	"antrean/internal/queue"
)

// Year plays days of an office that the rules decide.
type Year struct {
	t      testing.TB
	state  *queue.State
	events []*queue.Event
	luck   *rand.Rand
	now    time.Time
	made   int
	acts   int
}

// Booked and WalkedIn are how many people come on each day: 450.
const (
	Booked   = 330
	WalkedIn = 120
)

// Office is the configuration of the office that is played.
func Office() *queue.Config {
	c := config.Default()[0]
	for i := range c.Services {
		c.Services[i].SlotCapacity = queue.Capacity{Places: 30}
		c.Services[i].WalkinCapacity = nil
	}
	c.Hours = map[string][]string{"mon-sun": {"07:30-12:00", "13:00-16:00"}}
	c.Closures, c.Special = nil, nil
	c.Counters = nil
	for i := range 12 {
		c.Counters = append(c.Counters, queue.CounterConfig{ID: fmt.Sprint(i + 1), Name: fmt.Sprintf("Loket %d", i+1)})
	}
	if errs := c.Prepare(); len(errs) > 0 {
		panic(errs)
	}
	return &c
}

// New opens the office.
func New(t testing.TB, first calendar.Date) *Year {
	t.Helper()
	y := &Year{t: t, state: queue.NewState("bandung"), luck: rand.New(rand.NewPCG(1, 2))}
	y.state.Begin()
	begin, err := time.ParseInLocation(time.DateOnly, string(first), time.FixedZone("WIB", 7*3600))
	if err != nil {
		t.Fatal(err)
	}
	y.now = begin
	y.do("system", queue.Configure{Config: Office(), Epoch: "e1"})
	return y
}

func (y *Year) do(by string, ask queue.Ask) bool {
	y.acts++
	command := queue.Command{Ask: ask, By: queue.Actor{Name: by, Anywhere: by == "system", Public: by == "applicant"}, ID: fmt.Sprint("c", y.acts)}
	events, err := queue.Decide(y.state, command, y.now)
	y.state.Keep()
	y.state.Begin()
	y.events = append(y.events, events...)
	return err == nil
}

// Events are those since the last time, the first of all being version 1.
func (y *Year) Events() []*queue.Event {
	events := y.events
	y.events = nil
	return events
}

// State is the office after what was played.
func (y *Year) State() *queue.State { return y.state }

// Day plays a day from midnight to its end.
func (y *Year) Day() {
	y.t.Helper()
	midnight := y.now
	date := y.state.Today(midnight)
	services := y.state.Config.Services
	y.now = midnight.Add(6 * time.Hour)
	var expected []string
	for range Booked {
		y.made++
		service := services[y.made%len(services)].ID
		id := fmt.Sprintf("t%07d", y.made)
		slots := y.state.Places(&y.state.Config.Services[y.made%len(services)], date, y.now)
		if len(slots) > 0 && y.do("applicant", queue.Book{Service: service, Slot: slots[y.luck.IntN(len(slots))].Start, IDs: []string{id}, Priority: y.luck.IntN(12) == 0}) {
			expected = append(expected, id)
		}
	}
	type visit struct{ until time.Time }
	at := map[string]visit{}
	walkins := 0
	opens, closes, _ := y.state.Config.Calendar().Bounds(date)
	for y.now = opens.Add(-30 * time.Minute); y.now.Before(closes.Add(3 * time.Hour)); y.now = y.now.Add(time.Minute) {
		kept := expected[:0]
		for _, id := range expected {
			t := y.state.Tickets[id]
			switch early := t.Slot.Start.Sub(y.now); {
			case early > 20*time.Minute, y.luck.IntN(15) != 0:
				kept = append(kept, id)
			case y.luck.IntN(12) == 0: // never comes
			default:
				y.do("desk", queue.CheckIn{Ticket: id, Proof: true})
			}
		}
		expected = kept
		if !y.now.Before(opens) && y.now.Before(closes.Add(-time.Hour)) && walkins < WalkedIn && y.luck.IntN(3) == 0 {
			y.made++
			if y.do("desk", queue.Issue{ID: fmt.Sprintf("t%07d", y.made), Service: services[y.made%len(services)].ID, Priority: y.luck.IntN(8) == 0}) {
				walkins++
			}
		}
		if y.now.Minute()%5 == 0 {
			y.do("system", queue.ReleasePlaces{})
		}
		if y.now.Before(opens) {
			continue
		}
		hall := 0
		for i := range y.state.Config.Counters {
			k := y.state.Config.Counters[i].ID
			officer := "officer-" + k
			if y.state.Counter(k).State == queue.Closed {
				y.do(officer, queue.OpenCounter{Counter: k})
			}
			tickets := y.state.Counter(k).Tickets
			if len(tickets) > 0 {
				hall++
			}
			switch {
			case len(tickets) == 0 && y.do(officer, queue.Next{Counter: k}):
				at[k] = visit{y.now.Add(time.Duration(1+y.luck.IntN(2)) * time.Minute)}
			case len(tickets) == 0, y.now.Before(at[k].until):
			case y.state.Tickets[tickets[0]].Status == queue.Called && y.luck.IntN(25) == 0:
				y.do(officer, queue.Miss{Counter: k})
			case y.state.Tickets[tickets[0]].Status == queue.Called:
				y.do(officer, queue.Serve{Counter: k})
				at[k] = visit{y.now.Add(time.Duration(4+y.luck.IntN(5)) * time.Minute)}
			case y.luck.IntN(60) == 0:
				y.do(officer, queue.Park{Counter: k})
			case y.luck.IntN(20) == 0:
				y.do(officer, queue.Complete{Counter: k})
				if y.luck.IntN(4) == 0 {
					y.do(officer, queue.UndoLast{Counter: k})
				}
			default:
				y.do(officer, queue.Next{Counter: k, Complete: true})
				at[k] = visit{y.now.Add(2 * time.Minute)}
			}
		}
		if y.now.After(closes) && hall == 0 {
			break
		}
	}
	y.do("system", queue.EndDay{Date: date})
	y.now = midnight.AddDate(0, 0, 1)
	y.do("system", queue.Forget{})
	y.state.Prune(y.now)
}
