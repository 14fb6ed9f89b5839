package queue

import (
	"maps"
	"slices"
	"time"

	"antrean/internal/calendar"
)

// SetCapacity changes the places of a service's slots on one day, or of one of
// its slots. Who is booked already stays, and is told when their hour has fewer
// places now than were booked. It also takes such a change back.
type SetCapacity struct {
	Date    calendar.Date
	Service string
	Slot    time.Time // start of the one slot; zero: every slot of the day
	Places  Capacity  // of a slot of full length; for one slot: of it, however long
	// Usual takes the change back: of the one slot, or of the day and all its slots.
	Usual bool
}

func (a SetCapacity) decide(d *draft) error {
	if err := d.date(a.Date); err != nil {
		return err
	}
	service, ok := d.Config.Service(a.Service)
	if !ok {
		return refuseField("service", "unknown_service")
	}
	if !a.Usual && (!a.Places.inRange() || a.Places.Auto) {
		return refuseField("places", "number_range")
	}
	if !a.Slot.IsZero() && !d.hasSlot(a.Date, a.Slot) {
		return refuse(OutsideHours, "no_such_slot")
	}
	set := &CapacitySet{Date: a.Date, Service: a.Service, Places: a.Places, Usual: a.Usual}
	if !a.Slot.IsZero() {
		slot := a.Slot.UTC()
		set.Slot = &slot
	}
	before := d.Days[a.Date]
	if a.Usual && (before == nil || maps.Equal(set.changed(before.Capacity), before.Capacity)) {
		return refuse(WrongState, "capacity_usual")
	}
	after := Day{Date: a.Date}
	if before != nil {
		after = *before
	}
	after.Capacity = set.changed(after.Capacity)
	set.Kept, set.Settled = d.crowded(service, &after)
	d.emit(set)
	if a.Date == d.Today(d.now) {
		d.offerPlaces()
	}
	return nil
}

// hasHours is whether the office opens at all on the day, by its hours.
func (d *draft) hasHours(date calendar.Date) bool {
	_, _, open := d.Config.Calendar().Bounds(date)
	return open
}

func (d *draft) hasSlot(date calendar.Date, start time.Time) bool {
	return slices.ContainsFunc(d.Config.Calendar().Slots(date, d.Config.Booking.Slot.D()), func(s calendar.Slot) bool {
		return s.Start.Equal(start)
	})
}

// crowded are those who are booked in slots that have fewer places than were
// booked once the day is like that, and those who are not any more; each only
// if it is news.
func (d *draft) crowded(service *Service, day *Day) (kept, settled []string) {
	full := map[int64]bool{}
	for _, slot := range d.Config.Calendar().Slots(day.Date, d.Config.Booking.Slot.D()) {
		places, _ := d.Config.dayCapacity(service, day.Date, day, slot)
		full[slot.Start.Unix()] = d.Taken(service.ID, slot.Start) > places
	}
	for id, t := range d.Tickets {
		if t.Date != day.Date || t.Service != service.ID || t.Status != Booked || !t.HoldsPlace() {
			continue
		}
		switch over := full[t.Slot.Start.Unix()]; {
		case over && !t.Kept:
			kept = append(kept, id)
		case !over && t.Kept:
			settled = append(settled, id)
		}
	}
	slices.Sort(kept)
	slices.Sort(settled)
	return kept, settled
}

// CapacitySet changes how many places the slots of a day have.
type CapacitySet struct {
	Date    calendar.Date `json:"date"`
	Service string        `json:"service"`
	Slot    *time.Time    `json:"slot,omitempty"` // start of the only slot that changes
	Places  Capacity      `json:"places"`
	Usual   bool          `json:"usual,omitempty"`   // as configured again, whatever Places says
	Kept    []string      `json:"kept,omitempty"`    // tickets of hours that have fewer places now than were booked
	Settled []string      `json:"settled,omitempty"` // tickets of hours that have enough again
}

func (*CapacitySet) kind() string { return "capacity_set" }

func (f *CapacitySet) apply(s *State, _ *Event) {
	s.day(f.Date, func(d *Day) { d.Capacity = f.changed(d.Capacity) })
	for _, id := range f.Kept {
		s.change(id, func(t *Ticket) { t.Kept = true })
	}
	for _, id := range f.Settled {
		s.change(id, func(t *Ticket) { t.Kept = false })
	}
}

// changed is a day's changed capacities after this one, in a map of its own;
// nil if there is none.
func (f *CapacitySet) changed(old map[string]Capacity) map[string]Capacity {
	all := make(map[string]Capacity, len(old)+1)
	maps.Copy(all, old)
	key := f.Service
	if f.Slot != nil {
		key = slotKey(f.Service, *f.Slot)
	}
	if !f.Usual {
		all[key] = f.Places
		return all
	}
	maps.DeleteFunc(all, func(k string, _ Capacity) bool {
		return k == key || f.Slot == nil && len(k) > len(key) && k[:len(key)+1] == key+"@"
	})
	if len(all) == 0 {
		return nil
	}
	return all
}
