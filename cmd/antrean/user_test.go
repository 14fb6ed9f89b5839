package main

import (
	"strings"
	"testing"

	"antrean/internal/staff"
)

func TestAnAccountCalledAsTheLogCallsOthersIsMisuse(t *testing.T) {
	dir := t.TempDir()
	code, _, errs := call(t, "loket tujuh pagi\n", "user", "add", "token-pusat", "--role", "officer", "--office", "bandung", "--password-stdin", "--data", dir)
	if code != 2 || !strings.Contains(errs, staff.ErrReserved.Error()) {
		t.Errorf("it ended with %d and %q", code, errs)
	}
}
