package display

import (
	"testing"

	"antrean/internal/staff"
)

func TestOnlyASupervisorCallsOutOfTurn(t *testing.T) {
	h := embedded(t)
	first, second := h.walkIn("penggantian", false), h.walkIn("penggantian", false)
	officer, supervisor := h.as(staff.Officer), h.as(staff.Supervisor)
	h.press(officer, "3", "open", nil).is(200)
	h.press(officer, "3", "call", map[string]any{"ticket": second.ID, "reason": "ill"}).problem(403, "forbidden")
	h.press(supervisor, "4", "open", nil).is(200)
	h.press(supervisor, "4", "call", map[string]any{"ticket": second.ID}).problem(422, "invalid")
	h.press(supervisor, "4", "call", map[string]any{"ticket": second.ID, "reason": "ill"}).is(200)
	h.press(officer, "3", "next", nil).is(200)
	var v struct{ Current struct{ Number string } }
	h.ask("GET", "/api/v1/offices/bandung/counters/3", nil, officer...).is(200, &v)
	if v.Current.Number != first.Number {
		t.Errorf("next called %s, want %s", v.Current.Number, first.Number)
	}
}

func TestAnOfficerSitsAtOneCounter(t *testing.T) {
	h := embedded(t)
	officer, other, admin := h.as(staff.Officer), h.named("relief", staff.Officer, "bandung"), h.as(staff.Administrator)
	h.walkIn("penggantian", false)
	h.press(officer, "3", "open", nil).is(200)
	h.press(other, "3", "open", nil).problem(409, "counter_busy")
	h.press(other, "3", "next", nil).problem(403, "forbidden")
	h.press(officer, "4", "open", nil).is(200)
	var v struct{ State, Officer string }
	h.ask("GET", "/api/v1/offices/bandung/counters/3", nil, officer...).is(200, &v)
	if v.State != "closed" {
		t.Errorf("the counter that was left is %s", v.State)
	}
	h.press(officer, "4", "next", nil).is(200)
	h.press(officer, "3", "open", nil).problem(409, "counter_busy")
	h.press(admin, "4", "serve", nil).is(200)
	h.press(other, "4", "take-over", nil).is(200, &v)
	if v.Officer != "relief" {
		t.Errorf("after the take-over %s sits there", v.Officer)
	}
	h.press(officer, "4", "complete", nil).problem(403, "forbidden")
	h.press(other, "4", "complete", nil).is(200)
}
