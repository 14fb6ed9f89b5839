package simulate

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"

	"antrean/internal/queue"
)

// Summary is what came of the days. Counts are people; waits are from
// max(opening, slot, arrival) to the first call.
type Summary struct {
	Seed        uint64                `json:"seed"`
	Booked      int                   `json:"booked"`
	WalkedIn    int                   `json:"walked_in"`
	TurnedAway  int                   `json:"turned_away"` // at the door, when its numbers were used up
	Served      int                   `json:"served"`
	NoShows     int                   `json:"no_shows"`
	Expired     int                   `json:"expired"`
	Cancelled   int                   `json:"cancelled"`
	Absent      int                   `json:"absent"` // times called and not there
	Parked      int                   `json:"parked"`
	Transferred int                   `json:"transferred"`
	Undone      int                   `json:"undone"`
	Refill      Refill                `json:"refill"`
	Standby     int                   `json:"standby"`  // offers that were accepted
	Deaf        int                   `json:"deaf"`     // offers that nobody answered
	Families    int                   `json:"families"` // booked together
	Given       int                   `json:"given"`    // of those cancelled: on the evening before
	Confirmed   int                   `json:"confirmed"`
	Rescheduled int                   `json:"rescheduled"`
	Deferred    int                   `json:"deferred"` // times people were let pass
	Lanes       map[queue.Lane]*Waits `json:"lanes"`
}

// Waits are the waiting times of one lane, in seconds. A family waits once; who
// let others pass chose to wait and is not measured.
type Waits struct {
	Served int     `json:"served"` // of whom they were measured
	P50    float64 `json:"p50"`
	P90    float64 `json:"p90"`
	Max    float64 `json:"max"`

	all []float64
}

// waited notes how long a person waited for the first call.
func (w *world) waited(v *visitor) {
	if v == nil || v.counted {
		return
	}
	v.counted = true
	from := v.arrived
	if from.IsZero() || v.deferred {
		w.leave(v)
		return // came with a family whose first was counted, or let others pass
	}
	if v.slot.After(from) {
		from = v.slot
	}
	if opens, _, ok := v.hall.config.Calendar().Bounds(w.day); ok && opens.After(from) {
		from = opens // who stands at the door before it opens waits for the door
	}
	lane := w.summary.Lanes[v.lane]
	if lane == nil {
		lane = &Waits{}
		w.summary.Lanes[v.lane] = lane
	}
	lane.all = append(lane.all, max(0, w.now.Sub(from).Seconds()))
	w.leave(v)
}

// count asks the offices' logs how the tickets ended and what was refilled.
func (w *world) count(ctx context.Context) error {
	for _, lane := range w.summary.Lanes {
		slices.Sort(lane.all)
		lane.Served = len(lane.all)
		lane.P50, lane.P90, lane.Max = quantile(lane.all, 0.5), quantile(lane.all, 0.9), quantile(lane.all, 1)
	}
	defer w.summary.Refill.measure()
	for _, h := range w.halls {
		state := queue.NewState(h.id)
		places := &watch{refill: &w.summary.Refill}
		for after := uint64(0); ; {
			var page struct {
				Events []struct {
					Version uint64          `json:"version"`
					Event   json.RawMessage `json:"event"`
				} `json:"events"`
			}
			if err := w.api.call(ctx, http.MethodGet, fmt.Sprintf("%s?after=%d", h.path("/log"), after), w.api.admin, "", nil, &page); err != nil {
				return err
			}
			if len(page.Events) == 0 {
				break
			}
			for _, entry := range page.Events {
				e, err := queue.Decode(entry.Event)
				if err != nil {
					return err
				}
				places.before(state, e.Fact)
				if err := state.Apply(entry.Version, e); err != nil {
					return err
				}
				places.after(state, e.Fact)
				after = entry.Version
			}
		}
		for id := range h.visitors {
			t := state.Tickets[id]
			if t == nil {
				continue
			}
			switch t.Status {
			case queue.Done:
				w.summary.Served++
			case queue.NoShow:
				w.summary.NoShows++
			case queue.Expired:
				w.summary.Expired++
			}
		}
	}
	return nil
}

func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[int(math.Ceil(q*float64(len(sorted))))-1]
}

// Print writes the summary for people.
func (s *Summary) Print(out io.Writer) {
	fmt.Fprintf(out, "served %d   booked %d, walked in %d (turned away %d), cancelled %d, no-show %d, expired %d\n",
		s.Served, s.Booked, s.WalkedIn, s.TurnedAway, s.Cancelled, s.NoShows, s.Expired)
	fmt.Fprintf(out, "absent when called %d, parked %d, transferred %d, undone %d\n", s.Absent, s.Parked, s.Transferred, s.Undone)
	r := s.Refill
	fmt.Fprintf(out, "places released %d; somebody on standby could take %d: offered %d (after %.0f s, at most %.0f s), refilled %d, answered by nobody %d: %.0f %% of the others; booked by others %d\n",
		r.Released, r.Wanted, r.Offered, r.OfferP50, r.OfferMax, r.Refilled, r.Unanswered, 100*r.Share(), r.Booked)
	fmt.Fprintf(out, "families %d, confirmed %d, came late %d, cancelled the evening before %d, rescheduled %d, let others pass %d\n",
		s.Families, s.Confirmed, s.Refill.Late, s.Given, s.Rescheduled, s.Deferred)
	fmt.Fprintf(out, "offers accepted %d, not answered %d\n\n", s.Standby, s.Deaf)
	fmt.Fprintf(out, "%-12s %6s %8s %8s %8s\n", "waited", "times", "p50", "p90", "max")
	for _, lane := range []queue.Lane{queue.Priority, queue.Appointment, queue.Walkin} {
		if w := s.Lanes[lane]; w != nil {
			fmt.Fprintf(out, "%-12s %6d %8s %8s %8s\n", lane, w.Served, minutes(w.P50), minutes(w.P90), minutes(w.Max))
		}
	}
}

func minutes(seconds float64) string {
	return fmt.Sprintf("%.1f min", seconds/60)
}
