package ledger

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// shardsEvery is how often the servers of a Cluster are asked who is master.
	shardsEvery = 500 * time.Millisecond
	// shardsSoon is how soon after they are asked again when something fails.
	shardsSoon = 100 * time.Millisecond
	// shardsWithin is how long one may take to answer; shardsRest how long the
	// others have once most have answered.
	shardsWithin = 500 * time.Millisecond
	shardsRest   = 100 * time.Millisecond
	slotCount    = 16384
)

// shards knows which server of a Cluster is the master of which slot. The
// client library asks one server at random, and when it has been told that it
// is wrong; but a master that is gone or frozen tells nobody. So all are asked
// twice a second, at once, and of two who claim a slot the newer claim counts.
// Connections to a former master are cut: an answer that is awaited there may
// never come, and must not be waited for when there is another to ask.
type shards struct {
	options redis.Options // of a client that asks one server
	seeds   []string
	wires   *wires
	changed func()
	hurry   chan struct{}

	asking sync.Mutex // one round at a time; guards askers
	askers map[string]*redis.Client

	mu     sync.Mutex
	known  []redis.ClusterSlot // masters only
	owners map[string]bool     // their addresses
}

func newShards(o *redis.Options, seeds []string, w *wires) *shards {
	s := &shards{options: *o, seeds: seeds, wires: w, hurry: make(chan struct{}, 1), askers: map[string]*redis.Client{}}
	s.options.PoolSize = 2
	s.options.ReadTimeout, s.options.WriteTimeout, s.options.PoolTimeout = shardsWithin, shardsWithin, shardsWithin
	s.options.ReadBufferSize, s.options.WriteBufferSize = 4<<10, 1<<10
	return s
}

// run asks until ctx ends.
func (s *shards) run(ctx context.Context) {
	for {
		wait := time.NewTimer(shardsEvery)
		select {
		case <-ctx.Done():
			wait.Stop()
			s.close()
			return
		case <-s.hurry:
			wait.Stop()
			if !pause(ctx, shardsSoon) {
				continue
			}
		case <-wait.C:
		}
		_ = s.ask(ctx) // what fails is asked again
	}
}

// doubt has the servers asked again soon.
func (s *shards) doubt() {
	select {
	case s.hurry <- struct{}{}:
	default:
	}
}

// slots is what the client library asks for.
func (s *shards) slots(ctx context.Context) ([]redis.ClusterSlot, error) {
	s.mu.Lock()
	known := s.known
	s.mu.Unlock()
	if known != nil {
		return known, nil
	}
	if err := s.ask(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known, nil
}

// ask asks all servers and notes who is master.
func (s *shards) ask(ctx context.Context) error {
	s.asking.Lock()
	defer s.asking.Unlock()
	views, err := s.views(ctx)
	if len(views) == 0 {
		return fmt.Errorf("no server of the Cluster answers: %w", err)
	}
	found := merge(views)
	if len(found) == 0 {
		return errors.New("the Cluster has no masters")
	}
	owners := map[string]bool{}
	for _, slot := range found {
		owners[slot.Nodes[0].Addr] = true
	}
	s.mu.Lock()
	before, former := s.known, s.owners
	s.known, s.owners = found, owners
	s.mu.Unlock()
	if before == nil || equalShards(before, found) {
		return nil
	}
	s.changed()
	s.wires.replaced(former, owners)
	return nil
}

// shardView is what one server says.
type shardView struct {
	id      string
	epoch   int // of its own claim
	current int // of the Cluster, as far as it has heard
	slots   []redis.ClusterSlot
}

// views asks everybody at once.
func (s *shards) views(ctx context.Context) ([]shardView, error) {
	type answer struct {
		view shardView
		err  error
	}
	clients := s.clients()
	answers := make(chan answer, len(clients))
	ctx, cancel := context.WithTimeout(ctx, shardsWithin)
	defer cancel()
	for addr, client := range clients {
		go func() { // answers has room: it always ends, with the client's time-out at the latest
			v, err := viewOf(ctx, client, addr)
			answers <- answer{v, err}
		}()
	}
	var views []shardView
	var errs []error
	var rest <-chan time.Time
	for range clients {
		select {
		case a := <-answers:
			if a.err != nil {
				errs = append(errs, a.err)
				continue
			}
			if views = append(views, a.view); rest == nil && 2*len(views) > len(clients) {
				rest = time.After(shardsRest)
			}
		case <-rest:
			return views, nil
		case <-ctx.Done():
			return views, errors.Join(append(errs, ctx.Err())...)
		}
	}
	return views, errors.Join(errs...)
}

// clients are those of all servers that were named or heard of, and no others.
func (s *shards) clients() map[string]*redis.Client {
	addrs := map[string]bool{}
	for _, addr := range s.seeds {
		addrs[sameHost(addr)] = true
	}
	s.mu.Lock()
	for _, slot := range s.known {
		for _, node := range slot.Nodes {
			addrs[node.Addr] = true
		}
	}
	s.mu.Unlock()
	for addr, client := range s.askers {
		if !addrs[addr] {
			_ = client.Close()
			delete(s.askers, addr)
		}
	}
	clients := map[string]*redis.Client{}
	for addr := range addrs {
		if s.askers[addr] == nil {
			o := s.options
			o.Addr = addr
			s.askers[addr] = redis.NewClient(&o)
		}
		clients[addr] = s.askers[addr]
	}
	return clients
}

func (s *shards) close() {
	s.asking.Lock()
	defer s.asking.Unlock()
	for addr, client := range s.askers {
		_ = client.Close()
		delete(s.askers, addr)
	}
}

func viewOf(ctx context.Context, client *redis.Client, addr string) (shardView, error) {
	var id, info *redis.Cmd
	var slots *redis.ClusterSlotsCmd
	_, err := client.Pipelined(ctx, func(p redis.Pipeliner) error {
		id = p.Do(ctx, "CLUSTER", "MYID")
		info = p.Do(ctx, "CLUSTER", "INFO")
		slots = p.ClusterSlots(ctx)
		return nil
	})
	if err != nil {
		return shardView{}, err
	}
	v := shardView{slots: slots.Val()}
	v.id, _ = id.Text()
	text, _ := info.Text()
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch name {
		case "cluster_my_epoch":
			v.epoch, _ = strconv.Atoi(value)
		case "cluster_current_epoch":
			v.current, _ = strconv.Atoi(value)
		}
	}
	for _, slot := range v.slots {
		for i := range slot.Nodes {
			slot.Nodes[i].Addr = reachable(slot.Nodes[i].Addr, addr)
		}
	}
	return v, nil
}

// reachable completes the address that a server gives of one of its like, as
// seen from us, who reached it at another: it may leave out the host (its own)
// or the port (TLS only), or name the loopback of its own machine.
func reachable(addr, reached string) string {
	host, port, err := net.SplitHostPort(addr)
	ownHost, ownPort, ownErr := net.SplitHostPort(reached)
	if err != nil || ownErr != nil {
		return addr
	}
	if ip := net.ParseIP(host); host == "" || host == "?" || ip != nil && ip.IsLoopback() {
		host = ownHost
	}
	if port == "0" {
		port = ownPort
	}
	return sameHost(net.JoinHostPort(host, port))
}

// merge finds each slot's master: the server that says so of itself, with the
// highest epoch; where none does, whom the best informed of the others name. The
// replicas that are heard of stand behind the masters, to be asked next time.
func merge(views []shardView) []redis.ClusterSlot {
	var owner [slotCount]string
	var epoch, informed [slotCount]int
	others := map[string][]redis.ClusterNode{} // of a master, by its address
	for _, v := range views {
		for _, slot := range v.slots {
			if len(slot.Nodes) == 0 {
				continue
			}
			master := slot.Nodes[0]
			if len(others[master.Addr]) < len(slot.Nodes) {
				others[master.Addr] = slot.Nodes
			}
			for n := max(slot.Start, 0); n <= min(slot.End, slotCount-1); n++ {
				switch {
				case master.ID == v.id && v.epoch+1 > epoch[n]:
					owner[n], epoch[n] = master.Addr, v.epoch+1
				case epoch[n] == 0 && v.current+1 > informed[n]:
					owner[n], informed[n] = master.Addr, v.current+1
				}
			}
		}
	}
	var all []redis.ClusterSlot
	for n, addr := range owner {
		if addr == "" {
			continue
		}
		if last := len(all) - 1; last >= 0 && all[last].End == n-1 && all[last].Nodes[0].Addr == addr {
			all[last].End = n
			continue
		}
		all = append(all, redis.ClusterSlot{Start: n, End: n, Nodes: others[addr]})
	}
	return all
}

// equalShards compares who is master of what.
func equalShards(a, b []redis.ClusterSlot) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Start != b[i].Start || a[i].End != b[i].End || a[i].Nodes[0].Addr != b[i].Nodes[0].Addr {
			return false
		}
	}
	return true
}
