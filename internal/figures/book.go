package figures

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"antrean/internal/calendar"
	"antrean/internal/predict"
	"antrean/internal/queue"
)

// predictEvery is of how many arrivals one is asked what would be predicted for
// it: a forecast plays the hall forward many times, which takes milliseconds.
const predictEvery = 8

// Book folds one office's log into days. It is not safe for concurrent use.
type Book struct {
	state *queue.State
	pages map[calendar.Date]*page
	acts  map[string]map[string]journey // by counter, by ticket: as they were before its last act
	over  []*Day
}

// page is a day that is not over.
type page struct {
	date     calendar.Date
	zero     time.Time
	first    uint64
	journeys map[string]*journey
	seats    map[string]*seat
	spans    []span
	places   []place // released, and taken by nobody since
	arrivals int     // that could be asked for a prediction
}

// journey is what is known of a ticket beside what its state says.
type journey struct {
	turns    []turn
	waits    time.Time // since when it waits for its next call; zero: it does not
	stage    string    // at which
	arrived  time.Time // first
	late     bool
	released bool
	refilled bool
	deferred bool
	told     predict.Wait
}

type turn struct {
	stage, counter, officer string
	caller, note            string
	waits                   time.Time
	called, came, left      time.Time
	end                     Outcome
	follows                 bool
}

// seat is a counter that is taken.
type seat struct {
	officer string
	paused  bool
	since   time.Time
	acted   time.Time
}

type span struct {
	counter, officer string
	from, to         time.Time
	paused           bool
}

type place struct {
	service string
	start   time.Time
}

// NewBook begins after the last event of a state, which is the book's own from
// now on. What happened before on the day of its next event is not in it.
func NewBook(state *queue.State) *Book {
	return &Book{state: state, pages: map[calendar.Date]*page{}, acts: map[string]map[string]journey{}}
}

// Version is the last event that was folded.
func (b *Book) Version() uint64 { return b.state.Version }

// Config is the office's configuration as of then; nil at the log's beginning.
func (b *Book) Config() *queue.Config { return b.state.Config }

// Start is the last event before the oldest day that is not over: a book that
// begins there counts all that Over has not handed out.
func (b *Book) Start() uint64 {
	start := b.state.Version
	for _, p := range b.pages {
		start = min(start, p.first-1)
	}
	return start
}

// Over hands out the days that are over, each once.
func (b *Book) Over() []*Day {
	over := b.over
	b.over = nil
	return over
}

// Add folds the next event.
func (b *Book) Add(version uint64, e *queue.Event) error {
	if b.state.Config != nil {
		b.turn(version, e.At)
	}
	b.before(e)
	if err := b.state.Apply(version, e); err != nil {
		return err
	}
	if b.state.Config == nil {
		return nil
	}
	today := b.state.Today(e.At)
	b.page(today, version, e.At)
	b.after(e)
	if f, ok := e.Fact.(*queue.DayEnded); ok && f.Date < today && b.left(f.Date) == 0 {
		b.close(f.Date)
	}
	return nil
}

// turn begins a page for a new date and closes those that are over: as soon as
// nobody of that day is left, and after a day more in any case.
func (b *Book) turn(version uint64, now time.Time) {
	today := b.state.Today(now)
	if b.pages[today] != nil {
		return
	}
	b.page(today, version, now)
	for _, date := range slices.Sorted(maps.Keys(b.pages)) {
		if date < today.AddDays(-1) || date < today && b.left(date) == 0 {
			b.close(date)
		}
	}
	b.state.Prune(now)
}

// left is how many tickets of a date have not ended.
func (b *Book) left(date calendar.Date) int {
	n := 0
	for _, t := range b.state.Tickets {
		if t.Date == date && !t.Status.Ended() {
			n++
		}
	}
	return n
}

func (b *Book) close(date calendar.Date) {
	if p := b.pages[date]; p != nil {
		b.over = append(b.over, b.day(p, b.state.At))
		delete(b.pages, date)
	}
}

// page is the page of a date, begun if it is not there. Counters that nobody
// closed the evening before are taken again from the opening on.
func (b *Book) page(date calendar.Date, version uint64, now time.Time) *page {
	p := b.pages[date]
	if p != nil {
		return p
	}
	p = &page{date: date, zero: zeroOf(b.state.Config, date), first: version, journeys: map[string]*journey{}, seats: map[string]*seat{}}
	begin := now
	if opens, _, ok := b.state.Config.Calendar().Bounds(date); ok && now.Before(opens) {
		begin = opens
	}
	for _, id := range slices.Sorted(maps.Keys(b.state.Counters)) {
		if k := b.state.Counters[id]; k.State != queue.Closed {
			p.seats[id] = &seat{officer: k.Officer, paused: k.State == queue.Paused, since: begin, acted: begin}
		}
	}
	for _, before := range b.pages {
		b.leaveAll(before)
	}
	b.pages[date] = p
	return p
}

// leaveAll ends what nobody ended on a day: at its closing, or after the last
// act at a counter.
func (b *Book) leaveAll(p *page) {
	_, closes, _ := b.state.Config.Calendar().Bounds(p.date)
	for _, id := range slices.Sorted(maps.Keys(p.seats)) {
		p.leave(id, latest(p.seats[id].acted, closes))
	}
}

func (p *page) leave(counter string, now time.Time) {
	s := p.seats[counter]
	if s == nil {
		return
	}
	if now.After(s.since) {
		p.spans = append(p.spans, span{counter, s.officer, s.since, now, s.paused})
	}
	delete(p.seats, counter)
}

func (p *page) journey(ticket string) *journey {
	j := p.journeys[ticket]
	if j == nil {
		j = &journey{}
		p.journeys[ticket] = j
	}
	return j
}

// of is a ticket and its journey, if its day is not over.
func (b *Book) of(ticket string) (*queue.Ticket, *journey, bool) {
	t := b.state.Tickets[ticket]
	if t == nil || b.pages[t.Date] == nil {
		return nil, nil, false
	}
	return t, b.pages[t.Date].journey(ticket), true
}

// Day is a date as it is now: one that is not over, or one to come.
func (b *Book) Day(date calendar.Date, now time.Time) *Day {
	p := b.pages[date]
	if p == nil {
		p = &page{date: date, zero: zeroOf(b.state.Config, date)}
	}
	return b.day(p, now)
}

// day writes a page down.
func (b *Book) day(p *page, now time.Time) *Day {
	d := &Day{Date: p.date, Zero: p.zero, First: p.first, Last: b.state.Version}
	names := newNaming(d)
	second := func(t time.Time) int32 {
		if t.IsZero() {
			return -1
		}
		return int32(t.Sub(p.zero) / time.Second)
	}
	if opens, closes, ok := b.state.Config.Calendar().Bounds(p.date); ok {
		d.Opens, d.Closes = second(opens), second(closes)
	}
	for _, t := range b.ticketsOf(p.date) {
		j := p.journeys[t.ID]
		if j == nil {
			j = &journey{}
		}
		v := Visit{
			Service: names.of(t.Service), Lane: names.of(string(t.Lane)), End: names.of(string(t.Status)), Arrived: second(j.arrived),
			Late: j.late, Released: j.released, Refilled: j.refilled, Deferred: j.deferred,
			P10: int32(j.told.P10), P50: int32(j.told.P50), P90: int32(j.told.P90),
		}
		turns := j.turns
		if !j.waits.IsZero() { // it waited, and was not called
			end := t.Ended
			if end.IsZero() && t.Status != queue.Waiting {
				end = now
			}
			turns = append(slices.Clip(turns), turn{stage: j.stage, waits: j.waits, left: end})
		}
		v.Turns = int32(len(turns))
		d.Visits = append(d.Visits, v)
		for _, t := range turns {
			d.Turns = append(d.Turns, Turn{
				Stage: names.of(t.stage), Counter: names.of(t.counter), Officer: names.of(t.officer), Caller: names.of(t.caller), Note: names.of(t.note),
				Waits: second(t.waits), Called: second(t.called), Came: second(t.came), Left: second(t.left), End: t.end, Follows: t.follows,
			})
		}
	}
	spans := slices.Clone(p.spans)
	for id, s := range p.seats {
		if now.After(s.since) {
			spans = append(spans, span{id, s.officer, s.since, now, s.paused})
		}
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Or(cmp.Compare(a.counter, b.counter), a.from.Compare(b.from)) })
	for _, s := range spans {
		d.Spans = append(d.Spans, Span{names.of(s.counter), names.of(s.officer), second(s.from), second(s.to), s.paused})
	}
	d.Hours = b.hours(p.date, second)
	return d
}

// ticketsOf are a date's tickets, in the order of their making.
func (b *Book) ticketsOf(date calendar.Date) []*queue.Ticket {
	var all []*queue.Ticket
	for _, t := range b.state.Tickets {
		if t.Date == date {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b *queue.Ticket) int { return cmp.Or(a.Made.Compare(b.Made), cmp.Compare(a.ID, b.ID)) })
	return all
}

// hours are the places of all services, by the hour in which they begin.
func (b *Book) hours(date calendar.Date, second func(time.Time) int32) []Hour {
	config := b.state.Config
	all := map[int32]*Hour{}
	for i := range config.Services {
		service := &config.Services[i]
		if service.SlotCapacity.IsZero() {
			continue
		}
		for _, slot := range config.Calendar().Slots(date, config.Booking.Slot.D()) {
			start := second(slot.Start)
			h := all[start]
			if h == nil {
				h = &Hour{Start: start}
				all[start] = h
			}
			h.Places += int32(b.state.CapacityOf(service, date, slot))
			h.Taken += int32(b.state.Taken(service.ID, slot.Start))
		}
	}
	var hours []Hour
	for _, start := range slices.Sorted(maps.Keys(all)) {
		hours = append(hours, *all[start])
	}
	return hours
}

func latest(first time.Time, others ...time.Time) time.Time {
	for _, t := range others {
		if t.After(first) {
			first = t
		}
	}
	return first
}
