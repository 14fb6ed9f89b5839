package trace

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"antrean/internal/calendar"
	"antrean/internal/queue"
)

// clock is a time of day in the office's zone, as the language writes it.
func (t *Teller) clock(at time.Time) string {
	return at.In(t.now.Location()).Format(t.in("15.04", "15:04"))
}

// moment is clock, with the date when it is another day's.
func (t *Teller) moment(at time.Time) string {
	at = at.In(t.now.Location())
	if at.Format(time.DateOnly) == t.now.Format(time.DateOnly) {
		return t.clock(at)
	}
	return t.hour(at)
}

// hour is clock, with its date.
func (t *Teller) hour(at time.Time) string { return t.on(at) + " " + t.clock(at) }

var months = [...]string{"Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"}

// on is the date of a moment, "24 Des 2026", in English "24 Dec 2026".
func (t *Teller) on(at time.Time) string {
	at = at.In(t.now.Location())
	return fmt.Sprintf("%d %s %d", at.Day(), t.in(months[at.Month()-1], at.Format("Jan")), at.Year())
}

// date is a day in the same words.
func (t *Teller) date(day calendar.Date) string {
	noon, err := time.ParseInLocation(time.DateOnly+" 15", day.String()+" 12", t.now.Location())
	if err != nil {
		return day.String()
	}
	return t.on(noon)
}

func (t *Teller) language() string { return t.in("id", "en") }

func (t *Teller) counter(id string) string {
	if c := t.state.Config; c != nil {
		if k, ok := c.Counter(id); ok {
			return k.Name
		}
	}
	return t.in("loket ", "counter ") + id
}

func (t *Teller) counters(ids []string) string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = t.counter(id)
	}
	return strings.Join(names, ", ")
}

func (t *Teller) service(id string) string {
	if c := t.state.Config; c != nil {
		if s, ok := c.Service(id); ok {
			return s.Name.In(t.language())
		}
	}
	return id
}

func (t *Teller) stage(id string) string {
	if c := t.state.Config; c != nil {
		if s, ok := c.Stage(id); ok {
			return s.Name.In(t.language())
		}
	}
	return id
}

func (t *Teller) lane(lane queue.Lane) string {
	switch lane {
	case queue.Priority:
		return t.in("prioritas", "priority")
	case queue.Appointment:
		return t.in("terjadwal", "appointment")
	case queue.Walkin:
		return t.in("datang langsung", "walk-in")
	}
	return string(lane)
}

// priority mentions the lane where it is not the usual one.
func (t *Teller) priority(lane queue.Lane) string {
	if lane != queue.Priority {
		return ""
	}
	return t.in(", prioritas", ", priority")
}

func (t *Teller) status(s queue.Status) string {
	switch s {
	case queue.Booked:
		return t.in("terpesan", "booked")
	case queue.Waiting:
		return t.in("menunggu", "waiting")
	case queue.Called:
		return t.in("dipanggil", "called")
	case queue.Serving:
		return t.in("dilayani", "being served")
	case queue.Parked:
		return t.in("ditunda", "parked")
	case queue.Done:
		return t.in("selesai", "done")
	case queue.NoShow:
		return t.in("tidak datang", "no-show")
	case queue.Cancelled:
		return t.in("dibatalkan", "cancelled")
	case queue.Expired:
		return t.in("kedaluwarsa", "expired")
	}
	return string(s)
}

// act names what an officer took back.
func (t *Teller) act(what string) string {
	switch what {
	case "next":
		return t.in("panggilan berikutnya", "the next call")
	case "call":
		return t.in("panggilan pilihan", "the chosen call")
	case "serve":
		return t.in("mulai melayani", "the beginning of serving")
	case "complete":
		return t.in("penyelesaian", "the completion")
	case "no-show":
		return t.in("catatan tidak hadir", "the absence")
	case "park":
		return t.in("penundaan", "the parking")
	}
	return what
}

// reason says why it was this ticket's turn.
func (t *Teller) reason(id string, f *queue.TicketsCalled) string {
	ticket := t.state.Tickets[id]
	switch queue.Reason(f.Why) {
	case queue.ByPriority:
		return t.in("giliran prioritas", "the priority lane's turn")
	case queue.ByCeiling:
		return t.in("menunggu melewati batas", "waited beyond the ceiling")
	case queue.ByAge:
		return t.in("prioritas yang datang lebih dahulu", "priority, came earlier")
	case queue.ByAppointment:
		if ticket != nil && ticket.Slot != nil {
			return t.in("giliran paling awal, terjadwal ", "earliest due, appointment at ") + t.clock(ticket.Slot.Start)
		}
		return t.in("giliran paling awal, terjadwal", "earliest due, by appointment")
	case queue.ByArrival:
		if ticket != nil && !ticket.Arrived.IsZero() {
			return t.in("giliran paling awal, datang ", "earliest due, came at ") + t.clock(ticket.Arrived)
		}
		return t.in("giliran paling awal, datang langsung", "earliest due, walked in")
	case queue.Chosen:
		if f.Note != "" {
			return t.in("di luar giliran: ", "out of turn: ") + t.note(f.Note)
		}
		return t.in("di luar giliran", "out of turn")
	}
	return f.Why
}

// note says why somebody was called out of turn or amended. Words of their own
// are in logs of before only.
func (t *Teller) note(note string) string {
	switch note {
	case "assistance":
		return t.in("perlu didahulukan", "needs to go first")
	case "returning":
		return t.in("kembali untuk menyelesaikan", "came back to finish")
	case "missed_call":
		return t.in("tidak mendengar panggilan", "did not hear the call")
	case "mistake":
		return t.in("memperbaiki kekeliruan", "to mend a mistake")
	case "disruption":
		return t.in("setelah gangguan", "after a disruption")
	case "desk_request":
		return t.in("atas permintaan meja depan", "the front desk asked")
	case queue.OtherNote:
		return t.in("alasan lain", "another reason")
	}
	return strconv.Quote(note)
}
