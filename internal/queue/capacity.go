package queue

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"antrean/internal/calendar"
)

// Capacity is how many places a slot of full length has. It is written as a
// number (30), by lane ({"priority": 5, "appointment": 25}), or "auto": as many
// as the configured counters can serve (Config.capacities).
type Capacity struct {
	// Places are for everybody.
	Places int
	// Priority are further places. Until the office's day begins they are kept
	// for the priority lane, which takes of the others when they are used up; on
	// the day itself they are everybody's, so that none stays empty.
	Priority int
	// Auto: Places come from counters and service time.
	Auto bool
}

const (
	maxCapacity     = 10000
	capacityAllowed = `a number, "auto", or {"priority": 5, "appointment": 25}`
)

// Total is the number of places of all lanes.
func (c Capacity) Total() int { return c.Places + c.Priority }

// IsZero reports whether there are no places: the service is not booked.
func (c Capacity) IsZero() bool { return c == Capacity{} }

func (c Capacity) inRange() bool {
	return c.Places >= 0 && c.Priority >= 0 && c.Places <= maxCapacity && c.Priority <= maxCapacity-c.Places
}

// lanes is how a capacity by lane is written.
type lanes struct {
	Priority    int `json:"priority" yaml:"priority"`
	Appointment int `json:"appointment" yaml:"appointment"`
}

// written is the plain value that stands in a file.
func (c Capacity) written() any {
	switch {
	case c.Auto:
		return "auto"
	case c.Priority != 0:
		return lanes{c.Priority, c.Places}
	}
	return c.Places
}

// String returns the capacity as a file has it.
func (c Capacity) String() string {
	text, _ := json.Marshal(c.written()) // numbers and a word
	return strings.Trim(string(text), `"`)
}

// MarshalJSON implements json.Marshaler.
func (c Capacity) MarshalJSON() ([]byte, error) { return json.Marshal(c.written()) }

// MarshalYAML returns the plain value for the YAML library.
func (c Capacity) MarshalYAML() (any, error) { return c.written(), nil }

// UnmarshalJSON implements json.Unmarshaler.
func (c *Capacity) UnmarshalJSON(text []byte) error {
	text = bytes.TrimSpace(text)
	if n, err := strconv.Atoi(string(text)); err == nil {
		*c = Capacity{Places: n}
		return nil
	}
	if string(text) == `"auto"` {
		*c = Capacity{Auto: true}
		return nil
	}
	var l lanes
	strict := json.NewDecoder(bytes.NewReader(text))
	strict.DisallowUnknownFields()
	if len(text) == 0 || text[0] != '{' || strict.Decode(&l) != nil {
		return fmt.Errorf("%s is no capacity (%s)", text, capacityAllowed)
	}
	*c = Capacity{Places: l.Appointment, Priority: l.Priority}
	return nil
}

// capacity is what the configuration gives a slot of full length on a date.
func (c *Config) capacity(service *Service, date calendar.Date) Capacity {
	places := service.SlotCapacity
	if dated, given := c.dated[date][service.ID]; given {
		places = dated
	}
	if places.Auto {
		places = Capacity{Places: c.auto[service.ID]}
	}
	return places
}

// StagePlaces is how many people an hour slot's length of the counters serves at
// one stage.
type StagePlaces struct {
	Stage  string `json:"stage"`
	Places int    `json:"places"`
}

// CountedPlaces are the places of a slot as the counters allow them, stage by
// stage in the order of the service's route; the narrowest decides. Every
// counter's time is shared evenly among all pairs of a service and a stage that
// it may serve, so that no minute is promised twice:
//
//	places(stage) = ⌊Σ over counters (slot ÷ pairs(counter)) ÷ service_time⌋
//
// It needs a service_time.
func (c *Config) CountedPlaces(service *Service) []StagePlaces {
	var all []StagePlaces
	for _, stage := range service.Stages {
		counted := 0.0
		for i := range c.Counters {
			k := &c.Counters[i]
			if k.books(service.ID, stage) {
				counted += 1 / float64(c.pairs(k))
			}
		}
		n := 0
		if service.ServiceTime > 0 {
			// A hair more, because thirds of counters do not add up exactly.
			n = int(counted*float64(c.Booking.Slot)/float64(service.ServiceTime) + 1e-9)
		}
		all = append(all, StagePlaces{stage, min(n, maxCapacity)})
	}
	return all
}

// books reports whether people with a booking may be served there.
func (k *CounterConfig) books(service, stage string) bool {
	return allows(k.Services, service) && allows(k.Stages, stage) &&
		(allows(k.Lanes, Appointment) || allows(k.Lanes, Priority))
}

// pairs counts the services and stages that share a counter's time.
func (c *Config) pairs(k *CounterConfig) int {
	n := 0
	for i := range c.Services {
		for _, stage := range c.Services[i].Stages {
			if allows(k.Services, c.Services[i].ID) && allows(k.Stages, stage) {
				n++
			}
		}
	}
	return n
}

// narrowest is the stage that decides how many places there are.
func narrowest(all []StagePlaces) StagePlaces {
	if len(all) == 0 {
		return StagePlaces{}
	}
	return slices.MinFunc(all, func(a, b StagePlaces) int { return a.Places - b.Places })
}

// countPlaces works out what the counters allow, where a service time is known.
func (c *Config) countPlaces() {
	c.auto = nil
	for i := range c.Services {
		if s := &c.Services[i]; s.ServiceTime > 0 {
			make1(&c.auto)
			c.auto[s.ID] = narrowest(c.CountedPlaces(s)).Places
		}
	}
}

// slotKey names one slot of a service among a day's changed capacities; the
// whole day's is named by the service alone.
func slotKey(service string, start time.Time) string {
	return service + "@" + start.UTC().Format(time.RFC3339Nano)
}

// capacity is how many places a slot has, and how many of them are kept for the
// priority lane.
func (s *State) capacity(service *Service, date calendar.Date, slot calendar.Slot) (places, priority int) {
	return s.Config.dayCapacity(service, date, s.Days[date], slot)
}

// dayCapacity counts what was changed for the day of the slot; nil: nothing was.
func (c *Config) dayCapacity(service *Service, date calendar.Date, day *Day, slot calendar.Slot) (places, priority int) {
	if day != nil && len(day.Capacity) > 0 {
		if one, changed := day.Capacity[slotKey(service.ID, slot.Start)]; changed {
			return one.Total(), one.Priority
		}
		if whole, changed := day.Capacity[service.ID]; changed {
			return part(whole.Total(), slot.Share), part(whole.Priority, slot.Share)
		}
	}
	usual := c.capacity(service, date)
	return part(usual.Total(), slot.Share), part(usual.Priority, slot.Share)
}

// part is what a shorter slot has of so many places.
func part(places int, share float64) int { return int(float64(places) * share) }
