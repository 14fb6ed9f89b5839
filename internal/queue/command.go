package queue

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Command is what somebody asks of an office.
type Command struct {
	Ask Ask
	By  Actor
	// Key and Body are digests of caller, path and idempotency key, and of the
	// request's body. An empty Key: the command is not remembered.
	Key  string
	Body string
	// ID is unique to the command (derived from the key, or random): call ids
	// are made of it, so that two histories never share one.
	ID string
}

// Actor is who asks.
type Actor struct {
	Name     string // account, "applicant" or "system"
	Public   bool   // an applicant, without an account
	Anywhere bool   // may act at every counter (administrators)
}

// Ask is one kind of command. Every ask is a struct of this package.
type Ask interface {
	decide(d *draft) error
}

// Urgent reports whether the command comes from the office's own people: such
// commands are decided before the public's.
func (c Command) Urgent() bool { return !c.By.Public }

// Code is why a command was refused; its strings are the contract's.
type Code string

// The codes of refusals.
const (
	Invalid       Code = "invalid"
	Forbidden     Code = "forbidden"
	NotFound      Code = "not_found"
	WrongState    Code = "wrong_state"
	QueueEmpty    Code = "queue_empty"
	CounterBusy   Code = "counter_busy"
	SlotFull      Code = "slot_full"
	AlreadyBooked Code = "already_booked"
	OutsideHours  Code = "outside_hours"
	TooEarly      Code = "too_early"
	TooLate       Code = "too_late"
)

// Refusal says no. It changes nothing and is not remembered.
type Refusal struct {
	Code   Code
	Detail string // what exactly, a word for the texts: "counter_closed"
	Field  string // of the request, when one is to blame
}

func (r *Refusal) Error() string {
	if r.Field != "" {
		return fmt.Sprintf("%s: %s: %s", r.Code, r.Field, r.Detail)
	}
	return fmt.Sprintf("%s: %s", r.Code, r.Detail)
}

func refuse(code Code, detail string) error { return &Refusal{Code: code, Detail: detail} }

func refuseField(field, detail string) error {
	return &Refusal{Code: Invalid, Field: field, Detail: detail}
}

// Repeated says that the command already succeeded; its events lie at First…
type Repeated struct{ Answer }

func (r *Repeated) Error() string {
	return fmt.Sprintf("already done at %d", r.First)
}

// Decide decides a command: it returns the events that it makes of the office,
// already folded into the state, or an error (*Refusal, *Repeated) and leaves
// the state as it was. The state's journal must be open. Decide is pure: the
// same state, command and time give the same events.
func Decide(s *State, c Command, now time.Time) ([]*Event, error) {
	now = now.UTC().Truncate(time.Millisecond)
	if now.Before(s.At) {
		now = s.At
	}
	if c.Key != "" {
		if a, ok := s.Answered[c.Key]; ok && now.Sub(a.At) <= AnswersKept {
			if a.Body != c.Body {
				return nil, &Refusal{Code: Invalid, Field: "Idempotency-Key", Detail: "key_reused"}
			}
			return nil, &Repeated{a}
		}
	}
	if _, first := c.Ask.(Configure); s.Config == nil && !first {
		return nil, refuse(NotFound, "office")
	}
	mark := s.Mark()
	d := &draft{State: s, cmd: c, now: now, first: s.Version + 1}
	if err := c.Ask.decide(d); err != nil {
		s.Rollback(mark)
		return nil, err
	}
	if c.Key != "" && len(d.events) > 0 {
		e := d.events[0]
		e.Key, e.Body, e.Count = c.Key, c.Body, len(d.events)
		set(s, s.Answered, c.Key, Answer{Body: c.Body, First: d.first, Count: len(d.events), At: e.At})
	}
	return d.events, nil
}

// draft is a decision under way.
type draft struct {
	*State
	cmd    Command
	now    time.Time
	first  uint64
	events []*Event
}

// emit records an event and folds it.
func (d *draft) emit(f Fact) {
	e := &Event{At: d.now, By: d.cmd.By.Name, Fact: f}
	if err := d.Apply(d.Version+1, e); err != nil {
		panic(err) // the version is the next by construction
	}
	d.events = append(d.events, e)
}

// ticket finds a ticket that the command names.
func (d *draft) ticket(id string) (*Ticket, error) {
	if t := d.Tickets[id]; t != nil {
		return t, nil
	}
	return nil, refuse(NotFound, "ticket")
}

// callID names the n-th announcement of the command.
func (d *draft) callID() string {
	return fmt.Sprintf("%s-%d", d.cmd.ID, d.Version+1)
}

func sortedKeys[K ~string, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

func ids(all []*Ticket) []string {
	out := make([]string, len(all))
	for i, t := range all {
		out[i] = t.ID
	}
	return out
}
