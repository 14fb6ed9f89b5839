package display

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"antrean/internal/ledger"
	"antrean/internal/staff"
	"antrean/internal/vault"
	"antrean/static"
)

// feed asks for a live topic and returns what was handed over.
func (h *house) feed(path string, headers ...string) Feed {
	h.t.Helper()
	h.ask("GET", path, nil, headers...).is(204)
	return h.feeds[len(h.feeds)-1]
}

func TestADisplayThatComesBackIsToldOfEveryCallSince(t *testing.T) {
	h := embedded(t)
	officer := h.as(staff.Officer)
	f := h.feed("/live/offices/bandung/display")
	h.press(officer, "3", "open", nil).is(200)
	seen := h.version()
	var calls []string
	for range 15 {
		ticket := h.walkIn("penggantian", false)
		h.press(officer, "3", "next", nil).is(200)
		h.press(officer, "3", "serve", nil).is(200)
		h.press(officer, "3", "complete", nil).is(200)
		calls = append([]string{ticket.Number}, calls...)
	}
	numbers := func(v static.DisplayView) (all []string) {
		for _, c := range v.Calls {
			all = append(all, c.Number)
		}
		return all
	}
	var v static.DisplayView
	h.shot(f, 0, &v)
	if diff := cmp.Diff(calls[:10], numbers(v)); diff != "" {
		t.Errorf("a new screen: %s", diff)
	}
	h.shot(f, seen, &v)
	if diff := cmp.Diff(calls, numbers(v)); diff != "" {
		t.Errorf("one that comes back: %s", diff)
	}
	s, err := f.View.Snapshot("another epoch", seen)
	if err != nil {
		t.Fatal(err)
	}
	unmarshal(t, s.Data, &v)
	if len(v.Calls) != 10 {
		t.Errorf("one from another epoch sees %d calls", len(v.Calls))
	}

	last := h.version()
	ticket := h.walkIn("penggantian", false)
	h.press(officer, "3", "next", nil).is(200)
	h.press(officer, "3", "undo", nil).is(200)
	h.shot(f, last, &v)
	if v.Calls[0].Number != ticket.Number || !v.Calls[0].Withdrawn {
		t.Errorf("an undone call comes as %+v", v.Calls[0])
	}
}

func TestAClientThatKnowsMoreMakesTheNodeCatchUp(t *testing.T) {
	h := embedded(t)
	f := h.feed("/live/offices/bandung/display")
	epoch, version, at := f.View.Confirmed()
	if epoch == "" || version != h.version() || at.IsZero() {
		t.Fatalf("confirmed %q %d %s", epoch, version, at)
	}
	h.feed("/live/offices/bandung/display?since=" + epoch + ":1")
	if again, _, _ := f.View.Confirmed(); again != epoch {
		t.Error("an old position began an epoch")
	}
	h.feed("/live/offices/bandung/display?since=" + epoch + ":999")
	if again, _, _ := f.View.Confirmed(); again == epoch {
		t.Error("a witness of a lost log was not believed")
	}
}

func TestTheNameIsForTheOfficerThereAlone(t *testing.T) {
	h := embedded(t)
	officer, other, admin := h.as(staff.Officer), h.named("other", staff.Officer, "bandung"), h.as(staff.Administrator)
	var booked bookedAnswer
	h.bookAt(bookingOf("penggantian", "2026-11-24T09:30:00+07:00", 1)).is(201, &booked)
	h.at(staff.Desk, "check-ins", map[string]any{"code": booked.Tickets[0].QR}).is(200)
	h.press(officer, "3", "open", nil).is(200)
	var v static.CounterView
	h.press(officer, "3", "next", nil).is(200, &v)
	if v.Current.Name != "Ujang Rahasia B" {
		t.Errorf("the officer reads %q", v.Current.Name)
	}
	for who, headers := range map[string][]string{"other": other, "admin": admin} {
		h.ask("GET", "/api/v1/offices/bandung/counters/3", nil, headers...).is(200, &v)
		if v.Current.Name != "" {
			t.Errorf("%s reads %q", who, v.Current.Name)
		}
		v = static.CounterView{}
		h.shot(h.feed("/live/offices/bandung/counters/3", headers...), 0, &v)
		if v.Current == nil || v.Current.Name != "" {
			t.Errorf("%s's socket shows %+v", who, v.Current)
		}
	}
	mine := h.feed("/live/offices/bandung/counters/3", officer...)
	h.shot(mine, 0, &v)
	if v.Current.Name != "Ujang Rahasia B" {
		t.Errorf("the officer's socket shows %q", v.Current.Name)
	}
	if theirs := h.feed("/live/offices/bandung/counters/3", other...); theirs.Key == mine.Key {
		t.Error("two officers share a topic that holds a name")
	}
}

// closed is a store of records that tells nothing while shut.
type closed struct {
	ledger.Records
	shut *atomic.Bool
}

func (c closed) Get(ctx context.Context, key string) ([]byte, error) {
	if c.shut.Load() {
		return nil, ledger.ErrUnavailable
	}
	return c.Records.Get(ctx, key)
}

func TestAPictureThatLacksTheNameIsAskedForAgain(t *testing.T) {
	file, err := ledger.OpenEmbedded(filepath.Join(t.TempDir(), "people.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	people := closed{file, &atomic.Bool{}}
	h := embedded(t, func(o *Options) { o.Vault = vault.New(people, o.Ring, time.Now) })
	officer := h.as(staff.Officer)
	var booked bookedAnswer
	h.bookAt(bookingOf("penggantian", "2026-11-24T09:30:00+07:00", 1)).is(201, &booked)
	h.at(staff.Desk, "check-ins", map[string]any{"code": booked.Tickets[0].QR}).is(200)
	h.press(officer, "3", "open", nil).is(200)
	f := h.feed("/live/offices/bandung/counters/3", officer...)
	people.shut.Store(true)
	h.press(officer, "3", "next", nil).problem(503, "unavailable")
	if shot, err := f.View.Snapshot("", 0); !errors.Is(err, ledger.ErrUnavailable) {
		t.Errorf("shown without the name: %s, %v", shot.Data, err)
	}
	people.shut.Store(false)
	var v static.CounterView
	h.shot(f, 0, &v)
	if v.Current == nil || v.Current.Name != "Ujang Rahasia B" {
		t.Errorf("then it shows %+v", v.Current)
	}
}

func TestStaffTopicsAreForSignedInPagesOfOurOwn(t *testing.T) {
	h := embedded(t)
	for _, path := range []string{"/live/offices/bandung/overview", "/live/offices/bandung/counters/3"} {
		h.ask("GET", path, nil).problem(401, "unauthenticated")
		h.ask("GET", path, nil, append(h.as(staff.Officer), "Origin", "https://evil.test")...).problem(403, "forbidden")
		f := h.feed(path, h.as(staff.Officer)...)
		if !f.SameOrigin || f.Allowed == nil || !f.Allowed() {
			t.Fatalf("%s is handed over as %+v", path, f)
		}
		h.shot(f, 0, &struct{}{})
	}
	f := h.feeds[len(h.feeds)-1]
	if err := h.Staff.Logout(context.Background(), h.tokens["officer"]); err != nil {
		t.Fatal(err)
	}
	if f.Allowed() {
		t.Error("a socket outlives its session")
	}
	h.ask("GET", "/live/offices/bandung/counters/99", nil, h.as(staff.Administrator)...).problem(404, "not_found")
	h.ask("GET", "/live/offices/bandung/display", nil, "Origin", "https://evil.test").is(204)
}

func TestATicketIsFollowedByTokenOrCookie(t *testing.T) {
	h := embedded(t)
	ticket := h.walkIn("penggantian", false)
	byToken := h.feed("/live/tickets/" + ticket.Token)
	byCookie := h.feed("/live/tickets/mine", "Cookie", "antrean_ticket="+ticket.Token)
	if byToken.SameOrigin || !byCookie.SameOrigin || byToken.Key != byCookie.Key || strings.Contains(byToken.Key, ticket.Token) {
		t.Errorf("they are %+v and %+v", byToken, byCookie)
	}
	if bare := h.feed("/live/tickets", "Cookie", "antrean_ticket="+ticket.Token); !bare.SameOrigin || bare.Key != byCookie.Key {
		t.Errorf("without a word for the cookie it is %+v", bare)
	}
	var v static.TicketView
	h.shot(byToken, 0, &v)
	if v.Number != ticket.Number || v.Ahead == nil || *v.Ahead != 0 {
		t.Errorf("the phone shows %+v", v)
	}
	h.at(staff.Desk, "tickets/"+ticket.ID+"/reissue", nil).is(200)
	if byToken.Allowed() {
		t.Error("a dead link goes on showing the ticket")
	}
	h.ask("GET", "/live/tickets/mine", nil).problem(404, "not_found")
}

// TestNothingPersonalLeaves plays a booking to its end and looks for the
// person in everything that is public or kept.
func TestNothingPersonalLeaves(t *testing.T) {
	h := embedded(t)
	officer := h.as(staff.Officer)
	var booked bookedAnswer
	h.bookAt(bookingOf("penggantian", "2026-11-24T09:30:00+07:00", 1), "Idempotency-Key", "secret-key-of-the-phone").is(201, &booked)
	ticket := booked.Tickets[0]
	h.ask("GET", "/t/"+ticket.Token, nil).is(303)
	h.ask("GET", "/api/v1/offices/bandung/find?q="+nikOf(1), nil, h.as(staff.Desk)...).is(200)
	h.at(staff.Desk, "check-ins", map[string]any{"code": ticket.QR}).is(200)
	h.press(officer, "3", "open", nil).is(200)
	h.press(officer, "3", "next", nil).is(200)
	h.bookAt(bookingOf("penggantian", "earliest", 1)).problem(409, "already_booked")

	public := map[string]string{"the server's log": h.logs.String()}
	for name, f := range map[string]Feed{
		"display": h.feed("/live/offices/bandung/display"), "ticket": h.feed("/live/tickets/" + ticket.Token),
		"overview":        h.feed("/live/offices/bandung/overview", officer...),
		"another officer": h.feed("/live/offices/bandung/counters/3", h.named("other", staff.Officer, "bandung")...),
	} {
		s := h.shot(f, 0, &struct{}{})
		public[name] = string(s.Data) + f.Key
	}
	public["events"] = string(h.ask("GET", "/api/v1/offices/bandung/log", nil, h.as(staff.Supervisor)...).is(200).body)
	public["report"] = string(h.ask("GET", "/api/v1/offices/bandung/report", nil, h.as(staff.Supervisor)...).is(200).body)
	person := personOf(1)
	for where, text := range public {
		for _, secret := range []string{"Rahasia", person["nik"], "81234567801", person["email"], ticket.Token, "secret-key-of-the-phone", h.tokens["officer"]} {
			if strings.Contains(text, secret) {
				t.Errorf("%s holds %q", where, secret)
			}
		}
	}
	if !strings.Contains(public["the server's log"], "/t/[token]") {
		t.Error("the visit is not in the log")
	}
}

func TestNoSpellingOfALinkBringsItsTokenIntoTheLog(t *testing.T) {
	h := embedded(t)
	ticket := h.walkIn("penggantian", false)
	if len(h.Ring.Token("a", ticket.ID, 0)) < shortestToken {
		t.Error("a token may be shorter")
	}
	for _, path := range []string{"/t/", "/T/", "/t//", "/api/v1/tickets/", "/api/v1/ticket/", "/live/tickets/", "/display/"} {
		h.ask("GET", path+ticket.Token, nil)
		h.ask("GET", path+ticket.Token+"/", nil)
	}
	if log := h.logs.String(); strings.Contains(log, ticket.Token) || !strings.Contains(log, "path=/T/[token]/ ") {
		t.Errorf("the log is\n%s", log)
	}
}

func TestPredictionsAndTheHourReachTheScreens(t *testing.T) {
	changed := make(chan string, 100)
	h := embedded(t, func(o *Options) { o.Changed = func(id string) { changed <- id } })
	officer := h.as(staff.Officer)
	h.press(officer, "3", "open", nil).is(200)
	for range 5 {
		h.walkIn("penggantian", false)
	}
	ticket := h.walkIn("penggantian", false)
	f := h.feed("/live/offices/bandung/display")
	if id := <-changed; id != "bandung" {
		t.Errorf("%s changed", id)
	}
	var v static.DisplayView
	h.shot(f, 0, &v)
	if w, ok := v.Wait["penggantian"]; !ok || w.P50 <= 0 {
		t.Errorf("the screen predicts %+v", v.Wait)
	}
	var phone static.TicketView
	h.ask("GET", "/api/v1/tickets/"+ticket.Token, nil).is(200, &phone)
	if phone.Wait == nil || phone.Wait.P50 <= 0 {
		t.Errorf("the phone predicts %+v", phone.Wait)
	}
	h.clock.pass(8 * 60 * 60 * 1e9) // the doors close by themselves
	<-changed
	h.shot(f, 0, &v)
	if v.Open || v.Phase != "closed" {
		t.Errorf("after closing time the screen shows %s", v.Phase)
	}
}
