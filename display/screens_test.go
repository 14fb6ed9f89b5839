package display

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"antrean/internal/staff"
	"antrean/static"
)

// pair is the headers of a device that was asked for and accepted.
func (h *house) pair(kind, office string, more ...string) (device []string, id string) {
	h.t.Helper()
	var asked struct{ Code, Token string }
	h.ask("POST", "/api/v1/devices/pairing", map[string]string{"kind": kind}).is(201, &asked)
	device = []string{"Cookie", deviceCookie + "=" + asked.Token, "Sec-Fetch-Site", "same-origin"}
	var waiting struct{ Paired, Waits bool }
	h.ask("GET", "/api/v1/devices/pairing", nil, device...).is(200, &waiting)
	if waiting.Paired || !waiting.Waits {
		h.t.Fatalf("before it is accepted: %+v", waiting)
	}
	body := map[string]string{"code": asked.Code, "name": "Perangkat", "office": office}
	for i := 0; i+1 < len(more); i += 2 {
		body[more[i]] = more[i+1]
	}
	var d staff.Device
	h.ask("POST", "/api/v1/devices", body, h.as(staff.Administrator)...).is(201, &d)
	if string(d.Kind) != kind {
		h.t.Fatalf("asked to be a %s, is a %s", kind, d.Kind)
	}
	return device, d.ID
}

func TestAPairedDeviceGoesToItsPageAndIsKnownAgain(t *testing.T) {
	h := embedded(t)
	h.ask("GET", "/pair", nil, "Accept", "text/html").is(200)
	for _, c := range []struct{ kind, want string }{
		{"display", "/display/bandung"}, {"counter", "/counter?counter=3&office=bandung"}, {"desk", "/desk"}, {"kiosk", "/kiosk/bandung"},
	} {
		device, id := h.pair(c.kind, "bandung", "counter", "3")
		var now struct {
			Paired bool
			URL    string
		}
		h.ask("GET", "/api/v1/devices/pairing", nil, device...).is(200, &now)
		if !now.Paired || now.URL != c.want {
			t.Errorf("a %s goes to %+v, want %s", c.kind, now, c.want)
		}
		page := h.ask("GET", "/pair", nil, append(device, "Accept", "text/html")...)
		page.is(303)
		if to := page.header.Get("Location"); to != c.want || !strings.Contains(page.header.Get("Set-Cookie"), "antrean_device=") {
			t.Errorf("a paired %s that is switched on goes to %q (%q)", c.kind, to, page.header.Get("Set-Cookie"))
		}
		h.ask("DELETE", "/api/v1/devices/"+id, nil, h.as(staff.Administrator)...).is(204)
		h.ask("GET", "/pair", nil, append(device, "Accept", "text/html")...).is(200)
		h.ask("POST", "/api/v1/devices/health", `{}`, device...).problem(401, "unauthenticated")
		h.ask("POST", "/api/v1/devices/voice", `{}`, device...).problem(401, "unauthenticated")
	}
	h.ask("POST", "/api/v1/devices/pairing", `{"kind":"toaster"}`).problem(422, "invalid")
	h.ask("POST", "/api/v1/devices/pairing", nil, "Sec-Fetch-Site", "cross-site").problem(403, "forbidden")
}

// A program pairs and revokes as the page does: a counter that is not there is
// refused, and who did it is written down.
func TestWhatAProgramPairsIsWrittenDownAsOnThePage(t *testing.T) {
	h := embedded(t)
	var asked struct{ Code, Token string }
	h.ask("POST", "/api/v1/devices/pairing", map[string]string{"kind": "counter"}).is(201, &asked)
	body := map[string]string{"code": asked.Code, "name": "Tablet 99", "office": "bandung", "counter": "99"}
	h.ask("POST", "/api/v1/devices", body, h.as(staff.Supervisor)...).problem(422, "invalid")
	body["counter"] = "3"
	var d staff.Device
	h.ask("POST", "/api/v1/devices", body, h.as(staff.Supervisor)...).is(201, &d)
	h.ask("DELETE", "/api/v1/devices/"+d.ID, nil, h.as(staff.Supervisor)...).is(204)
	for _, event := range []string{"device paired", "device revoked"} {
		if !strings.Contains(h.logs.String(), `event="`+event+`" user=supervisor`) {
			t.Errorf("nobody wrote down: %s", event)
		}
	}
}

func TestAScreenIsSetUpAndTellsHowItIs(t *testing.T) {
	h := embedded(t)
	supervisor := h.as(staff.Supervisor)
	tv, id := h.pair("display", "bandung")
	var voice struct {
		Speak    bool
		Settings staff.Screen
	}
	h.ask("POST", "/api/v1/devices/voice", `{"sound":true}`, tv...).is(200, &voice)
	if !voice.Speak || voice.Settings.Volume != 100 {
		t.Errorf("the only screen: %+v", voice)
	}
	foreign := []string{tv[0], tv[1], "Sec-Fetch-Site", "cross-site"}
	h.ask("POST", "/api/v1/devices/voice", `{"sound":false}`, foreign...).problem(403, "forbidden")
	h.ask("POST", "/api/v1/devices/health", `{"release":"1.2","sound":false,"width":1920,"height":1080}`, tv...).is(204)
	h.ask("POST", "/api/v1/devices/health", `{"width":-1}`, tv...).problem(422, "invalid")
	if page := h.ask("GET", "/admin/devices", nil, append(supervisor, "Accept", "text/html")...).is(200); !strings.Contains(string(page.body), "Versi lama") {
		t.Error("the list does not tell a screen of another release")
	}

	wrong := h.ask("PUT", "/api/v1/devices/"+id+"/settings", `{"volume":400,"counters":["99"]}`, supervisor...)
	wrong.problem(422, "invalid")
	for _, field := range []string{`"volume"`, `"counters[0]"`} {
		if !strings.Contains(string(wrong.body), field) {
			t.Errorf("%s does not name %s", wrong.body, field)
		}
	}
	var d staff.Device
	h.ask("PUT", "/api/v1/devices/"+id+"/settings", `{"volume":40,"counters":["1"],"languages":["id","en"]}`, supervisor...).is(200, &d)
	if d.Screen == nil || d.Screen.Volume != 40 || !d.Screen.Sound || d.Health.Width != 1920 || d.Health.Sound {
		t.Errorf("the screen is %+v, its health %+v", d.Screen, d.Health)
	}
	h.ask("POST", "/api/v1/devices/voice", `{"sound":true}`, tv...).is(200, &voice)
	if voice.Settings.Volume != 40 {
		t.Errorf("the screen hears of %+v", voice.Settings)
	}
	page := h.ask("GET", "/display/bandung", nil, append(tv, "Accept", "text/html")...).is(200)
	for _, want := range []string{`"volume":40`, `voice-id.bin`, `voice-en.bin`} {
		if !strings.Contains(string(page.body), want) {
			t.Errorf("the page lacks %s", want)
		}
	}

	kiosk, kioskID := h.pair("kiosk", "bandung")
	h.ask("POST", "/api/v1/devices/voice", `{"sound":true}`, kiosk...).problem(403, "forbidden")
	h.ask("PUT", "/api/v1/devices/"+kioskID+"/settings", `{}`, supervisor...).problem(409, "wrong_state")
	_, elsewhere := h.pair("display", "soekarno-hatta")
	h.ask("PUT", "/api/v1/devices/"+elsewhere+"/settings", `{}`, supervisor...).problem(403, "forbidden")
}

func TestTheHallIsMutedForAWhileAndHeardAgain(t *testing.T) {
	h := embedded(t)
	officer := h.as(staff.Officer)
	shown := func() *time.Time {
		t.Helper()
		var v static.DisplayView
		h.shot(h.feed("/live/offices/bandung/display"), 0, &v)
		return v.Muted
	}
	mute := func(body, key string) answer {
		return h.ask("POST", "/api/v1/offices/bandung/mute", body, append(officer, "Idempotency-Key", key)...)
	}
	mute(`{}`, "m0").problem(422, "invalid")
	mute(`{"minutes":121}`, "m0").problem(422, "invalid")
	mute(`{"minutes":30}`, "m1").is(200)
	until := shown()
	if until == nil || until.Sub(h.clock.Now()) != 30*time.Minute {
		t.Fatalf("muted until %v", until)
	}
	h.clock.pass(time.Minute)
	mute(`{"minutes":30}`, "m1").is(200) // the answer was lost: nothing is prolonged
	if again := shown(); again == nil || !again.Equal(*until) {
		t.Errorf("a repeated press mutes until %v", again)
	}
	mute(`{"minutes":0}`, "m2").is(200)
	mute(`{"minutes":0}`, "m3").is(200)
	if still := shown(); still != nil {
		t.Errorf("muted until %v after it was undone", still)
	}
	mute(`{"minutes":10}`, "m4").is(200)
	h.clock.pass(10 * time.Minute)
	if over := shown(); over != nil {
		t.Errorf("muted until %v when that is over", over)
	}
}

func TestAnOfficerMutesTheHallFromTheStaffPage(t *testing.T) {
	h := embedded(t)
	form := func(role staff.Role) []string {
		return append(slices.Clone(h.as(role)), "Content-Type", "application/x-www-form-urlencoded")
	}
	page := func() string {
		return string(h.ask("GET", "/staff", nil, append(slices.Clone(h.as(staff.Officer)), "Accept", "text/html", "Accept-Language", "en")...).is(200).body)
	}
	if !strings.Contains(page(), "Mute for 30 minutes") {
		t.Error("the staff page offers no silence")
	}
	h.ask("POST", "/staff/bandung/mute", "key=k1&minutes=30", form(staff.Officer)...).is(303)
	if !strings.Contains(page(), "Sound is off until") {
		t.Error("the staff page does not say that the hall is silent")
	}
	h.ask("POST", "/staff/bandung/mute", "key=k2&minutes=0", form(staff.Officer)...).is(303)
	h.ask("POST", "/staff/bandung/mute", "key=k3&minutes=many", form(staff.Officer)...).problem(422, "invalid")
	if !strings.Contains(page(), "Mute for 30 minutes") {
		t.Error("the silence was not ended")
	}
	h.ask("POST", "/staff/bandung/mute", "key=k4&minutes=30", form(staff.Desk)...).problem(403, "forbidden")
}

func TestAScreenIsSetUpInAForm(t *testing.T) {
	h := embedded(t)
	me, there := h.signIn("pengawas", staff.Supervisor, "bandung"), h.signIn("pengawas-lain", staff.Supervisor, "soekarno-hatta")
	tv, id := h.pair("display", "bandung")
	path := "/admin/devices/" + id
	h.see("/admin/devices", me...).is(200).shows(`href="` + path + `"`)
	h.see(path, me...).is(200).shows(`name="sound" value="on" checked`, `name="volume" value="100"`)
	h.see(path, there...).is(403)
	h.see("/admin/devices/none", me...).is(404)
	_, kiosk := h.pair("kiosk", "bandung")
	h.see("/admin/devices/"+kiosk, me...).is(409)
	h.form("/admin/devices/"+kiosk, url.Values{"volume": {"40"}}, me...).is(409)

	settings := func() staff.Screen {
		t.Helper()
		var voice struct{ Settings staff.Screen }
		h.ask("POST", "/api/v1/devices/voice", `{"sound":true}`, tv...).is(200, &voice)
		return voice.Settings
	}
	wrong := url.Values{
		"lobby": {"a/b"}, "counter": {"1", "99"}, "volume": {"keras"}, "depth": {"NaN"},
		"from": {"", "06.30", "05:00", "18:00"}, "percent": {"", "100", "50", "5"},
	}
	h.form(path, wrong, me...).is(422).shows("lobby-wrong", `value="a/b"`, "counters-wrong", `name="counter" value="1" checked`,
		"volume-wrong", `value="keras"`, "depth-wrong", `value="NaN"`, `id="from-0" name="from" value="06.30"`, "from-1-wrong", "percent-2-wrong")
	if diff := cmp.Diff(staff.UsualScreen(), settings()); diff != "" {
		t.Errorf("what was refused was kept: %s", diff)
	}
	h.form(path, url.Values{"volume": {"40"}}, there...).is(403)
	h.form(path, url.Values{"volume": {"40"}}, append(me, "Sec-Fetch-Site", "cross-site")...).is(403)

	good := url.Values{
		"lobby": {" Lantai 2 "}, "counter": {"2"}, "language": {"en", "id"}, "sound": {"on"}, "volume": {"0"}, "pictures": {"on"}, "depth": {"5,0"},
		"from": {"06.30", "", "17:00"}, "percent": {"100", "", "20"},
	}
	for range 2 { // sent twice
		h.form(path, good, me...).is(303)
	}
	want := staff.Screen{
		Lobby: "Lantai 2", Counters: []string{"2"}, Languages: []string{"en", "id"}, Sound: true, Pictures: true, Depth: 5,
		Brightness: []staff.Brightness{{From: "06:30", Percent: 100}, {From: "17:00", Percent: 20}},
	}
	if diff := cmp.Diff(want, settings()); diff != "" {
		t.Error(diff)
	}
	h.see(path, me...).is(200).shows("54 inci", `value="06:30"`)
	h.see("/admin/devices?said=screen_set", me...).is(200).shows("Setelan disimpan.")
}
