package display

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"antrean/internal/staff"
)

func TestWhoCopiedTheStoreIsWrittenDownAlsoOfAProgram(t *testing.T) {
	h := embedded(t, func(o *Options) {
		o.Backup = func(context.Context, bool) (io.ReadCloser, int64, error) {
			return io.NopCloser(strings.NewReader("all")), 3, nil
		}
	})
	h.named("ibu-kepala", staff.Administrator)
	_, token, err := h.Staff.NewToken(t.Context(), staff.Token{Name: "malam", Scopes: []string{"backup"}, By: "ibu-kepala"}, 24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	h.ask("GET", "/api/v1/backup", nil, "Authorization", "Bearer "+token).is(200)
	if !strings.Contains(h.logs.String(), `event="store copied" user=token-malam`) {
		t.Errorf("the log says:\n%s", h.logs.String())
	}
}
