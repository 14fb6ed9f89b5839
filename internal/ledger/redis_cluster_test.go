//go:build unix

package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"antrean/internal/ledger/redistest"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
)

func openWaiting(t *testing.T, url string) *Redis {
	t.Helper()
	r, err := OpenRedis(t.Context(), url, RedisOptions{WaitReplicas: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// TestAFailoverLosesNothingAcknowledged writes batches and records to all
// shards while a master goes, and expects what was acknowledged to be there
// when it comes back, too.
func TestAFailoverLosesNothingAcknowledged(t *testing.T) {
	for name, away := range map[string]func(*redistest.Server) error{
		"killed": (*redistest.Server).Kill,
		"frozen": (*redistest.Server).Stop,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Two replicas a master: of one alone, nothing would be left to wait for.
			c := redistest.StartCluster(t, 3, 2, time.Second, "--min-replicas-to-write", "1", "--min-replicas-max-lag", "2",
				"--cluster-require-full-coverage", "no")
			r := openWaiting(t, c.URL())
			const offices = 6
			var writers [offices]shardWriter
			var group sync.WaitGroup
			ctx, stop := context.WithCancel(t.Context())
			defer func() { stop(); group.Wait() }()
			for i := range writers {
				writers[i].office = fmt.Sprint("office", i)
				group.Go(func() { writers[i].run(ctx, r) })
			}
			all := func(beyond [offices]int64) func() bool {
				return func() bool {
					for i := range writers {
						if writers[i].rounds.Load() < beyond[i]+20 {
							return false
						}
					}
					return true
				}
			}
			eventually(t, all([offices]int64{}))
			gone, err := c.MasterOf(logKey(writers[0].office))
			if err != nil {
				t.Fatal(err)
			}
			var elsewhere []int // offices of which nothing lies there
			for i := range writers {
				log, err1 := c.MasterOf(logKey(writers[i].office))
				shelf, err2 := c.MasterOf(recordKey(writers[i].key(0)))
				if err := errors.Join(err1, err2); err != nil {
					t.Fatal(err)
				}
				if log != gone && shelf != gone {
					elsewhere = append(elsewhere, i)
				}
			}
			var before [offices]int64
			for i := range writers {
				before[i] = writers[i].rounds.Load()
			}
			if err := away(gone); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			await(t, func() bool {
				now, err := c.MasterOf(logKey(writers[0].office))
				return err == nil && now != gone
			})
			replaced := time.Now()
			var rounds [offices]int64
			for i := range writers {
				rounds[i] = writers[i].rounds.Load()
			}
			for _, i := range elsewhere {
				if rounds[i] < before[i]+5 {
					t.Errorf("%s was held up by a master that it has nothing to do with: %d rounds", writers[i].office, rounds[i]-before[i])
				}
			}
			if len(elsewhere) == 0 {
				t.Error("something of every office lies on that master")
			}
			await(t, func() bool { return writers[0].rounds.Load() > rounds[0] })
			t.Logf("a new master after %s, the next batch %s later", replaced.Sub(began).Round(time.Millisecond), time.Since(replaced).Round(time.Millisecond))
			if name == "frozen" {
				err = gone.Cont()
			} else {
				err = gone.Restart()
			}
			if err != nil {
				t.Fatal(err)
			}
			await(t, all(rounds))
			stop()
			group.Wait()
			for i := range writers {
				writers[i].expect(t, r)
			}
		})
	}
}

// await is eventually for what takes a failover.
func await(t *testing.T, so func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !so() {
		if time.Now().After(deadline) {
			t.Fatal("it did not come about within 30 s")
		}
		<-time.After(5 * time.Millisecond)
	}
}

// shardWriter writes to an office and its shelf, one thing after the other, and
// repeats each until it is acknowledged, as an office does.
type shardWriter struct {
	office  string
	end     Position
	records int
	rounds  atomic.Int64
	wrong   error
}

func (w *shardWriter) run(ctx context.Context, r *Redis) {
	for n := 0; ; n++ {
		tag := fmt.Sprint(n)
		for {
			err := r.Append(ctx, w.office, w.end, tag, texts("x", "y"))
			moved := (*Moved)(nil)
			if errors.As(err, &moved) {
				if b := (&batch{base: w.end, tag: tag, data: texts("x", "y")}); !b.isIn(moved.Entries) {
					w.wrong = fmt.Errorf("%s stood at %v: %w, with the entries %+v", w.office, w.end, moved, moved.Entries)
					return
				}
				err = nil
			}
			if err == nil {
				break
			}
			if !pause(ctx, leastBackoff) {
				return
			}
		}
		w.end = Position{w.end.Version + 2, tag}
		for r.Put(ctx, w.key(n), []byte(tag), 0) != nil {
			if !pause(ctx, leastBackoff) {
				return
			}
		}
		w.records = n + 1
		w.rounds.Add(1)
	}
}

func (w *shardWriter) key(n int) string { return fmt.Sprintf("vault/%s/%d", w.office, n) }

func (w *shardWriter) expect(t *testing.T, r *Redis) {
	t.Helper()
	if w.wrong != nil {
		t.Error(w.wrong)
	}
	entries, err := r.Read(t.Context(), w.office, 1, int(w.end.Version)+2)
	if err != nil || consecutive(entries) != nil || uint64(len(entries)) < w.end.Version || entries[w.end.Version-1].Position() != w.end {
		t.Errorf("%s acknowledged %v and holds %d entries, %v", w.office, w.end, len(entries), err)
	}
	for n := range w.records {
		if _, err := r.Get(t.Context(), w.key(n)); err != nil {
			t.Errorf("the record %s of %d: %v", w.key(n), w.records, err)
		}
	}
}

func TestWhatAReplicaHasNotIsNotAcknowledgedWhenRepeated(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, 1, 1, steady)
	r := openWaiting(t, c.URL())
	land(t, r, "bandung", Position{}, "a", texts("1"))
	if err := c.Servers[1].Stop(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second finds the batch, on whichever connection
		expectUnknown(t, r.Append(t.Context(), "bandung", Position{1, "a"}, "b", texts("2")))
	}
	if err := r.Put(t.Context(), "vault/bandung/x", []byte("x"), 0); err == nil {
		t.Error("a record was acknowledged that only the master has")
	}
	if err := c.Servers[1].Cont(); err != nil {
		t.Fatal(err)
	}
	moved := refused(t, r, "bandung", Position{1, "a"}, "b", texts("2"))
	if diff := cmp.Diff([]Entry{entry(1, "a", "1"), entry(2, "b", "2")}, moved.Entries); diff != "" {
		t.Error(diff)
	}
	put(t, r, "vault/bandung/x", "x", 0)
}

func TestOneAddressOfAClusterIsEnough(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, 3, 0, steady)
	r := openRedis(t, c.Servers[2].URL())
	for i := range 10 {
		land(t, r, fmt.Sprint("office", i), Position{}, "a", texts("1"))
	}
}

func TestAnAppendFollowsAKeyThatIsBeingMigrated(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, 2, 0, steady)
	r := openRedis(t, c.URL())
	const office = "bandung"
	end := land(t, r, office, Position{}, "a", texts("1"))
	from, err := c.MasterOf(logKey(office))
	if err != nil {
		t.Fatal(err)
	}
	to := c.Servers[0]
	if to == from {
		to = c.Servers[1]
	}
	ask := func(s *redistest.Server, words ...string) string {
		t.Helper()
		text, err := s.Ask(words...)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	slot := ask(from, "CLUSTER", "KEYSLOT", logKey(office))
	ask(to, "CLUSTER", "SETSLOT", slot, "IMPORTING", ask(from, "CLUSTER", "MYID"))
	ask(from, "CLUSTER", "SETSLOT", slot, "MIGRATING", ask(to, "CLUSTER", "MYID"))
	_, port, _ := strings.Cut(to.Addr(), ":")
	ask(from, "MIGRATE", "127.0.0.1", port, logKey(office), "0", "1000")
	end = land(t, r, office, end, "b", texts("2")) // ASK
	for _, s := range []*redistest.Server{to, from} {
		ask(s, "CLUSTER", "SETSLOT", slot, "NODE", ask(to, "CLUSTER", "MYID"))
	}
	land(t, r, office, end, "c", texts("3")) // MOVED
	expectEntries(t, r, office, entry(1, "a", "1"), entry(2, "b", "2"), entry(3, "c", "3"))
}

func TestOfTwoWhoClaimASlotTheNewerMasterCounts(t *testing.T) {
	slot := func(start, end int, names ...string) redis.ClusterSlot {
		s := redis.ClusterSlot{Start: start, End: end}
		for _, n := range names {
			s.Nodes = append(s.Nodes, redis.ClusterNode{ID: n, Addr: n + ":1"})
		}
		return s
	}
	old := []redis.ClusterSlot{slot(0, 99, "a", "b"), slot(100, 199, "c")}
	fresh := []redis.ClusterSlot{slot(0, 99, "b", "a"), slot(100, 199, "c")}
	a, b, c := shardView{"a", 1, 3, old}, shardView{"b", 4, 4, fresh}, shardView{"c", 3, 4, fresh}
	cOld := shardView{"c", 3, 3, old}
	for name, test := range map[string]struct {
		views []shardView
		want  string
	}{
		"before":                           {[]shardView{a, cOld}, "0-99 a, 100-199 c"},
		"the former master has not heard":  {[]shardView{a, b, c}, "0-99 b, 100-199 c"},
		"in whatever order":                {[]shardView{c, b, a}, "0-99 b, 100-199 c"},
		"a bystander has not heard":        {[]shardView{cOld, b}, "0-99 b, 100-199 c"},
		"nobody of the shard answers":      {[]shardView{c}, "0-99 b, 100-199 c"},
		"the best informed of bystanders":  {[]shardView{{"d", 2, 3, old}, {"e", 2, 4, fresh}}, "0-99 b, 100-199 c"},
		"slots without a master, and gaps": {[]shardView{{"c", 3, 3, old[1:]}}, "100-199 c"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, s := range merge(test.views) {
				got = append(got, fmt.Sprintf("%d-%d %s", s.Start, s.End, s.Nodes[0].ID))
			}
			if diff := cmp.Diff(test.want, strings.Join(got, ", ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhereServersOfAClusterAreReached(t *testing.T) {
	for _, c := range []struct{ said, reached, want string }{
		{"10.0.0.7:6379", "redis.example:6379", "10.0.0.7:6379"},
		{":6379", "redis.example:7000", "redis.example:6379"},
		{"?:6379", "redis.example:7000", "redis.example:6379"},
		{"127.0.0.1:7001", "redis.example:7000", "redis.example:7001"},
		{"10.0.0.7:0", "redis.example:7000", "10.0.0.7:7000"},
		{"127.0.0.1:7001", "127.0.0.1:7000", "localhost:7001"},
		{"[::1]:7001", "localhost:7000", "localhost:7001"},
	} {
		if got := reachable(c.said, c.reached); got != c.want {
			t.Errorf("%s, said by %s: %s, want %s", c.said, c.reached, got, c.want)
		}
	}
}

func TestAMasterThatTakesWritesAloneIsRefused(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, 3, 0, steady)
	if _, err := c.Servers[1].Ask("CONFIG", "SET", "min-replicas-to-write", "1"); err != nil {
		t.Fatal(err)
	}
	_, err := OpenRedis(t.Context(), c.URL(), RedisOptions{MinReplicas: 1})
	if err == nil || !strings.Contains(err.Error(), "min-replicas-to-write") {
		t.Errorf("two of three masters take writes alone: %v", err)
	}
	r := openRedis(t, c.URL())
	if risks := r.Risks(Durability{MinReplicas: "0", MaxMemory: "0", AppendOnly: "yes", AppendFsync: "always"}); len(risks) != 0 {
		t.Errorf("nobody asked for replicas, yet: %q", risks)
	}
	r.waitReplicas = 1
	if risks := r.Risks(Durability{MinReplicas: "0", MaxMemory: "0", AppendOnly: "yes", AppendFsync: "always"}); len(risks) != 1 {
		t.Errorf("replicas are waited for: %q", risks)
	}
}
