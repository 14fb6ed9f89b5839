package predict

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"antrean/internal/queue"
)

// probe is a newcomer who is asked for and takes nobody's time.
type probe struct {
	service string
	lane    queue.Lane
}

// kept is how many of the bookings are: nine in ten people come.
const kept = 0.9

// maxExpected bounds the bookings that are played along.
const maxExpected = 100

// invite puts a newcomer into each lane of each service.
func (g *game) invite() {
	invited := &queue.TicketsBooked{}
	for i := range g.hall.config.Services {
		service := &g.hall.config.Services[i]
		for _, lane := range []queue.Lane{queue.Priority, queue.Appointment, queue.Walkin} {
			t := &queue.Ticket{
				ID: fmt.Sprintf("newcomer/%s/%s", service.ID, lane), Number: service.Prefix + "-", Seq: math.MaxInt32,
				Service: service.ID, Route: service.Stages[:1], Stage: service.Stages[0], Status: queue.Waiting, Lane: lane,
				Arrived: g.hall.at, Since: g.hall.at, Due: g.due(lane, g.hall.at),
			}
			if g.served(t) {
				invited.Tickets = append(invited.Tickets, t)
				g.probes[t.ID] = probe{service.ID, lane}
				g.targets[t.ID] = t
			}
		}
	}
	g.tell(invited)
}

// expect lists the bookings that will be due before somebody who walks in now:
// without them a forecast promises too much to those who walked in.
func (g *game) expect() {
	latest := g.due(queue.Walkin, g.hall.at)
	for _, t := range g.hall.expected {
		at := t.Slot.Start
		if !at.After(g.hall.at) { // may come at any moment of its grace
			at = g.hall.at.Add(max(0, t.ArriveBy.Sub(g.hall.at)) / 2)
		}
		coming := *t
		coming.Status, coming.Arrived, coming.Since, coming.Due = queue.Waiting, at, at, g.due(t.Lane, at)
		coming.Party = "" // who comes together need not be told apart here
		if coming.Due.Before(latest) && g.served(&coming) {
			g.comes = append(g.comes, &coming)
			g.arrives[t.ID] = g.clock.until(at).Seconds()
		}
	}
	slices.SortFunc(g.comes, func(a, b *queue.Ticket) int {
		return cmp.Or(a.Arrived.Compare(b.Arrived), cmp.Compare(a.ID, b.ID))
	})
	g.comes = g.comes[:min(len(g.comes), maxExpected)]
	for _, t := range g.comes {
		g.wakes = append(g.wakes, g.arrives[t.ID])
	}
	slices.Sort(g.wakes)
}

// due is when somebody is due who has waited since then.
func (g *game) due(lane queue.Lane, since time.Time) time.Time {
	offsets := g.hall.config.Calling.Offsets
	switch lane {
	case queue.Priority:
		return since.Add(offsets.Priority.D())
	case queue.Appointment:
		return since.Add(offsets.Appointment.D())
	}
	return since.Add(offsets.Walkin.D())
}
