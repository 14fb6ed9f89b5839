package predict

import "math"

// replications is how often the calls are replayed with other service times,
// in pairs of opposite luck: that halves the noise of the middle.
const replications = 32

// replay returns for each turn the moments of its call, in seconds from now,
// one a replication. In each, a counter that becomes free takes the first in
// the policy's order whom it may serve and who is there.
func (g *game) replay() [][]float64 {
	if len(g.turns) == 0 {
		return nil
	}
	samples := make([][]float64, len(g.turns))
	for i := range samples {
		samples[i] = make([]float64, replications)
	}
	r := replayed{game: g, begins: make([]float64, len(g.turns)), ends: make([]float64, len(g.turns)), seats: make([]replayedSeat, len(g.seats))}
	for n := range replications {
		r.run(n)
		for i, begin := range r.begins {
			samples[i][n] = begin
		}
	}
	return samples
}

type replayed struct {
	*game
	begins, ends []float64 // by turn; infinite until they are known
	seats        []replayedSeat
}

type replayedSeat struct {
	free float64
	busy bool
	head int // no turn before this one is left for it
}

func (r *replayed) run(n int) {
	pair, sign := uint64(n/2), float64(1-2*(n%2))
	pace := drift * sign * normal(uint64(0), pair)
	clear(r.seats)
	for i := range r.turns {
		t := &r.turns[i]
		r.begins[i], r.ends[i] = math.Inf(1), math.Inf(1)
		switch {
		case t.seat >= 0:
			r.begins[i], r.ends[i] = 0, remaining(t.mean*math.Exp(pace), t.elapsed, sign*normal(t.luck, pair))
			r.seats[t.seat] = replayedSeat{free: r.ends[i], busy: true}
		case t.comes < 1 && uniform(t.luck+1, pair) > t.comes:
			r.begins[i], r.ends[i] = t.ready, t.ready
		}
	}
	for {
		k := r.first()
		s := &r.seats[k]
		if math.IsInf(s.free, 1) {
			return
		}
		s.busy = false
		i, later := r.next(k)
		if i < 0 {
			s.free = later
			continue
		}
		t := &r.turns[i]
		r.begins[i] = s.free
		if t.mean > 0 {
			s.free += t.mean * math.Exp(pace+spread*sign*normal(t.luck, pair)-spread*spread/2)
			s.busy = true
		}
		r.ends[i] = s.free
	}
}

func (r *replayed) first() int {
	best := 0
	for k := range r.seats {
		if r.seats[k].free < r.seats[best].free {
			best = k
		}
	}
	return best
}

// next returns the turn that the seat takes now, or -1 and when it should look
// again, never if that is infinite.
//
// It is the first in the order of the calls. But a turn that another kind of
// counter took in the game, and that is late now, was not better than this
// counter's own next: it goes first only if it is due earlier.
func (r *replayed) next(k int) (found int, later float64) {
	s := &r.seats[k]
	later = math.Inf(1)
	left, other := false, -1
	for i := s.head; i < len(r.turns); i++ {
		t := &r.turns[i]
		if !math.IsInf(r.begins[i], 1) || !r.serves[t.class][k] {
			if !left {
				s.head = i + 1
			}
			continue
		}
		left = true
		ready := t.ready
		if t.after >= 0 {
			ready = r.ends[t.after]
		}
		switch {
		case ready > s.free:
			later = min(later, ready)
		case t.kind == r.game.seats[k].kind:
			if other >= 0 && !t.jumps && r.turns[other].due.Before(t.due) {
				return other, 0
			}
			return i, 0
		case t.jumps && other < 0:
			return i, 0
		case other < 0 || t.due.Before(r.turns[other].due):
			other = i
		}
	}
	if other >= 0 {
		return other, 0
	}
	if left {
		for i := range r.seats {
			if o := &r.seats[i]; o.busy && o.free > s.free {
				later = min(later, o.free)
			}
		}
	}
	return -1, later
}
