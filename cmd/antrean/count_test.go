package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// counted is what a report says and this count says again.
type counted struct {
	Arrived, Done, NoShow, Cancelled, Expired, Released, Refilled, Late int
	Served, AbsentReturns, Absent, Parked, OutOfTurn                    int
	Waits, Walks, Services                                              int
	WaitP50, WaitP90, WalkP50, WalkP90, ServiceP50, ServiceP90          int
}

// logLine is a line of an export, as anybody can read it.
type logLine struct {
	Office string `json:"office"`
	Event  struct {
		Type string         `json:"type"`
		At   time.Time      `json:"at"`
		By   string         `json:"by"`
		Fact map[string]any `json:"fact"`
	} `json:"event"`
}

// count counts an office's day from exported lines, with plain maps and without
// the program's own packages. opens is when the doors open.
func count(t *testing.T, export, office, date string, opens time.Time) (all counted, officers, services map[string]counted) {
	var events []logLine
	for _, line := range strings.Split(strings.TrimSpace(export), "\n") {
		var e logLine
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		if e.Office == office && e.Event.Type != "" {
			events = append(events, e)
		}
	}
	// What was undone did not happen: the last press at the counter goes.
	press, gone := map[string][]int{}, map[int]bool{}
	for i, e := range events {
		counter := text(e.Event.Fact["counter"])
		switch e.Event.Type {
		case "tickets_called", "serving_began", "tickets_completed", "tickets_missed", "tickets_parked":
			if again, _ := e.Event.Fact["continues"].(bool); !again {
				press[counter] = nil
			}
			press[counter] = append(press[counter], i)
		case "act_undone":
			for _, j := range press[counter] {
				gone[j] = true
			}
			press[counter] = nil
		}
	}
	type person struct {
		service, status, slot              string
		date                               string
		arrived, waits, called, came       time.Time
		released, late, refilled, followed bool
	}
	people, free := map[string]*person{}, map[string]int{}
	officers, services = map[string]counted{}, map[string]counted{}
	var waits, walks, served []int
	take := func(p *person, slot string) {
		if free[p.service+slot] > 0 {
			free[p.service+slot]--
			p.refilled = true
		}
	}
	for i, e := range events {
		if gone[i] {
			continue
		}
		fact, at := e.Event.Fact, e.Event.At
		each := func(do func(p *person, first bool)) {
			for i, id := range list(fact["tickets"]) {
				if p := people[text(id)]; p != nil && p.date == date {
					do(p, i == 0)
				}
			}
		}
		officer := func(do func(c *counted)) {
			c := officers[e.Event.By]
			do(&c)
			officers[e.Event.By] = c
		}
		made := func(ticket any, walkin bool) {
			f := ticket.(map[string]any)
			p := &person{service: text(f["service"]), status: text(f["status"]), date: text(f["date"])}
			if slot, ok := f["slot"].(map[string]any); ok {
				p.slot = text(slot["Start"]) + text(slot["start"])
			}
			if walkin && p.status == "waiting" {
				p.arrived, p.waits = at, at
				if opens.After(at) {
					p.waits = opens
				}
			}
			people[text(f["id"])] = p
			if !walkin && p.date == date {
				take(p, p.slot)
			}
		}
		switch e.Event.Type {
		case "tickets_booked":
			for _, f := range list(fact["tickets"]) {
				made(f, false)
			}
		case "ticket_issued":
			made(fact["ticket"], true)
		case "tickets_moved":
			for _, m := range list(fact["moves"]) {
				m := m.(map[string]any)
				p := people[text(m["ticket"])]
				slot := m["slot"].(map[string]any)
				p.date, p.slot = text(m["date"]), text(slot["Start"])+text(slot["start"])
				if p.date == date {
					take(p, p.slot)
				}
			}
		case "places_released":
			each(func(p *person, _ bool) {
				p.released = true
				free[p.service+p.slot]++
			})
		case "tickets_checked_in":
			for _, a := range list(fact["arrivals"]) {
				p := people[text(a.(map[string]any)["ticket"])]
				p.status, p.arrived, p.waits, p.late = "waiting", at, at, p.released
				slot, err := time.Parse(time.RFC3339, p.slot)
				if err == nil && slot.After(p.waits) {
					p.waits = slot
				}
				if opens.After(p.waits) {
					p.waits = opens
				}
			}
		case "ticket_returned":
			p := people[text(fact["ticket"])]
			p.status, p.waits = "waiting", at
		case "ticket_cancelled":
			people[text(fact["ticket"])].status = "cancelled"
		case "ticket_amended":
			if service := text(fact["service"]); service != "" {
				people[text(fact["ticket"])].service = service
			}
		case "tickets_called":
			each(func(p *person, first bool) {
				if !p.waits.IsZero() {
					waits = append(waits, seconds(p.waits, at))
				}
				p.waits, p.called, p.came, p.followed = time.Time{}, at, time.Time{}, !first
				if fact["why"] == "chosen" {
					all.OutOfTurn++
					officer(func(c *counted) { c.OutOfTurn++ })
				}
			})
		case "serving_began":
			each(func(p *person, _ bool) {
				p.came = at
				if !p.followed {
					walks = append(walks, seconds(p.called, at))
				}
			})
		case "tickets_completed":
			each(func(p *person, _ bool) {
				all.Served++
				officer(func(c *counted) { c.Served++ })
				if !p.followed {
					from := p.came
					if from.IsZero() {
						from = p.called
					}
					served = append(served, seconds(from, at))
				}
				if p.status = "done"; fact["to"] != nil {
					p.status, p.waits = "waiting", at
				}
			})
		case "tickets_missed":
			each(func(p *person, _ bool) {
				if p.status = "waiting"; fact["not_before"] == nil {
					p.status = "no_show"
					all.Absent++
				} else {
					all.AbsentReturns++
				}
			})
		case "tickets_parked":
			each(func(*person, bool) { all.Parked++ })
		case "day_ended":
			ended, _ := fact["tickets"].(map[string]any)
			for id, status := range ended {
				people[id].status = text(status)
			}
		}
	}
	for _, p := range people {
		if p.date != date {
			continue
		}
		for _, c := range []*counted{&all, {}} {
			if c != &all {
				was := services[p.service]
				c = &was
			}
			add := func(n *int, yes bool) {
				if yes {
					*n++
				}
			}
			add(&c.Arrived, !p.arrived.IsZero())
			add(&c.Done, p.status == "done")
			add(&c.NoShow, p.status == "no_show")
			add(&c.Cancelled, p.status == "cancelled")
			add(&c.Expired, p.status == "expired")
			add(&c.Released, p.released)
			add(&c.Refilled, p.refilled)
			add(&c.Late, p.late)
			if c != &all {
				services[p.service] = *c
			}
		}
	}
	all.Waits, all.WaitP50, all.WaitP90 = ranked(waits)
	all.Walks, all.WalkP50, all.WalkP90 = ranked(walks)
	all.Services, all.ServiceP50, all.ServiceP90 = ranked(served)
	return all, officers, services
}

func text(v any) string { s, _ := v.(string); return s }

func list(v any) []any { l, _ := v.([]any); return l }

// seconds are whole ones, of both ends, as a clock on the wall shows them.
func seconds(from, to time.Time) int { return max(0, int(to.Unix()-from.Unix())) }

func ranked(all []int) (n, p50, p90 int) {
	slices.Sort(all)
	if n = len(all); n == 0 {
		return 0, 0, 0
	}
	return n, all[(n*50+99)/100-1], all[(n*90+99)/100-1]
}

// dayRow is a row of a report, as the API gives it.
type dayRow struct {
	Arrived   int `json:"arrived"`
	Done      int `json:"done"`
	NoShow    int `json:"no_show"`
	Cancelled int `json:"cancelled"`
	Expired   int `json:"expired"`
	Released  int `json:"released"`
	Refilled  int `json:"refilled"`
	Late      int `json:"late"`
	Served    int `json:"served"`
	Returns   int `json:"absent_returns"`
	Absent    int `json:"absent"`
	Parked    int `json:"parked"`
	OutOfTurn int `json:"out_of_turn"`
	Waiting   struct{ Count, P50, P90 int }
	Walking   struct{ Count, P50, P90 int }
	Service   struct{ Count, P50, P90 int }
}

func (r dayRow) counted() counted {
	return counted{
		r.Arrived, r.Done, r.NoShow, r.Cancelled, r.Expired, r.Released, r.Refilled, r.Late,
		r.Served, r.Returns, r.Absent, r.Parked, r.OutOfTurn, r.Waiting.Count, r.Walking.Count, r.Service.Count,
		r.Waiting.P50, r.Waiting.P90, r.Walking.P50, r.Walking.P90, r.Service.P50, r.Service.P90,
	}
}

type dayReport struct {
	Date               string
	Total              dayRow
	Services, Officers map[string]dayRow
}

// reportsOf asks the server for the figures of a day, as an administrator.
func reportsOf(t *testing.T, url, date string, offices ...string) map[string]dayReport {
	t.Helper()
	ask := func(method, path, token string, body string, answer any) {
		request, err := http.NewRequestWithContext(t.Context(), method, url+path, bytes.NewReader([]byte(body)))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		if token != "" {
			request.Header.Set("Authorization", "Bearer "+token)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		got, _ := io.ReadAll(response.Body)
		if response.StatusCode != http.StatusOK {
			t.Fatalf("%s %s: %d %s", method, path, response.StatusCode, got)
		}
		if err := json.Unmarshal(got, answer); err != nil {
			t.Fatal(err)
		}
	}
	var session struct{ Token string }
	ask(http.MethodPost, "/api/v1/session", "", `{"username":"admin","password":"sandi-panjang"}`, &session)
	all := map[string]dayReport{}
	for _, office := range offices {
		var r dayReport
		ask(http.MethodGet, fmt.Sprintf("/api/v1/offices/%s/report?date=%s", office, date), session.Token, "", &r)
		all[office] = r
	}
	return all
}

// agree compares a day's report with a count of the exported log.
func agree(t *testing.T, r dayReport, export, office string) {
	t.Helper()
	zone := time.FixedZone("WIB", 7*3600)
	opens, err := time.ParseInLocation("2006-01-02 15:04", r.Date+" 07:30", zone)
	if err != nil {
		t.Fatal(err)
	}
	all, officers, services := count(t, export, office, r.Date, opens)
	if all.Arrived < 50 || all.WaitP90 == 0 || all.Refilled == 0 && office == "bandung" {
		t.Errorf("%s: nothing to count: %+v", office, all)
	}
	if d := cmp.Diff(all, r.Total.counted()); d != "" {
		t.Errorf("%s: the count (-) and the report (+) differ: %s", office, d)
	}
	for name, c := range officers {
		if got := r.Officers[name]; got.Served != c.Served || got.OutOfTurn != c.OutOfTurn {
			t.Errorf("%s: %s served %d, called %d out of turn; the report says %d and %d", office, name, c.Served, c.OutOfTurn, got.Served, got.OutOfTurn)
		}
	}
	for service, c := range services {
		got := r.Services[service].counted()
		got = counted{Arrived: got.Arrived, Done: got.Done, NoShow: got.NoShow, Cancelled: got.Cancelled, Expired: got.Expired,
			Released: got.Released, Refilled: got.Refilled, Late: got.Late}
		if d := cmp.Diff(c, got); d != "" {
			t.Errorf("%s, %s: %s", office, service, d)
		}
	}
}
