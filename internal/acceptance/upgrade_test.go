package acceptance

import (
	"bytes"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"antrean/internal/acceptance/newer"
)

// newerRelease is the binary of the release after this one, built once.
var newerRelease = sync.OnceValues(func() (string, error) {
	to := filepath.Join(filepath.Dir(binary), "newer.exe")
	return to, newer.Build(filepath.Join("..", ".."), filepath.Dir(binary), to)
})

// upgrade ends a node as its operator does and starts it with another release.
func (n *node) upgrade(to string) {
	n.t.Helper()
	n.stop()
	n.binary = to
	n.start()
}

// TestAnUpgradeOfOneNodeAfterTheOther lets two releases share one Redis while
// everybody works. An event that only the newer knows stops writing at the older
// node, with words that say why, and nothing else; all of it is there when that is
// upgraded as well.
func TestAnUpgradeOfOneNodeAfterTheOther(t *testing.T) {
	next, err := newerRelease()
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, true, 2)
	first, second := h.nodes[0], h.nodes[1]
	supervisor := h.hire("kepala", "supervisor")
	screens := []*screen{
		watch(h.public().at(first), display()), watch(h.public().at(second), display()),
		watch(h.public(), display(), func(s *screen) { s.events = true }),
	}
	c := gather(h, 3, 1, 1)
	goesOn := func(what string) {
		t.Helper()
		before := c.calls.Load()
		await(t, time.Minute, what, func() bool { return c.calls.Load() > before+10 })
	}
	goesOn("people are called before")
	old := scriptOf(t, h, first)

	first.upgrade(next)
	goesOn("people are called by two releases")
	if scriptOf(t, h, first) == old {
		t.Error("the newer release serves the same script")
	}
	for _, n := range h.nodes { // a balancer may ask either for what the other's page loads
		for _, other := range h.nodes {
			loads(t, h, other, scriptOf(t, h, n))
		}
	}
	releases(t, h, "warning", "1 × "+newer.Version)

	// The newer release writes what the older does not know.
	c.journal.post(supervisor.at(first), at("/mute"), map[string]int{"minutes": 5}).is(t, 200)
	await(t, soon, "the older node reads only", func() bool { return !second.ready() })
	a := supervisor.at(second).post(at("/tickets"), map[string]string{"service": "baru"})
	a.refuses(t, http.StatusServiceUnavailable, "unavailable")
	if !strings.Contains(string(a.body), "rilis") {
		t.Errorf("the refusal does not say why: %s", a)
	}
	h.public().at(second).get("/display/"+office).is(t, 200)
	h.public().at(second).get(at("/slots?service=baru")).is(t, 200)
	goesOn("people are called where the newer release runs")
	if said := fails(t, h, binary, "verify"); !strings.Contains(said, "newer release") {
		t.Errorf("the older verify says: %s", said)
	}

	second.upgrade(next)
	goesOn("people are called by the newer release")
	c.journal.post(h.admin.at(second), at("/mute"), map[string]int{"minutes": 10}).is(t, 200)
	releases(t, h, "ok", "2 on release "+newer.Version)
	c.drain()
	c.check()
	h.binary = next
	survived(t, h, c, screens)
}

// TestAnUpgradeOfTheOnlyNode stops the old release and starts the new one on the
// same file, goes back, and comes again.
func TestAnUpgradeOfTheOnlyNode(t *testing.T) {
	next, err := newerRelease()
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, false, 1)
	only := h.nodes[0]
	screens := []*screen{watch(h.public(), display())}
	c := gather(h, 2, 1, 1)
	goesOn := func(what string) {
		t.Helper()
		before := c.calls.Load()
		await(t, time.Minute, what, func() bool { return c.calls.Load() > before+10 })
	}
	goesOn("people are called before")
	only.upgrade(next)
	goesOn("people are called after")
	only.upgrade(binary) // nobody has used what only the newer release knows
	goesOn("people are called by the older release again")
	only.upgrade(next)
	c.journal.post(h.admin, at("/mute"), map[string]int{"minutes": 5}).is(t, 200)
	c.drain()
	c.check()
	h.binary = next
	survived(t, h, c, screens)
	if said := fails(t, h, binary, "verify"); !strings.Contains(said, "newer release") {
		t.Errorf("the older verify says: %s", said)
	}
}

var script = regexp.MustCompile(`<script[^>]* src="(/a/[^"]*/tv\.js)"`)

// scriptOf is the address of the script of a node's lobby screen.
func scriptOf(t *testing.T, h *house, n *node) string {
	t.Helper()
	page := h.public().at(n).get("/display/"+office).is(t, 200)
	found := script.FindSubmatch(page.body)
	if found == nil {
		t.Fatalf("no script in %s", page)
	}
	return string(found[1])
}

// loads expects a node to have something for an address of a page.
func loads(t *testing.T, h *house, n *node, address string) {
	t.Helper()
	a := h.public().at(n).get(address).is(t, 200)
	if !strings.HasPrefix(a.kind, "text/javascript") || len(a.body) == 0 {
		t.Errorf("%s%s is %.100s", n.url, address, a)
	}
}

// releases waits until the doctor says this of the nodes' releases. A node that ended
// without taking back its word is forgotten after a minute and a half.
func releases(t *testing.T, h *house, level, says string) {
	t.Helper()
	await(t, 2*time.Minute, "the doctor says "+says, func() bool {
		var told struct {
			Findings []struct{ Check, Level, Says string }
		}
		english := func(r *http.Request) { r.Header.Set("Accept-Language", "en") }
		h.admin.must(http.MethodGet, "/api/v1/doctor", "", nil, english).is(t, 200).into(t, &told)
		for _, f := range told.Findings {
			if f.Check == "nodes" {
				return f.Level == level && strings.Contains(f.Says, says)
			}
		}
		return false
	})
}

// fails runs a command of a release on the store and expects it to fail.
func fails(t *testing.T, h *house, release, command string) string {
	t.Helper()
	cmd := exec.Command(release, append([]string{command}, h.storeFlags(0)...)...)
	cmd.Env = h.env
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Errorf("%s of the older release is content: %s", command, out)
	}
	return string(bytes.TrimSpace(out))
}
