package display

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"antrean/internal/calendar"
	"antrean/internal/queue"
	"antrean/internal/staff"
	"antrean/static"
)

// words know one message, "called" in Indonesian, whose title may not say "no".
type words struct{}

func (words) Keys() (languages, kinds []string) { return []string{"id"}, []string{"called"} }

func (words) Sample(c *queue.Config, language, kind string) (s static.TextSample, ok bool) {
	s.Kind, s.Language, s.Title = kind, language, c.Messages[language][kind].Title
	s.Own, s.Preview.Title = s.Title != "", "<"+s.Title+">"
	return s, language == "id" && kind == "called"
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

func TestTheTextsPagePreviewsRefusesSavesAndResets(t *testing.T) {
	h := embedded(t, func(o *Options) { o.Texts = words{} })
	admin := h.as(staff.Administrator)
	at, key := "/admin/texts/bandung", 0
	post := func(do, title string) answer {
		t.Helper()
		key++
		return h.ask("POST", at+"/id/called", url.Values{"do": {do}, "title": {title}, "key": {fmt.Sprint(key)}}.Encode(),
			append(admin, "Accept", "text/html", "Content-Type", "application/x-www-form-urlencoded")...)
	}
	page := func() answer { return h.see(at+"?words=id", admin...) }
	h.see(at, admin...).shows(`href="` + at + `" aria-current="page"`)
	page().shows(`name="title" value=""`)
	post("preview", "Mari").shows(`value="Mari"`, "&lt;Mari&gt;", `id="called" open`)
	page().shows(`name="title" value=""`)
	refused := post("save", "{no}")
	if refused.status != 422 {
		t.Errorf("answered %d", refused.status)
	}
	refused.shows(`value="{no}"`, `aria-invalid="true"`, "{no} is not known here")
	if saved := post("save", "Mari"); saved.status != 303 || saved.header.Get("Location") != at+"?words=id&saved=called#called" {
		t.Errorf("answered %d, %s", saved.status, saved.header.Get("Location"))
	}
	h.see(at+"?words=id&saved=called", admin...).shows(`value="Mari"`, "Tersimpan", `value="reset"`)
	// Two who write at once do not overwrite each other unseen.
	mine := page().found(`name="was" value="([^"]+)"`)
	save := func(was, title, key string) answer {
		return h.form(at+"/id/called", url.Values{"do": {"save"}, "was": {was}, "title": {title}, "key": {key}}, admin...)
	}
	save(mine, "Silakan", "theirs").is(303)
	save(mine, "Ayo", "mine").is(409).shows(`value="Ayo"`)
	save(mine, "Silakan", "theirs").is(303) // pressed twice
	page().shows(`value="Silakan"`)
	post("reset", "ignored")
	page().shows(`name="title" value=""`)

	h.see(at+"?words=xx", admin...).is(404)
	h.see(at, h.as(staff.Supervisor)...).is(403)
	h.ask("POST", at+"/id/called", "do=save&title=x&key=k", append(admin, "Content-Type", "application/x-www-form-urlencoded", "Origin", "https://evil.example")...).is(403)
}
