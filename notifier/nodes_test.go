package notifier

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"antrean/internal/ledger"
	"antrean/internal/ledger/redistest"
	"antrean/internal/queue"
	"antrean/internal/vault"
)

// A node of the test is this program once more, told by these variables where
// the store and the gateway are. It ends when its input does.
const (
	nodeStore   = "ANTREAN_TEST_NODE_REDIS"
	nodeGateway = "ANTREAN_TEST_NODE_GATEWAY"
)

func runNode() error {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	ctx := context.Background()
	s, err := ledger.OpenRedis(ctx, os.Getenv(nodeStore), ledger.RedisOptions{})
	if err != nil {
		return err
	}
	ring, err := vault.NewKeyring(vault.Key{1, 2, 3})
	if err != nil {
		return err
	}
	var n *Notifier
	offices := ledger.New(s, s, ledger.Options{OnChange: func(office string) { n.Changed(office) }})
	n, err = New(Options{
		Offices: offices, Store: s, Records: s, Vault: vault.New(s, ring, time.Now), Ring: ring, Rules: Rules{Quiet: "off"},
		Routes:   []Route{{Channel: poster{os.Getenv(nodeGateway)}, Rate: queue.Rate{Count: 100, Per: time.Second}}},
		ClaimFor: 3 * time.Second, SendFor: time.Second, Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	})
	if err != nil {
		return err
	}
	go func() { _ = n.Run(ctx) }() // both end with the process
	return offices.Run(ctx)
}

// poster is a channel that posts what it was given.
type poster struct{ url string }

func (poster) Name() string            { return "gateway" }
func (poster) Reaches(to Contact) bool { return to.Phone != "" }
func (p poster) Send(ctx context.Context, m Message) (Receipt, error) {
	body, err := json.Marshal(posted{m.Ticket, m.Kind, m.ID})
	if err != nil {
		return Receipt{}, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader(body))
	if err != nil {
		return Receipt{}, err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return Receipt{}, err
	}
	return Receipt{}, answer.Body.Close()
}

type posted struct {
	Ticket string
	Kind   Kind
	ID     string
}

// nodeProcess is one node that can be killed.
type nodeProcess struct {
	command *exec.Cmd
	stdin   io.Closer
}

func startNode(t testing.TB, redis, gateway string) *nodeProcess {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), nodeStore+"="+redis, nodeGateway+"="+gateway)
	c.Stderr = t.Output()
	stdin, err := c.StdinPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	n := &nodeProcess{c, stdin}
	t.Cleanup(n.kill)
	return n
}

// kill ends the node as a power cut does.
func (n *nodeProcess) kill() {
	_ = n.command.Process.Kill()
	_ = n.command.Wait()
	_ = n.stdin.Close()
}

func TestThreeNodesThatAreKilledClaimEachOfADaysCallsOnceAndLoseNone(t *testing.T) {
	redis := redistest.Start(t)
	var mu sync.Mutex
	arrived := map[string]int{} // by ticket
	gateway := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var p posted
		if err := json.NewDecoder(r.Body).Decode(&p); err == nil && p.Kind == Called {
			mu.Lock()
			defer mu.Unlock()
			arrived[p.Ticket]++
		}
	}))
	defer gateway.Close()

	const calls = 450
	h := openHouse(t, redisStore(t, redis.URL()), func(c *queue.Config) {
		for i := len(c.Counters); i < calls; i++ {
			k := fmt.Sprint(i + 1)
			c.Counters = append(c.Counters, queue.CounterConfig{ID: k, Name: "Loket " + k})
		}
	})
	for i := range calls {
		h.walkIn(fmt.Sprintf("t%02d", i))
		h.do(fmt.Sprintf("o%d", i), queue.OpenCounter{Counter: fmt.Sprint(i + 1)})
	}
	var nodes [3]*nodeProcess
	for i := range nodes {
		nodes[i] = startNode(t, redis.URL(), gateway.URL)
	}
	h.begun()
	seed := rand.Uint64()
	luck := rand.New(rand.NewPCG(seed, 1))
	t.Logf("seed %d", seed)
	again := func(victim int) {
		nodes[victim].kill()
		nodes[victim] = startNode(t, redis.URL(), gateway.URL)
	}
	all := luck.IntN(calls)
	for i := range calls {
		h.do(fmt.Sprintf("o%d", i), queue.Next{Counter: fmt.Sprint(i + 1)})
		switch {
		case i == all: // whoever has the duty dies in the midst of it
			for victim := range nodes {
				again(victim)
			}
		case luck.IntN(60) == 0:
			again(luck.IntN(len(nodes)))
		}
	}
	h.settled(calls)
	mu.Lock()
	defer mu.Unlock()
	for i := range calls {
		if id := fmt.Sprintf("t%02d", i); arrived[id] == 0 {
			t.Errorf("nobody told %s", id)
		}
	}
	for what, n := range claimed(h.lines()) {
		if n != 1 {
			t.Errorf("%s was claimed %d times", what, n)
		}
	}
	h.claimsFollow()
}

// settled waits until so many calls were told, as the notice log says.
func (h *house) settled(calls int) {
	h.t.Helper()
	deadline := time.Now().Add(90 * time.Second)
	for {
		told := map[string]bool{}
		lines := h.lines()
		for _, l := range lines {
			for _, r := range l.Results {
				if r.Kind() == Called && r.Outcome == sent {
					told[r.Ticket] = true
				}
			}
		}
		if len(told) == calls {
			return
		}
		if time.Now().After(deadline) {
			h.t.Fatalf("%d of %d calls were told", len(told), calls)
		}
		if _, err := h.store.Tail(h.t.Context(), logOf("bandung"), uint64(len(lines)), 1); err != nil {
			h.t.Fatal(err)
		}
	}
}

// claimsFollow holds that nobody claims what somebody else is trying: a claim
// comes after the end of the one before, or after its deadline.
func (h *house) claimsFollow() {
	h.t.Helper()
	flying := map[task]claim{}
	again := 0
	for _, l := range h.lines() {
		for _, r := range l.Results {
			if flying[r.task].Channel == r.Channel {
				delete(flying, r.task)
			}
		}
		for _, c := range l.Claims {
			if before, yes := flying[c.task]; yes {
				if again++; l.At.Before(before.Until) {
					h.t.Errorf("%s was claimed while it was claimed until %s", c.Event, before.Until)
				}
			}
			flying[c.task] = c
		}
	}
	h.t.Logf("%d claims of dead senders were taken over", again)
}

func TestADayOfApplicantsIsCalledOnceEach(t *testing.T) {
	h, phone := openHouse(t, embeddedStore(t)), newTray("phone")
	h.tell(nil, phone)
	const people = 450
	for i := range people {
		id := fmt.Sprintf("p%03d", i)
		h.person(id)
		h.do("desk", queue.Issue{ID: id, Service: "ganti"})
	}
	for i := range 4 {
		h.do(fmt.Sprintf("o%d", i), queue.OpenCounter{Counter: fmt.Sprint(i + 1)})
	}
	for i := range people {
		// Four officers call in turn; who was called is told before they are done.
		counter := fmt.Sprint(i%4 + 1)
		h.do("o"+fmt.Sprint(i%4), queue.Next{Counter: counter, Complete: true})
		phone.await(t, Called, i+1)
		h.do("o"+fmt.Sprint(i%4), queue.Serve{Counter: counter})
	}
	all, _ := phone.messages(Called)
	once := map[string]int{}
	for _, m := range all {
		once[m.Ticket]++
	}
	if len(once) != people || len(all) != people {
		t.Errorf("%d calls to %d people", len(all), len(once))
	}
	claims := 0
	for what, n := range claimed(h.lines()) {
		if strings.Contains(what, " called@") {
			if claims++; n != 1 {
				t.Errorf("%s was claimed %d times", what, n)
			}
		}
	}
	if claims != people {
		t.Errorf("%d claims for %d people", claims, people)
	}
}

func TestTwoWhoBothHaveTheDutyTellEverybodyOnce(t *testing.T) {
	onBothStores(t, func(t *testing.T, s store) {
		h, phone := openHouse(t, s), newTray("phone")
		h.tell(nil, phone) // both ask the same offices, so that both hold the lease
		h.tell(nil, phone)
		const people = 100
		for i := range people {
			id := fmt.Sprintf("t%02d", i)
			h.person(id)
			h.do("desk", queue.Issue{ID: id, Service: "ganti"})
		}
		for i := range 4 {
			h.do(fmt.Sprintf("o%d", i), queue.OpenCounter{Counter: fmt.Sprint(i + 1)})
		}
		for i := range people {
			h.do(fmt.Sprintf("o%d", i%4), queue.Next{Counter: fmt.Sprint(i%4 + 1), Complete: true})
			phone.await(t, Called, i+1)
			h.do(fmt.Sprintf("o%d", i%4), queue.Serve{Counter: fmt.Sprint(i%4 + 1)})
		}
		all, _ := phone.messages(Called)
		if len(all) != people {
			t.Errorf("%d people were called by %d messages", people, len(all))
		}
		nodes := map[string]bool{}
		for _, l := range h.lines() {
			nodes[l.Node] = nodes[l.Node] || len(l.Claims) > 0
		}
		if len(nodes) != 2 {
			t.Errorf("%d nodes claimed", len(nodes))
		}
		for what, n := range claimed(h.lines()) {
			if n != 1 {
				t.Errorf("%s was claimed %d times", what, n)
			}
		}
		h.claimsFollow()
	})
}
