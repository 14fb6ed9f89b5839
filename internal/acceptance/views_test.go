package acceptance

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"
)

// hall is what a display shows.
type hall struct {
	Office   string `json:"office"`
	Open     bool   `json:"open"`
	Calls    []call `json:"calls"`
	Counters []struct {
		ID     string `json:"id"`
		Name   string `json:"name"`
		State  string `json:"state"`
		Number string `json:"number"`
	} `json:"counters"`
	Next    []string       `json:"next"`
	Waiting map[string]int `json:"waiting"`
}

// number is who is at a counter.
func (h hall) number(counter string) string {
	for _, k := range h.Counters {
		if k.ID == counter {
			return k.Number
		}
	}
	return "no such counter"
}

// ticket is what is handed out.
type ticket struct {
	ID         string     `json:"id"`
	Number     string     `json:"number"`
	Code       string     `json:"code"`
	Token      string     `json:"token"`
	URL        string     `json:"url"`
	Service    string     `json:"service"`
	Slot       *slot      `json:"slot"`
	ArriveBy   *time.Time `json:"arrive_by"`
	Fee        int64      `json:"fee"`
	PaymentDue *time.Time `json:"payment_due"`
	PickupFrom *time.Time `json:"pickup_from"`
	Party      []string   `json:"party"`
}

type slot struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// phone is what the holder of a ticket sees.
type phone struct {
	Number   string     `json:"number"`
	State    string     `json:"state"`
	Late     bool       `json:"late"`
	Service  string     `json:"service"`
	Stage    string     `json:"stage"`
	Slot     *slot      `json:"slot"`
	ArriveBy *time.Time `json:"arrive_by"`
	Ahead    *int       `json:"ahead"`
	Counter  string     `json:"counter"`
	Calls    []call     `json:"calls"`
	Party    []string   `json:"party"`
}

// tablet is what an officer sees.
type tablet struct {
	ID      string `json:"id"`
	State   string `json:"state"`
	Officer string `json:"officer"`
	Current *struct {
		Ticket  string `json:"ticket"`
		Number  string `json:"number"`
		Name    string `json:"name"`
		State   string `json:"state"`
		Service string `json:"service"`
		Stage   string `json:"stage"`
		Why     string `json:"why"`
	} `json:"current"`
	Waiting []struct {
		Ticket string `json:"ticket"`
		Number string `json:"number"`
		Lane   string `json:"lane"`
	} `json:"waiting"`
	Parked []struct {
		Ticket string `json:"ticket"`
	} `json:"parked"`
	Today struct {
		Served int `json:"served"`
	} `json:"today"`
	Undo *struct {
		What  string    `json:"what"`
		Until time.Time `json:"until"`
	} `json:"undo"`
}

// current is the number at the counter, "" if nobody is there.
func (v tablet) current() string {
	if v.Current == nil {
		return ""
	}
	return v.Current.Number
}

// read decodes JSON that must be well-formed.
func read[T any](t testing.TB, data []byte) (v T) {
	t.Helper()
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatalf("%v: %.300s", err, data)
	}
	return v
}

// shows makes a condition for screens of a view.
func shows[T any](so func(T) bool) func(frame) bool {
	return func(f frame) bool {
		var v T
		return json.Unmarshal(f.Data, &v) == nil && so(v)
	}
}

// applicant makes up a person that passes every check of a real one; each n is
// somebody else.
func applicant(n int) map[string]any {
	return map[string]any{
		"name":  fmt.Sprintf("Pemohon %s", word(n)),
		"nik":   fmt.Sprintf("327301%02d%02d%02d%04d", 1+n%28, 1+n/28%12, 60+n/336%40, 1+n/13440),
		"phone": fmt.Sprintf("0812%08d", 70_000_000+n),
		"email": fmt.Sprintf("pemohon%d@contoh.example", n),
	}
}

// word writes a number in letters.
func word(n int) string {
	letters := ""
	for ; letters == "" || n > 0; n /= 26 {
		letters = string(rune('a'+n%26)) + letters
	}
	return "Q" + letters
}

// booking asks for places for these people.
func booking(service, slot string, people ...int) map[string]any {
	all := []map[string]any{}
	for _, n := range people {
		all = append(all, applicant(n))
	}
	return map[string]any{"service": service, "slot": slot, "people": all, "locale": "id"}
}
