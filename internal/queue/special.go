package queue

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"antrean/internal/calendar"
)

// Special is what a date or a range of dates has instead of the usual: hours,
// places, or both. It is written as a list of hours, or by days of the week
// ({"mon-thu": […], "fri": […]}), and with places as {"hours": […],
// "slot_capacity": {"paspor-baru": 10}}.
type Special struct {
	calendar.Special
	SlotCapacity map[string]Capacity // of a slot of full length, by service
}

const (
	hoursKey    = "hours"
	capacityKey = "slot_capacity"
)

// written is the plain value that stands in a file.
func (s Special) written() any {
	if s.Days == nil && s.SlotCapacity == nil {
		return append([]string{}, s.Hours...)
	}
	all := map[string]any{}
	for days, hours := range s.Days {
		all[days] = hours
	}
	if s.Hours != nil {
		all[hoursKey] = s.Hours
	}
	if s.SlotCapacity != nil {
		all[capacityKey] = s.SlotCapacity
	}
	return all
}

// MarshalJSON implements json.Marshaler.
func (s Special) MarshalJSON() ([]byte, error) { return json.Marshal(s.written()) }

// MarshalYAML returns the plain value for the YAML library.
func (s Special) MarshalYAML() (any, error) { return s.written(), nil }

// UnmarshalJSON implements json.Unmarshaler. An error within is a
// calendar.FieldError.
func (s *Special) UnmarshalJSON(text []byte) error {
	text = bytes.TrimSpace(text)
	*s = Special{}
	if len(text) > 0 && text[0] != '{' { // null was a day without hours, and still is
		return list(text, &s.Hours)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		return errors.New(`hours are expected (["08:00-11:00"], {mon-thu: [...], fri: [...]} or {hours: [...], slot_capacity: {service: number}})`)
	}
	for _, key := range slices.Sorted(maps.Keys(all)) {
		switch key {
		case hoursKey:
			if err := list(all[key], &s.Hours); err != nil {
				return calendar.FieldError{Field: key, Message: err.Error()}
			}
		case capacityKey:
			if err := s.readCapacity(all[key]); err != nil {
				return err
			}
		default:
			var hours []string
			if err := list(all[key], &hours); err != nil {
				return calendar.FieldError{Field: key, Message: err.Error()}
			}
			make1(&s.Days)
			s.Days[key] = hours
		}
	}
	return nil
}

func (s *Special) readCapacity(text json.RawMessage) error {
	var places map[string]json.RawMessage
	if err := json.Unmarshal(text, &places); err != nil {
		return calendar.FieldError{Field: capacityKey, Message: "places by service are expected ({paspor-baru: 10})"}
	}
	s.SlotCapacity = map[string]Capacity{}
	for _, service := range slices.Sorted(maps.Keys(places)) {
		var c Capacity
		if err := c.UnmarshalJSON(places[service]); err != nil {
			return calendar.FieldError{Field: capacityKey + "." + service, Message: err.Error()}
		}
		s.SlotCapacity[service] = c
	}
	return nil
}

func list(text []byte, into *[]string) error {
	if err := json.Unmarshal(text, into); err != nil {
		return errors.New(`a list of hours is expected (["08:00-11:00"])`)
	}
	if *into == nil {
		*into = []string{}
	}
	return nil
}

// plan is what the calendar needs of the configuration.
func (c *Config) plan() calendar.Plan {
	p := calendar.Plan{Timezone: c.Timezone, Hours: c.Hours, Closures: c.Closures}
	for key, s := range c.Special {
		make1(&p.Special)
		p.Special[key] = s.Special
	}
	return p
}

// datePlaces spreads the capacities of special dates: those of ranges, then
// those of single dates, which go before them.
func (c *Config) datePlaces() {
	c.dated = nil
	keys := slices.SortedFunc(maps.Keys(c.Special), func(a, b string) int { return len(b) - len(a) })
	for _, key := range keys {
		from, to, err := calendar.ParseDates(key)
		if err != nil || len(c.Special[key].SlotCapacity) == 0 {
			continue // refused when it was checked
		}
		for date := from; date <= to; date = date.AddDays(1) {
			places := maps.Clone(c.dated[date])
			make1(&places)
			maps.Copy(places, c.Special[key].SlotCapacity)
			make1(&c.dated)
			c.dated[date] = places
		}
	}
}

// checkSpecial refuses what special dates say about places.
func (c *Config) checkSpecial(bad func(field, format string, args ...any)) {
	for _, key := range slices.Sorted(maps.Keys(c.Special)) {
		s := c.Special[key]
		if s.Hours == nil && s.Days == nil && s.SlotCapacity == nil {
			bad("special."+key, `says nothing (hours like ["08:00-11:00"], [] if it is closed, or slot_capacity)`)
		}
		for _, id := range slices.Sorted(maps.Keys(s.SlotCapacity)) {
			field := fmt.Sprintf("special.%s.%s.%s", key, capacityKey, id)
			service, ok := c.Service(id)
			switch places := s.SlotCapacity[id]; {
			case !ok:
				bad(field, "%q is not a service of this office (%s)", id, strings.Join(c.serviceIDs(), ", "))
			case service.SlotCapacity.IsZero():
				bad(field, "%q is not booked (give the service a slot_capacity first)", id)
			case !places.inRange():
				bad(field, "%s is out of range (0 to %d)", places, maxCapacity)
			case places.Auto && service.ServiceTime == 0:
				bad(field, "auto counts with the service_time of %q, which is missing", id)
			}
		}
	}
}

func (c *Config) serviceIDs() []string {
	ids := make([]string, len(c.Services))
	for i, s := range c.Services {
		ids[i] = s.ID
	}
	return ids
}
