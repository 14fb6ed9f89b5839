package display

import (
	"strings"
	"testing"

	"antrean/docs"
)

func TestTheDescriptionIsServedForPeopleAndPrograms(t *testing.T) {
	h := embedded(t)
	page := string(h.ask("GET", "/docs", nil).is(200).body)
	for _, has := range []string{
		`id="book"`, "/api/v1/offices/{office}/bookings", "Idempotency-Key", `href="#schema-TicketView"`, `id="schema-TicketView"`,
		"/live/offices/{office}/display", "People who will probably be called before", `id="schema-WebhookNotice"`,
	} {
		if !strings.Contains(page, has) {
			t.Errorf("/docs lacks %s", has)
		}
	}
	// Every schema that is named can be gone to.
	for _, part := range strings.Split(page, `href="#schema-`)[1:] {
		name, _, _ := strings.Cut(part, `"`)
		if !strings.Contains(page, `id="schema-`+name+`"`) {
			t.Errorf("/docs leads to %s, which it has not", name)
		}
	}
	if got := h.ask("GET", "/docs/openapi.yaml", nil).is(200).body; string(got) != string(docs.OpenAPI) {
		t.Error("openapi.yaml is another")
	}
	if got := h.ask("GET", "/docs/asyncapi.yaml", nil).is(200).body; string(got) != string(docs.AsyncAPI) {
		t.Error("asyncapi.yaml is another")
	}
}
