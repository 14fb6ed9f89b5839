package queue

import (
	"maps"

	"antrean/internal/calendar"
)

// SetWalkins changes how many numbers the door gives for a service on one day,
// or takes such a change back. Who has a number keeps it.
type SetWalkins struct {
	Date    calendar.Date
	Service string
	Numbers int
	Usual   bool // as configured again
}

func (a SetWalkins) decide(d *draft) error {
	if err := d.date(a.Date); err != nil {
		return err
	}
	if _, ok := d.Config.Service(a.Service); !ok {
		return refuseField("service", "unknown_service")
	}
	if !a.Usual && (a.Numbers < 0 || a.Numbers > maxCapacity) {
		return refuseField("numbers", "number_range")
	}
	if !a.Usual && !d.hasHours(a.Date) {
		return refuse(OutsideHours, "no_hours")
	}
	if a.Usual {
		day := d.Days[a.Date]
		if day == nil {
			return refuse(WrongState, "capacity_usual")
		}
		if _, changed := day.Walkins[a.Service]; !changed {
			return refuse(WrongState, "capacity_usual")
		}
	}
	d.emit(&WalkinsSet{Date: a.Date, Service: a.Service, Numbers: a.Numbers, Usual: a.Usual})
	return nil
}

// WalkinsSet changes how many numbers the door gives on a day.
type WalkinsSet struct {
	Date    calendar.Date `json:"date"`
	Service string        `json:"service"`
	Numbers int           `json:"numbers"`
	Usual   bool          `json:"usual,omitempty"` // as configured again, whatever Numbers says
}

func (*WalkinsSet) kind() string { return "walkins_set" }

func (f *WalkinsSet) apply(s *State, _ *Event) {
	s.day(f.Date, func(d *Day) {
		all := maps.Clone(d.Walkins)
		make1(&all)
		if f.Usual {
			delete(all, f.Service)
		} else {
			all[f.Service] = f.Numbers
		}
		if d.Walkins = all; len(all) == 0 {
			d.Walkins = nil
		}
	})
}

// DoorLimit is how many numbers the door gives on a date; limited is false if
// there is no end of them.
func (s *State) DoorLimit(service *Service, date calendar.Date) (numbers int, limited bool) {
	if d := s.Days[date]; d != nil {
		if n, changed := d.Walkins[service.ID]; changed {
			return n, true
		}
	}
	if service.WalkinCapacity == nil {
		return 0, false
	}
	return *service.WalkinCapacity, true
}
