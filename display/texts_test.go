package display

import (
	"strings"
	"testing"

	"antrean/internal/calendar"
	"antrean/internal/queue"
	"antrean/internal/staff"
)

// words know one message, "called" in Indonesian, whose title may not say "no".
type words struct{}

func (words) Keys() (languages, kinds []string) { return []string{"id"}, []string{"called"} }

func (words) Sample(c *queue.Config, language, kind string) any {
	if language != "id" || kind != "called" {
		return nil
	}
	return map[string]string{"title": c.Messages[language][kind].Title}
}

func (words) Check(c *queue.Config) (wrong []calendar.FieldError) {
	if strings.Contains(c.Messages["id"]["called"].Title, "no") {
		wrong = append(wrong, calendar.FieldError{Field: "messages.id.called.title", Message: "{no} is not known here"})
	}
	return wrong
}

func TestAnAdministratorChangesWhatPeopleAreTold(t *testing.T) {
	h := embedded(t, func(o *Options) { o.Texts = words{} })
	admin := h.as(staff.Administrator)
	at := "/api/v1/offices/bandung/texts"
	title := func() string {
		var all struct {
			Languages []string
			Texts     []struct{ Title string }
		}
		h.ask("GET", at, nil, admin...).is(200, &all)
		if len(all.Texts) != 1 || len(all.Languages) != 1 {
			t.Fatalf("texts are %+v", all)
		}
		return all.Texts[0].Title
	}
	var preview struct{ Title string }
	h.ask("POST", at+"/id/called/preview", `{"title":" Mari, {number} "}`, admin...).is(200, &preview)
	if preview.Title != "Mari, {number}" || title() != "" {
		t.Errorf("the preview is %q, and %q is kept", preview.Title, title())
	}
	h.ask("PUT", at+"/id/called", `{"title":"Mari, {number}"}`, admin...).is(200)
	if title() != "Mari, {number}" {
		t.Errorf("kept is %q", title())
	}
	for _, ask := range [][2]string{{"POST", at + "/id/called/preview"}, {"PUT", at + "/id/called"}} {
		p := h.ask(ask[0], ask[1], `{"title":"{no}"}`, admin...).problem(422, "invalid")
		if len(p.Errors) != 1 || p.Errors[0].Field != "title" {
			t.Errorf("errors are %+v", p.Errors)
		}
		p = h.ask(ask[0], ask[1], map[string]string{"body": strings.Repeat("a", 1001)}, admin...).problem(422, "invalid")
		if len(p.Errors) != 1 || p.Errors[0].Field != "body" {
			t.Errorf("errors are %+v", p.Errors)
		}
	}
	h.ask("PUT", at+"/id/called", `{"title":"Hai"}`, append(admin, "If-Match", `"1"`)...).problem(409, "wrong_state")
	h.ask("PUT", at+"/xx/called", `{"title":"Hai"}`, admin...).problem(404, "not_found")
	h.ask("DELETE", at+"/id/called", nil, admin...).is(200)
	if title() != "" {
		t.Errorf("kept is %q after it was reset", title())
	}
	h.ask("GET", at, nil, h.as(staff.Supervisor)...).problem(403, "forbidden")

	// Who changed what stands in the office's log.
	var log struct {
		Events []struct {
			Event struct{ Type, By string }
		}
	}
	h.ask("GET", "/api/v1/offices/bandung/log?after=0", nil, admin...).is(200, &log)
	changes := 0
	for _, e := range log.Events {
		if e.Event.Type == "office_configured" && e.Event.By == "administrator" {
			changes++
		}
	}
	if changes != 2 {
		t.Errorf("%d changes by the administrator stand in the log", changes)
	}
}
