package ledger

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
	"weak"

	"antrean/internal/ledger/redistest"

	"github.com/google/go-cmp/cmp"
)

// TestANodeHoldsOnlyTheOfficesThatAreLookedAt has a node on a Cluster of 130
// offices wake a few, all, and none, and counts what it holds for them.
func TestANodeHoldsOnlyTheOfficesThatAreLookedAt(t *testing.T) {
	const offices, looked = 130, 5
	c := redistest.StartCluster(t, 3, 0, steady)
	name := func(i int) string { return fmt.Sprintf("kantor%03d", i) }
	maker := openRedis(t, c.URL())
	founding := startNode(t, maker, maker, Options{})
	for i := range offices {
		if _, err := founding.Create(t.Context(), roundTheClock(t, name(i))); err != nil {
			t.Fatal(err)
		}
	}

	s := openRedis(t, c.URL())
	o := startNode(t, s, s, Options{IdleAfter: 300 * time.Millisecond})
	if ids, err := o.IDs(t.Context()); err != nil || len(ids) != offices {
		t.Fatalf("%d offices, %v", len(ids), err)
	}
	if awake := o.Awake(); len(awake) != 0 {
		t.Errorf("%d offices are awake that nobody looks at", len(awake))
	}
	eventually(t, func() bool { return o.Ready() == nil })
	before := runtime.NumGoroutine()

	var want []string
	var watched []*Office
	for i := range looked {
		f := wakeOffice(t, o, name(i*20))
		defer f.Watch()()
		want, watched = append(want, f.ID()), append(watched, f)
	}
	var all []weak.Pointer[Office]
	for i := range offices { // by one command each, and no more
		f := wakeOffice(t, o, name(i))
		must(t, f.Do(t.Context(), issue(fmt.Sprint("t", i)), nil))
		if i%20 != 0 || i/20 >= looked {
			all = append(all, weak.Make(f))
		}
	}
	eventually(t, func() bool { return len(o.Awake()) == looked })
	var awake []string
	for _, f := range o.Awake() {
		awake = append(awake, f.ID())
	}
	if diff := cmp.Diff(want, awake); diff != "" {
		t.Errorf("awake are others than those who are looked at: %s", diff)
	}
	for _, f := range watched {
		must(t, f.Do(t.Context(), issue("last"), nil))
	}

	// Per office: who decides, who follows, who keeps; the tail's read, and what
	// the client library needs for its connection.
	const each, slack = 6, 20
	eventually(t, func() bool { return runtime.NumGoroutine() <= before+looked*each+slack })
	eventually(t, func() bool {
		tails := 0
		for _, server := range c.Servers {
			list, err := server.Ask("CLIENT", "LIST")
			if err != nil {
				t.Fatal(err)
			}
			tails += strings.Count(list, "cmd=xread")
		}
		return tails <= looked+len(c.Servers)*idleTails
	})
	eventually(t, func() bool {
		runtime.GC()
		for _, f := range all {
			if f.Value() != nil {
				return false
			}
		}
		return true
	})
}
