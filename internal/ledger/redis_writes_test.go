package ledger

import (
	"fmt"
	"sync"
	"testing"

	"antrean/internal/ledger/redistest"
)

// Three hundred who claim ten names on new shelves at once: their claims share
// scripts, and each is decided as if it had come alone. The server forgets its
// scripts half way, as it does when it is restarted.
func TestRecordsThatAreWrittenTogetherAreDecidedEachForItself(t *testing.T) {
	r := openRedis(t, redistest.Start(t).URL())
	const claims, names = 300, 10
	key := func(n int) string { return fmt.Sprintf("together/%d/claim", n%names) }
	held := make([]string, claims)
	var group sync.WaitGroup
	for n := range claims {
		group.Go(func() {
			if n == claims/2 {
				if err := r.client.ScriptFlush(t.Context()).Err(); err != nil {
					t.Error(err)
				}
			}
			value, err := r.Replace(t.Context(), key(n), nil, fmt.Appendf(nil, "%d", n), 0)
			if err != nil {
				t.Error(err)
			}
			held[n] = string(value)
		})
	}
	group.Wait()
	for n := range claims {
		value, err := r.Get(t.Context(), key(n))
		if err != nil || held[n] != string(value) {
			t.Errorf("%d was told that %q holds its name; it is %q (%v)", n, held[n], value, err)
		}
	}
	if all, err := r.List(t.Context(), "together/", "", claims); err != nil || len(all) != names {
		t.Errorf("%d records are listed, want %d (%v)", len(all), names, err)
	}
}
