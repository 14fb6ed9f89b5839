package figures

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"time"

	"antrean/internal/calendar"
)

// packed is a day as it is kept: its rows are laid out as numbers one after the
// other, which gob reads four times faster than structs.
type packed struct {
	Date          calendar.Date
	Zero          time.Time
	First, Last   uint64
	Opens, Closes int32
	Names         []string

	Visits, Turns, Spans, Hours []int32
}

const (
	visitWidth = 9
	turnWidth  = 10
	spanWidth  = 5
	hourWidth  = 3
)

func bits(all ...bool) int32 {
	var b int32
	for i, set := range all {
		if set {
			b |= 1 << i
		}
	}
	return b
}

// Encode writes the day.
func (d *Day) Encode() ([]byte, error) {
	p := packed{Date: d.Date, Zero: d.Zero, First: d.First, Last: d.Last, Opens: d.Opens, Closes: d.Closes, Names: d.Names}
	for _, v := range d.Visits {
		p.Visits = append(p.Visits, int32(v.Service), int32(v.Lane), int32(v.End), v.Arrived,
			bits(v.Late, v.Released, v.Refilled, v.Deferred), v.P10, v.P50, v.P90, v.Turns)
	}
	for _, t := range d.Turns {
		p.Turns = append(p.Turns, int32(t.Stage), int32(t.Counter), int32(t.Officer), int32(t.Caller),
			t.Waits, t.Called, t.Came, t.Left, int32(t.Note), int32(t.End)<<1|bits(t.Follows))
	}
	for _, s := range d.Spans {
		p.Spans = append(p.Spans, int32(s.Counter), int32(s.Officer), s.From, s.To, bits(s.Paused))
	}
	for _, h := range d.Hours {
		p.Hours = append(p.Hours, h.Start, h.Places, h.Taken)
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(p); err != nil {
		return nil, fmt.Errorf("write the figures of %s: %w", d.Date, err)
	}
	return b.Bytes(), nil
}

// Decode reads a day, and refuses one that contradicts itself.
func Decode(data []byte) (*Day, error) {
	var p packed
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&p); err != nil {
		return nil, fmt.Errorf("read figures: %w", err)
	}
	d := &Day{Date: p.Date, Zero: p.Zero, First: p.First, Last: p.Last, Opens: p.Opens, Closes: p.Closes, Names: p.Names}
	if len(p.Visits)%visitWidth+len(p.Turns)%turnWidth+len(p.Spans)%spanWidth+len(p.Hours)%hourWidth > 0 {
		return nil, errors.New("read figures: the rows have another width")
	}
	d.Visits, d.Turns = make([]Visit, len(p.Visits)/visitWidth), make([]Turn, len(p.Turns)/turnWidth)
	d.Spans, d.Hours = make([]Span, len(p.Spans)/spanWidth), make([]Hour, len(p.Hours)/hourWidth)
	for i := range d.Visits {
		r := p.Visits[i*visitWidth:][:visitWidth]
		d.Visits[i] = Visit{
			Service: uint16(r[0]), Lane: uint16(r[1]), End: uint16(r[2]), Arrived: r[3],
			Late: r[4]&1 != 0, Released: r[4]&2 != 0, Refilled: r[4]&4 != 0, Deferred: r[4]&8 != 0,
			P10: r[5], P50: r[6], P90: r[7], Turns: r[8],
		}
	}
	for i := range d.Turns {
		r := p.Turns[i*turnWidth:][:turnWidth]
		d.Turns[i] = Turn{
			Stage: uint16(r[0]), Counter: uint16(r[1]), Officer: uint16(r[2]), Caller: uint16(r[3]),
			Waits: r[4], Called: r[5], Came: r[6], Left: r[7], Note: uint16(r[8]), End: Outcome(r[9] >> 1), Follows: r[9]&1 != 0,
		}
	}
	for i := range d.Spans {
		r := p.Spans[i*spanWidth:][:spanWidth]
		d.Spans[i] = Span{Counter: uint16(r[0]), Officer: uint16(r[1]), From: r[2], To: r[3], Paused: r[4] != 0}
	}
	for i := range d.Hours {
		r := p.Hours[i*hourWidth:][:hourWidth]
		d.Hours[i] = Hour{Start: r[0], Places: r[1], Taken: r[2]}
	}
	if err := d.check(); err != nil {
		return nil, fmt.Errorf("read the figures of %s: %w", d.Date, err)
	}
	return d, nil
}
