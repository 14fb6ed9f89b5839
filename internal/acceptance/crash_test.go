package acceptance

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"antrean/internal/jobs"
	"antrean/internal/ledger"
	"antrean/internal/vault"
)

// ofABooking are the commands by which a booking changes or asks the store:
// claims, sealed records, and the events of this and of other offices.
func ofABooking(command []byte) bool {
	for _, about := range []string{"claim/", "vault/", "tickets_booked", "ticket_voided"} {
		if bytes.Contains(command, []byte(about)) {
			return true
		}
	}
	return false
}

// TestANodeKilledBetweenAnyTwoStepsOfABooking kills a node before and after
// every command that a family's booking sends to Redis: their identities free,
// or held by a booking that was cancelled, or by one that died half way.
func TestANodeKilledBetweenAnyTwoStepsOfABooking(t *testing.T) {
	var g *guillotine
	h := newHouse(t, true, 2, func(h *house) {
		h.config = racedOffices()
		g = newGuillotine(t, h.redis.Addr())
		h.store = func(node int) string { return []string{g.url(), h.redis.URL()}[node] }
	})
	victim, other := h.nodes[0], h.nodes[1]
	scene := &crash{t: t, house: h, alive: h.public().at(other)}
	mortal := h.public().at(victim)
	for _, before := range []string{"free", "cancelled", "died"} {
		for _, after := range []bool{false, true} {
			for _, retry := range []bool{false, true} {
				steps := 0
				for n := 1; ; n++ {
					people := scene.family()
					switch before {
					case "cancelled":
						made := scene.book("dua", newKey(), people).is(t, 201)
						for _, k := range read[struct {
							Tickets []ticket `json:"tickets"`
						}](t, made.body).Tickets {
							scene.alive.post("/api/v1/tickets/"+k.Token+"/cancel", nothing{}).is(t, 200)
						}
					case "died":
						scene.dies(g, victim, mortal, "tiga", newKey(), people, &blade{
							n: 1, concerns: func(c []byte) bool { return bytes.Contains(c, []byte("tickets_booked")) },
						})
						victim.start()
					}
					key := newKey()
					name := fmt.Sprintf("%s, after: %t, retry: %t, step %d", before, after, retry, n)
					if !scene.dies(g, victim, mortal, "satu", key, people, &blade{concerns: ofABooking, n: n, after: after}) {
						break // it has no such step
					}
					steps++
					scene.settles(name, key, people, retry)
					victim.start()
				}
				t.Logf("%s, after: %t, retry: %t: %d steps", before, after, retry, steps)
				if least := map[string]int{"free": 5, "cancelled": 6, "died": 7}[before]; steps < least {
					t.Errorf("killed at %d steps only, a booking has %d at least", steps, least)
				}
			}
		}
	}
	scene.outcomes()
	scene.vaultIsClean()
	h.verify()
}

// TestTheOnlyNodeKilledWhileItBooks is the same on the embedded store, at
// random moments.
func TestTheOnlyNodeKilledWhileItBooks(t *testing.T) {
	const kills = 40
	h := newHouse(t, false, 1, func(h *house) { h.config = racedOffices() })
	n := h.nodes[0]
	scene := &crash{t: t, house: h, alive: h.public()}
	longest := 8 * time.Millisecond
	for i := range kills {
		people, key := scene.family(), newKey()
		var asked sync.WaitGroup
		asked.Go(func() {
			_, _ = scene.alive.send(context.Background(), "POST", "/api/v1/offices/satu/bookings", key, booking("paspor", "earliest", people...))
		})
		<-time.After(time.Duration(rand.Int64N(int64(longest))))
		n.kill()
		asked.Wait()
		n.start()
		whole := scene.settles(fmt.Sprintf("kill %d", i), key, people, i%2 == 0)
		// Half of the kills shall come before the event.
		if whole {
			longest = max(longest*4/5, time.Millisecond)
		} else {
			longest = min(longest*6/5, 40*time.Millisecond)
		}
	}
	scene.outcomes()
	n.stop()
	scene.vaultIsClean()
	h.verify()
}

// A crash is what is known of the bookings that a node died over.
type crash struct {
	t             *testing.T
	house         *house
	alive         caller // at a node that lives
	person        int
	read          int             // of satu's log, before the booking that is looked at
	booked        map[string]bool // tickets of all logs, "office/id"
	whole, absent int
}

// family is two people whom nobody has booked.
func (c *crash) family() []int {
	c.person += 2
	return []int{c.person, c.person + 1}
}

func (c *crash) book(id, key string, people []int) answer {
	c.t.Helper()
	a, err := c.alive.insist(c.t.Context(), "/api/v1/offices/"+id+"/bookings", key, booking("paspor", "earliest", people...))
	if err != nil {
		c.t.Fatal(err)
	}
	return a
}

// dies books at the node below the blade and reports whether it fell.
func (c *crash) dies(g *guillotine, victim *node, mortal caller, id, key string, people []int, b *blade) bool {
	c.t.Helper()
	b.fall = victim.kill
	g.set(b)
	defer g.set(nil)
	ask := func() answer {
		a, _ := mortal.send(context.Background(), "POST", "/api/v1/offices/"+id+"/bookings", key, booking("paspor", "earliest", people...))
		return a
	}
	for a := ask(); ; a = ask() {
		switch a.status {
		case 0: // the connection was cut, by the blade
			select {
			case <-b.fallen:
				return true
			case <-time.After(soon): // or by a machine that is too busy
			}
		case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		default:
			a.is(c.t, 201)
			c.giveBack(a)
			return false
		}
	}
}

// settles expects a booking that a node died over to be whole or absent; asked
// for again it is whole. It reports which, and leaves the places free.
func (c *crash) settles(name, key string, people []int, retry bool) (whole bool) {
	c.t.Helper()
	log := c.house.admin
	log.urls = c.alive.urls
	before := c.made(log.logOf("satu"))
	if before != 0 && before != len(people) {
		c.t.Fatalf("%s: %d of %d are booked", name, before, len(people))
	}
	whole = before > 0
	if whole {
		c.whole++
	} else {
		c.absent++
	}
	c.t.Logf("%s: whole: %t", name, whole)
	if !retry && !whole {
		// Nobody completes it. Its people are free, together and elsewhere.
		c.giveBack(c.book("dua", newKey(), people).is(c.t, 201))
		return whole
	}
	if !retry {
		c.book("dua", newKey(), people).refuses(c.t, 409, "already_booked")
	}
	first := c.book("satu", key, people).is(c.t, 201)
	if n := c.made(log.logOf("satu")); n != len(people) {
		c.t.Fatalf("%s: completed, the log holds %d of its tickets", name, n)
	}
	if again := c.book("satu", key, people); !bytes.Equal(first.body, again.body) {
		c.t.Errorf("%s: asked again:\n%s\n%s", name, first, again)
	}
	c.book("dua", newKey(), people).refuses(c.t, 409, "already_booked")
	c.giveBack(first)
	return whole
}

// made counts the tickets that were booked since the log was last read.
func (c *crash) made(entries []entry) (n int) {
	c.t.Helper()
	for _, e := range entries[min(c.read, len(entries)):] {
		f := read[struct {
			Type string `json:"type"`
			Fact struct {
				Tickets []struct{} `json:"tickets"`
			} `json:"fact"`
		}](c.t, e.Event)
		if f.Type == "tickets_booked" {
			n += len(f.Fact.Tickets)
		}
	}
	return n
}

// giveBack cancels what a booking made, and begins a new page of the log.
func (c *crash) giveBack(a answer) {
	c.t.Helper()
	for _, k := range read[struct {
		Tickets []ticket `json:"tickets"`
	}](c.t, a.body).Tickets {
		c.alive.post("/api/v1/tickets/"+k.Token+"/cancel", nothing{}).is(c.t, 200)
	}
	log := c.house.admin
	log.urls = c.alive.urls
	c.read = len(log.logOf("satu"))
}

// outcomes expects both to have happened.
func (c *crash) outcomes() {
	c.t.Helper()
	c.t.Logf("%d bookings were whole, %d absent", c.whole, c.absent)
	if c.whole == 0 || c.absent == 0 {
		c.t.Error("the kills came always before, or always after, the event")
	}
}

// vaultIsClean runs the job that forgets people, two hours from now, and
// expects a sealed record for every ticket and none besides.
func (c *crash) vaultIsClean() {
	c.t.Helper()
	h := c.house
	ctx := context.Background()
	ring, err := vault.ParseKeyring(h.key)
	if err != nil {
		c.t.Fatal(err)
	}
	var log ledger.Log
	var records ledger.Records
	if h.redis != nil {
		r, err := ledger.OpenRedis(ctx, h.redis.URL(), ledger.RedisOptions{})
		if err != nil {
			c.t.Fatal(err)
		}
		defer r.Close()
		log, records = r, r
	} else {
		e, err := ledger.OpenEmbedded(filepath.Join(h.dir, "data-0", "antrean.db"))
		if err != nil {
			c.t.Fatal(err)
		}
		defer e.Close()
		log, records = e, e
	}
	offices := ledger.New(log, records, ledger.Options{})
	running, stop := context.WithCancel(ctx)
	var group sync.WaitGroup
	group.Go(func() { _ = offices.Run(running) })
	defer func() { stop(); group.Wait() }()
	people := vault.New(records, ring, func() time.Time { return time.Now().Add(2 * time.Hour) })
	held := func() (all int, orphans []string) {
		after := ""
		for {
			found, err := records.List(ctx, "vault/", after, 500)
			if err != nil {
				c.t.Fatal(err)
			}
			if len(found) == 0 {
				return all, orphans
			}
			for _, r := range found {
				after = r.Key
				all++
				if !c.inALog(log, strings.Split(r.Key, "/")) {
					orphans = append(orphans, r.Key)
				}
			}
		}
	}
	all, orphans := held()
	if len(orphans) == 0 || all == len(orphans) {
		c.t.Errorf("%d of %d records are orphans: there was nothing to clean", len(orphans), all)
	}
	for _, job := range jobs.Table(offices, people, nil) {
		if job.Name == "forget people" {
			if err := job.Do(ctx); err != nil {
				c.t.Fatal(err)
			}
		}
	}
	await(c.t, 5*time.Second, "the orphans are gone", func() bool { _, left := held(); return len(left) == 0 })
	if left, _ := held(); left != all-len(orphans) {
		c.t.Errorf("%d records are left of %d with a ticket", left, all-len(orphans))
	}
}

// inALog says whether the ticket of a record, [vault office ticket], was booked.
func (c *crash) inALog(log ledger.Log, record []string) bool {
	c.t.Helper()
	if c.booked == nil {
		c.booked = map[string]bool{}
		for _, id := range raced {
			for from := uint64(1); ; {
				entries, err := log.Read(context.Background(), id, from, 500)
				if err != nil {
					c.t.Fatal(err)
				}
				for _, e := range entries {
					from = e.Version + 1
					f := read[struct {
						Type string `json:"type"`
						Fact struct {
							Tickets []struct {
								ID string `json:"id"`
							} `json:"tickets"`
						} `json:"fact"`
					}](c.t, e.Data)
					if f.Type == "tickets_booked" {
						for _, k := range f.Fact.Tickets {
							c.booked[id+"/"+k.ID] = true
						}
					}
				}
				if len(entries) == 0 {
					break
				}
			}
		}
	}
	return c.booked[record[1]+"/"+record[2]]
}
