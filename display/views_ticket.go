package display

import (
	"slices"
	"time"

	"antrean/internal/queue"
	"antrean/static"
)

// viewTicket is a ticket as its holder sees it.
func viewTicket(s *queue.State, t *queue.Ticket, now time.Time, wait *static.Wait) static.TicketView {
	return viewTicketAt(s, t, now, wait, s.Ahead)
}

// viewTicketAt is viewTicket where it is known how many are ahead.
func viewTicketAt(s *queue.State, t *queue.Ticket, now time.Time, wait *static.Wait, aheadOf func(*queue.Ticket) int) static.TicketView {
	_, suspended := s.Suspended()
	v := static.TicketView{
		Number: t.Number, State: string(t.Status), Late: t.Late(),
		Service: t.Service, ServiceName: serviceName(s, t.Service),
		Stage: t.Stage, StageName: stageName(s, t.Stage),
		Slot: slotOf(s, t), ArriveBy: moment(s, t.ArriveBy),
		Counter: t.Counter, Calls: callsOf(s, t, now), Confirmed: t.Confirmed,
		Fee: t.Fee, Why: t.Why, Party: numbersOf(s, t), Can: canDo(s, t, now), Suspended: suspended,
		Timeline: static.Timeline{PaymentDue: moment(s, t.PaymentDue), PickupFrom: dayStart(s, t.PickupFrom)},
	}
	v.StandbyOffer = viewOffer(s, t, now)
	v.Help = !t.Help.IsZero() && s.MayAskHelp(t, now)
	v.Kept = t.Kept && t.Status == queue.Booked
	v.MovedFrom, v.ChooseNewDay = moment(s, t.MovedFrom), t.NewDay && t.Status == queue.Booked
	if t.Status == queue.Booked && t.Standby != nil {
		v.Standby = &t.Standby.Minutes
	}
	if t.Slot != nil {
		v.Timeline.Appointment = moment(s, t.Slot.Start)
	}
	if t.Status != queue.Booked {
		v.Lane = string(t.Lane)
	}
	if t.Counter != "" {
		v.CounterName, _ = counterNames(s, t.Counter)
	}
	if t.Status == queue.Waiting {
		ahead := aheadOf(t)
		v.Ahead, v.Wait = &ahead, wait
	}
	return v
}

// callsOf are today's calls of the ticket or of its party, newest first.
func callsOf(s *queue.State, t *queue.Ticket, now time.Time) []static.Call {
	calls := []static.Call{}
	today, party := s.Today(now), s.Party(t)
	for _, c := range slices.Backward(s.Calls) {
		of := func(m *queue.Ticket) bool { return m.ID == c.Ticket }
		if s.Today(c.At) == today && slices.ContainsFunc(party, of) {
			calls = append(calls, viewCall(s, c))
		}
	}
	return calls
}

// canDo is what the applicant may do now, by the last word of the path.
func canDo(s *queue.State, t *queue.Ticket, now time.Time) []string {
	can := []string{}
	today := s.Today(now) == t.Date
	if t.Status == queue.Booked {
		if day := s.Days[t.Date]; today && t.Slot != nil && (day == nil || !day.Ended) {
			can = append(can, "check-in")
		}
		switch {
		case s.OfferStands(t, now):
			can = append(can, "accept")
		case t.Standby == nil && !t.Released && (t.Slot == nil || t.Slot.Start.After(now)):
			can = append(can, "standby")
		}
		if t.Date <= s.Today(now).AddDays(1) && !t.Confirmed {
			can = append(can, "confirm")
		}
	}
	if t.Status == queue.Waiting {
		can = append(can, "defer")
	}
	if s.MayAskHelp(t, now) && t.Help.IsZero() {
		can = append(can, "help")
	}
	if s.MayReschedule(t, now) {
		can = append(can, "reschedule")
	}
	if t.Status == queue.Booked || t.Status == queue.Waiting || t.Status == queue.Parked {
		can = append(can, "cancel")
	}
	return can
}
