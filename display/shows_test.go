package display

import (
	"strings"
	"testing"
)

// A link that passes through other hands shows the ticket and acts on nothing.
func TestALinkThatOnlyShowsLetsNobodyAct(t *testing.T) {
	h := embedded(t, func(o *Options) { o.PushKey = "BPublic" })
	token := h.walkIn("paspor-baru", false).Token
	office, ticket, link, err := h.Ring.ParseToken(token)
	if err != nil {
		t.Fatal(err)
	}
	shows := h.Ring.ShowToken(office, ticket, link)
	at := "/api/v1/tickets/" + shows
	var v struct {
		Number string
		Can    []string
	}
	if h.ask("GET", at, nil).is(200, &v); v.Number == "" || v.Can == nil || len(v.Can) > 0 {
		t.Errorf("%s may %v", v.Number, v.Can)
	}
	h.ask("GET", at+"/qr.svg", nil).is(200)
	for act, body := range map[string]string{
		"check-in": `{}`, "cancel": `{}`, "confirm": `{}`, "accept": `{}`, "help": `{}`,
		"defer": `{"places":1}`, "standby": `{"minutes":5}`, "reschedule": `{"slot":"2026-11-25T09:00:00+07:00"}`,
	} {
		h.ask("POST", at+"/"+act, body).problem(403, "forbidden")
	}
	h.ask("PUT", at+"/push", browserOf(t, "https://push.example/1")).problem(403, "forbidden")
	h.ask("DELETE", at+"/push", nil).problem(403, "forbidden")
	h.ask("GET", "/api/v1/tickets/"+h.Ring.ShowToken(office, ticket, link+1), nil).problem(404, "not_found")

	page := h.see("/t", "Cookie", ticketCookie+"="+shows)
	page.shows("Tautan ini hanya menampilkan tiket", v.Number)
	if text := string(page.body); strings.Contains(text, `id="tell"`) || strings.Contains(text, "manifest") {
		t.Error("the page offers what it must not")
	}

	// It does not take from a phone what the phone may do already.
	if c := h.see("/t/"+shows, "Cookie", ticketCookie+"="+token).header.Get("Set-Cookie"); c != "" {
		t.Errorf("the cookie becomes %q", c)
	}
	if c := h.see("/t/" + shows).header.Get("Set-Cookie"); !strings.Contains(c, shows) {
		t.Errorf("the cookie becomes %q", c)
	}
}
