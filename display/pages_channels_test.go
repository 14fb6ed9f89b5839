package display

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"antrean/internal/staff"
	"antrean/internal/subject"
	"antrean/static"
)

// ways are a mail channel that takes what goes to somebody, a resting gateway,
// and one dead letter.
type ways struct {
	tested  []ChannelTest
	retried [][]string
}

func (*ways) State(context.Context) ([]static.Channel, error) {
	until := time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)
	return []static.Channel{{Name: "mail", Type: "mail", State: "works"}, {Name: "sms", Type: "gateway", State: "resting", Resting: &until}}, nil
}

func (w *ways) Test(_ context.Context, channel string, to ChannelTest) (static.ChannelTested, error) {
	switch {
	case channel != "mail" && channel != "sms":
		return static.ChannelTested{}, ErrNoChannel
	case to.Email == "" && to.Phone == "":
		return static.ChannelTested{}, ErrNoAddress
	case strings.HasPrefix(to.Email, "often"):
		return static.ChannelTested{}, ErrTooOften
	}
	w.tested = append(w.tested, to)
	return static.ChannelTested{Outcome: "sent", Millis: 7}, nil
}

func (*ways) Dead(context.Context, string) ([]static.DeadLetter, error) {
	return []static.DeadLetter{{ID: "d1", Ticket: "gone", Kind: "called", Channel: "sms", Code: "http_500", At: time.Now()}}, nil
}

func (w *ways) Retry(_ context.Context, _, _ string, ids []string) (int, error) {
	w.retried = append(w.retried, ids)
	return 1, nil
}

func TestAnAdministratorSeesAndTestsChannels(t *testing.T) {
	w := &ways{}
	h := embedded(t, func(o *Options) { o.Channels = w })
	admin := h.as(staff.Administrator)
	if page := string(h.see("/admin/channels", admin...).is(200).body); !strings.Contains(page, "Istirahat sampai 10.00") {
		t.Errorf("a channel that rests until 3:00 UTC is shown as %s", page)
	}
	for _, at := range []string{"/admin", "/admin/offices/bandung"} { // and whoever looks after the office
		h.see(at, h.as(staff.Supervisor)...).shows("sms: tidak mengirim").hides("mail:")
	}
	if page := string(h.form("/admin/channels/mail/test", url.Values{"email": {" saya@example.go.id"}}, admin...).is(200).body); !strings.Contains(page, "dalam 7 milidetik") {
		t.Error("it is not said that the test was sent")
	}
	if len(w.tested) != 1 || w.tested[0].Email != "saya@example.go.id" {
		t.Errorf("tested was %+v", w.tested)
	}
	for _, test := range []struct{ channel, field, typed, shown string }{
		{"sms", "phone", "0812", `value="0812"`},
		{"sms", "phone", `"><b>bold`, `value="&#34;&gt;&lt;b&gt;bold"`},
		{"mail", "email", "", "aria-invalid"},
		{"mail", "email", "often@example.go.id", "Jatah saluran ini sedang habis"},
	} {
		a := h.form("/admin/channels/"+test.channel+"/test", url.Values{test.field: {test.typed}}, admin...)
		if a.status < 400 || a.status >= 500 || !strings.Contains(string(a.body), test.shown) {
			t.Errorf("%q is answered by %d, which does not show %q", test.typed, a.status, test.shown)
		}
	}
	h.form("/admin/channels/fax/test", url.Values{"phone": {"081234567890"}}, admin...).is(404)
	h.form("/admin/channels/mail/test", url.Values{"email": {"a@example.go.id"}}, append(admin, "Sec-Fetch-Site", "cross-site")...).is(403)
	h.ask("GET", "/admin/channels", nil, h.as(staff.Supervisor)...).is(403)
	if len(w.tested) != 1 {
		t.Errorf("more was tested: %+v", w.tested)
	}
}

func TestASupervisorReadsATicketsMessagesAndTriesDeadLettersAgain(t *testing.T) {
	w := &ways{}
	told := func(_ context.Context, _ string, tickets []string) (map[string][]subject.Notice, error) {
		return map[string][]subject.Notice{tickets[0]: {{At: time.Now(), Kind: "called", Channel: "sms", Outcome: "delivered"}}}, nil
	}
	h := embedded(t, func(o *Options) { o.Channels, o.Notices = w, told })
	supervisor := h.as(staff.Supervisor)
	number := h.walkIn("paspor-baru", false).Number
	at := "/admin/offices/bandung/messages"
	for asked, words := range map[string]string{number: "Sampai", "A-999": "Tidak ada tiket", "": "http_500"} {
		if page := string(h.see(at+"?ticket="+asked, supervisor...).is(200).body); !strings.Contains(page, words) {
			t.Errorf("asked for %q the page does not say %q", asked, words)
		}
	}
	h.form(at+"/retry", url.Values{"id": {"d1"}}, supervisor...).is(303)
	h.form(at+"/retry", url.Values{}, supervisor...).is(303)
	if len(w.retried) != 2 || len(w.retried[0]) != 1 || w.retried[1] != nil {
		t.Errorf("tried again were %v", w.retried)
	}
	h.ask("GET", at, nil, h.as(staff.Officer)...).is(403)
}
