package display

import (
	"slices"
	"sync"
	"time"

	"antrean/internal/queue"
)

const (
	// hoursKept is how old the earliest hours of other offices may be: they only
	// point there, and the booking itself decides.
	hoursKept = 5 * time.Second
	// soonerHours is how many other offices are named.
	soonerHours = 3
)

// soonerHour is the earliest hour of a service at another office.
type soonerHour struct {
	Office  string    `json:"office"`
	Name    string    `json:"name"`
	Address string    `json:"address"`
	Service string    `json:"service"`
	Start   time.Time `json:"start"`
	End     time.Time `json:"end"`
}

// earliestHours are the earliest hours of every office that is awake here, by
// what was asked for. Whoever asks within hoursKept is answered from memory, so
// that a rush on one office does not read all the others.
type earliestHours struct {
	mu    sync.Mutex
	known map[hourKey]knownHours
}

type hourKey struct {
	service string
	lane    queue.Lane
	people  int
}

type knownHours struct {
	at    time.Time
	hours []soonerHour // by start
}

func newEarliestHours() *earliestHours { return &earliestHours{known: map[hourKey]knownHours{}} }

// sooner are the offices other than this one where so many people of a lane can
// have the same service before an hour, or at all if before is zero. No office is woken
// to be asked; one that stands still is not named.
func (a *App) sooner(office, service string, lane queue.Lane, people int, before time.Time) []soonerHour {
	all := []soonerHour{}
	for _, h := range a.earliestAnywhere(service, lane, people) {
		if h.Office != office && (before.IsZero() || h.Start.Before(before)) && len(all) < soonerHours {
			all = append(all, h)
		}
	}
	return all
}

func (a *App) earliestAnywhere(service string, lane queue.Lane, people int) []soonerHour {
	now, key := a.Offices.Now(), hourKey{service, lane, people}
	a.hours.mu.Lock()
	defer a.hours.mu.Unlock()
	known, ok := a.hours.known[key]
	if ok && now.Sub(known.at) < hoursKept {
		return known.hours
	}
	found := knownHours{at: now}
	for _, o := range a.Offices.Awake() {
		o.Read(func(s *queue.State) {
			if s.Config == nil {
				return
			}
			offered, ok := s.Config.Service(service)
			if _, suspended := s.Suspended(); !ok || suspended || people > s.Config.Booking.PartyMax {
				return
			}
			if p, ok := s.EarliestFor(lane, offered, s.Today(now), people, now); ok {
				found.hours = append(found.hours, soonerHour{
					Office: s.Office, Name: s.Config.Name, Address: s.Config.Address, Service: service,
					Start: here(s, p.Start), End: here(s, p.End),
				})
			}
		})
	}
	slices.SortStableFunc(found.hours, func(x, y soonerHour) int { return x.Start.Compare(y.Start) })
	if len(a.hours.known) >= mostHourKeys {
		clear(a.hours.known)
	}
	a.hours.known[key] = found
	return found.hours
}

// mostHourKeys bounds what is remembered; only services that this office has
// are asked for.
const mostHourKeys = 1000
