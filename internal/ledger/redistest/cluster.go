package redistest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// slots is how many a Cluster has.
	slots = 16384
	// claimWithin is how long MasterOf waits for a server, and so about how much
	// later than it happened a test learns that a frozen master was replaced.
	claimWithin = 300 * time.Millisecond
)

// A Cluster is a Redis Cluster on the loopback: masters that share the slots,
// each with the same number of replicas. Its servers can be killed, frozen and
// started again one by one; the rest of its methods are for one goroutine.
type Cluster struct {
	Servers []*Server // the masters it was made with, then their replicas
	masters int
}

// LaunchCluster starts and joins the servers, each in a directory of its own
// below dir. Arguments are those of Launch; nodeTimeout is how long a master may
// be silent until it is replaced. It returns when every server has heard of all
// others and every replica is in step.
func LaunchCluster(dir string, masters, replicas int, nodeTimeout time.Duration, args ...string) (*Cluster, error) {
	c := &Cluster{Servers: make([]*Server, masters*(1+replicas)), masters: masters}
	err := c.each(func(i int, _ *Server) (failed error) {
		// The port of the bus may be taken as well, see Launch.
		for attempt := range 3 {
			bus, err := freePort()
			if err != nil {
				return err
			}
			own := filepath.Join(dir, fmt.Sprintf("%d-%d", i, attempt))
			if err := os.Mkdir(own, 0o700); err != nil {
				return err
			}
			c.Servers[i], err = Launch(own, append([]string{
				"--cluster-enabled", "yes",
				"--cluster-port", strconv.Itoa(bus),
				"--cluster-node-timeout", strconv.Itoa(int(nodeTimeout.Milliseconds())),
				"--cluster-replica-validity-factor", "0",
				"--repl-diskless-sync-delay", "0",
			}, args...)...)
			if err == nil {
				return nil
			}
			failed = err
		}
		return failed
	})
	if err == nil {
		err = c.join()
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// URL names the servers that were masters first, as OpenRedis takes them.
func (c *Cluster) URL() string {
	var addrs []string
	for _, s := range c.Servers[:c.masters] {
		addrs = append(addrs, s.Addr())
	}
	return "redis://" + strings.Join(addrs, ",")
}

// Close ends all servers. Their files stay.
func (c *Cluster) Close() error {
	return c.each(func(_ int, s *Server) error {
		if s == nil {
			return nil
		}
		return s.Close()
	})
}

// MasterOf is the server that says of itself that it is the master of the key's
// slot; of several, the one with the newest claim. A server that gives no answer
// is passed over.
func (c *Cluster) MasterOf(key string) (*Server, error) {
	slot := -1
	for i := 0; i < len(c.Servers) && slot < 0; i++ {
		if text, err := c.Servers[i].ask(claimWithin, "CLUSTER", "KEYSLOT", key); err == nil {
			slot, _ = strconv.Atoi(text) // a server's own number
		}
	}
	if slot < 0 {
		return nil, errors.New("no server answers")
	}
	claims := make([]int, len(c.Servers)) // epochs, from 1
	_ = c.each(func(i int, s *Server) error {
		if nodes, err := s.ask(claimWithin, "CLUSTER", "NODES"); err == nil {
			claims[i] = claim(nodes, slot)
		}
		return nil
	})
	best := 0
	for i := range claims {
		if claims[i] > claims[best] {
			best = i
		}
	}
	if claims[best] == 0 {
		return nil, fmt.Errorf("slot %d has no master", slot)
	}
	return c.Servers[best], nil
}

// claim is the configuration epoch with which the server that wrote the lines
// owns the slot, 0 if it does not. A line is: id, address, flags, master, ping,
// pong, epoch, link, slots.
func claim(lines string, slot int) int {
	for line := range strings.Lines(lines) {
		f := strings.Fields(line)
		if len(f) < 8 || !strings.Contains(f[2], "myself") || !strings.Contains(f[2], "master") {
			continue
		}
		for _, owned := range f[8:] {
			from, to, ok := strings.Cut(owned, "-")
			if !ok {
				to = from
			}
			first, err1 := strconv.Atoi(from)
			last, err2 := strconv.Atoi(to)
			if err1 == nil && err2 == nil && first <= slot && slot <= last {
				epoch, _ := strconv.Atoi(f[6])
				return epoch
			}
		}
	}
	return 0
}

// join makes one Cluster of the servers.
func (c *Cluster) join() error {
	ids := make([]string, len(c.Servers))
	err := c.each(func(i int, s *Server) (err error) {
		if ids[i], err = s.Ask("CLUSTER", "MYID"); err != nil {
			return err
		}
		if _, err = s.Ask("CLUSTER", "SET-CONFIG-EPOCH", strconv.Itoa(i+1)); err != nil || i >= c.masters {
			return err
		}
		first, end := i*slots/c.masters, (i+1)*slots/c.masters
		_, err = s.Ask("CLUSTER", "ADDSLOTSRANGE", strconv.Itoa(first), strconv.Itoa(end-1))
		return err
	})
	if err != nil {
		return err
	}
	// Everybody meets everybody: gossip would take longer.
	err = c.each(func(i int, s *Server) error {
		for _, other := range c.Servers[:i] {
			if _, err := s.Ask("CLUSTER", "MEET", "127.0.0.1", strconv.Itoa(other.port), other.bus()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := c.await("CLUSTER INFO", fmt.Sprintf("cluster_known_nodes:%d\r", len(c.Servers)), 0); err != nil {
		return err
	}
	err = c.each(func(i int, s *Server) error {
		if i < c.masters {
			return nil
		}
		return until(func() error { // the master's slots are heard of a little later
			_, err := s.Ask("CLUSTER", "REPLICATE", ids[i%c.masters])
			return err
		})
	})
	if err == nil {
		err = c.await("CLUSTER INFO", "cluster_state:ok", 0)
	}
	if err == nil {
		err = c.await("CLUSTER INFO", fmt.Sprintf("cluster_slots_ok:%d\r", slots), 0)
	}
	if err == nil {
		err = c.await("INFO replication", "master_link_status:up", c.masters)
	}
	for i := c.masters; i < len(c.Servers) && err == nil; i++ {
		err = c.Servers[i%c.masters].awaitText("INFO replication", fmt.Sprintf("port=%d,state=online", c.Servers[i].port))
	}
	return err
}

// await waits until all servers from one on answer a question so.
func (c *Cluster) await(question, so string, from int) error {
	return c.each(func(i int, s *Server) error {
		if i < from {
			return nil
		}
		return s.awaitText(question, so)
	})
}

func (s *Server) awaitText(question, so string) error {
	return until(func() error {
		text, err := s.Ask(strings.Fields(question)...)
		if err == nil && !strings.Contains(text, so) {
			err = fmt.Errorf("%s at %s says not %q but %s", question, s.Addr(), so, text)
		}
		return err
	})
}

// bus is the port of the server among its like.
func (s *Server) bus() string {
	for i := range s.args {
		if s.args[i] == "--cluster-port" {
			return s.args[i+1]
		}
	}
	return strconv.Itoa(s.port + 10000)
}

// until polls what another process does.
func until(so func() error) error {
	deadline := time.Now().Add(startWithin)
	for {
		err := so()
		if err == nil || time.Now().After(deadline) {
			return err
		}
		<-time.After(10 * time.Millisecond)
	}
}

// each does something with all servers at once.
func (c *Cluster) each(do func(i int, s *Server) error) error {
	errs := make([]error, len(c.Servers))
	var group sync.WaitGroup
	for i, s := range c.Servers {
		group.Go(func() { errs[i] = do(i, s) })
	}
	group.Wait()
	return errors.Join(errs...)
}

// Follows says whether the server is a replica of the one with that id.
func (s *Server) Follows(id string) bool {
	nodes, err := s.Ask("CLUSTER", "NODES")
	if err != nil {
		return false
	}
	for line := range strings.Lines(nodes) {
		if f := strings.Fields(line); len(f) > 3 && strings.Contains(f[2], "myself") {
			return f[3] == id
		}
	}
	return false
}
