package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"antrean/internal/ledger/redistest"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
)

func openRedis(t testing.TB, url string) *Redis {
	t.Helper()
	r, err := OpenRedis(t.Context(), url, RedisOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// steady is a node time-out that no busy machine exceeds: nothing fails over.
const steady = 15 * time.Second

func TestAnAppendFollowsItsSlotToAnotherNode(t *testing.T) {
	url := redistest.StartCluster(t, 2, 0, steady).URL()
	for name, replicas := range map[string]int{"plainly": 0, "with replicas to wait for": 1} {
		t.Run(name, func(t *testing.T) {
			r, err := OpenRedis(t.Context(), url, RedisOptions{WaitReplicas: replicas})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			moveSlot(t, r.client.(*redis.ClusterClient), logKey(name))
			eventually(t, func() bool {
				err := r.Append(t.Context(), name, Position{}, "a", texts("1"))
				if replicas == 0 {
					return err == nil
				}
				// Written where the slot is now, though nobody confirms it.
				return err != nil && strings.Contains(err.Error(), "0 replicas")
			})
			expectEntries(t, r, name, entry(1, "a", "1"))
		})
	}
}

// moveSlot gives the slot of a key that is not there yet to the other node,
// behind the client's back.
func moveSlot(t *testing.T, cluster *redis.ClusterClient, key string) {
	t.Helper()
	slot, err := cluster.ClusterKeySlot(t.Context(), key).Result()
	if err != nil {
		t.Fatal(err)
	}
	owner, err := cluster.MasterForKey(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var nodes []*redis.Client // the new owner first: it must know before the old one tells
	err = cluster.ForEachMaster(t.Context(), func(_ context.Context, node *redis.Client) error {
		mu.Lock()
		defer mu.Unlock()
		if node == owner {
			nodes = append(nodes, node)
		} else {
			nodes = append([]*redis.Client{node}, nodes...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	id, err := nodes[0].Do(t.Context(), "CLUSTER", "MYID").Text()
	if err != nil {
		t.Fatal(err)
	}
	for _, node := range nodes {
		if err := node.Do(t.Context(), "CLUSTER", "SETSLOT", slot, "NODE", id).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestVersionsGoOnAfterEntriesWereDeletedByHand(t *testing.T) {
	r := openRedis(t, redistest.Start(t).URL())
	land(t, r, "top", Position{}, "a", texts("1", "2"))
	if err := r.client.XDel(t.Context(), logKey("top"), "2-0").Err(); err != nil {
		t.Fatal(err)
	}
	land(t, r, "top", Position{1, "a"}, "b", texts("2'", "3'"))
	expectEntries(t, r, "top", entry(1, "a", "1"), entry(2, "b", "2'"), entry(3, "b", "3'"))

	land(t, r, "all", Position{}, "a", texts("1", "2"))
	if err := r.client.XTrimMaxLen(t.Context(), logKey("all"), 0).Err(); err != nil {
		t.Fatal(err)
	}
	land(t, r, "all", Position{}, "b", texts("1'", "2'"))
	expectEntries(t, r, "all", entry(1, "b", "1'"), entry(2, "b", "2'"))
}

func TestTheIndexDoesNotGrowWithExpiredRecords(t *testing.T) {
	r := openRedis(t, redistest.Start(t).URL())
	const wave = 200
	for round := range 5 {
		var last string
		for i := range wave {
			last = fmt.Sprintf("claim/nik/%d-%d", round, i)
			put(t, r, last, "x", 20*time.Millisecond)
		}
		eventually(t, func() bool {
			_, err := r.Get(t.Context(), last)
			return errors.Is(err, ErrAbsent)
		})
	}
	size, err := r.client.ZCard(t.Context(), indexKey("claim/nik")).Result()
	if err != nil || size > 2*wave {
		t.Errorf("the index holds %d keys after %d writes, %v", size, 5*wave, err)
	}
}

func TestAppendWaitsForReplicas(t *testing.T) {
	master := redistest.Start(t, "--repl-diskless-sync-delay", "0")
	r, err := OpenRedis(t.Context(), master.URL(), RedisOptions{WaitReplicas: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	// Without a replica the batch stands in the log, but is never acknowledged.
	for range 2 {
		err = r.Append(t.Context(), "bandung", Position{}, "a", texts("1"))
		if err == nil || !strings.Contains(err.Error(), "0 replicas") {
			t.Fatalf("got %v", err)
		}
	}
	expectEntries(t, r, "bandung", entry(1, "a", "1"))

	host, port, _ := strings.Cut(master.Addr(), ":")
	replica := redistest.Start(t, "--replicaof", host, port)
	eventually(t, func() bool {
		info, err := r.client.Info(t.Context(), "replication").Result()
		return err == nil && strings.Contains(info, "state=online")
	})
	_ = refused(t, r, "bandung", Position{}, "a", texts("1"))
	land(t, r, "bandung", Position{1, "a"}, "b", texts("2"))
	reader := redis.NewClient(&redis.Options{Addr: replica.Addr()})
	defer reader.Close()
	if n, err := reader.XLen(t.Context(), logKey("bandung")).Result(); err != nil || n != 2 {
		t.Errorf("the replica holds %d entries, %v", n, err)
	}
}

func TestReportSaysWhatMayLoseData(t *testing.T) {
	for name, c := range map[string]struct {
		args  []string
		want  Durability
		risks int
	}{
		"durable": {nil, Durability{Mode: "standalone", Role: "master", AppendOnly: "yes", AppendFsync: "always", MaxMemory: "0", MaxMemoryPolicy: "noeviction", MinReplicas: "0"}, 0},
		"every second, bounded": {
			[]string{"--appendfsync", "everysec", "--maxmemory", "100mb"},
			Durability{Mode: "standalone", Role: "master", AppendOnly: "yes", AppendFsync: "everysec", MaxMemory: "104857600", MaxMemoryPolicy: "noeviction", MinReplicas: "0"}, 1,
		},
		"in memory only": {
			[]string{"--appendonly", "no"},
			Durability{Mode: "standalone", Role: "master", AppendOnly: "no", AppendFsync: "always", MaxMemory: "0", MaxMemoryPolicy: "noeviction", MinReplicas: "0"}, 1,
		},
		"CONFIG forbidden": {
			[]string{"--rename-command", "CONFIG", ""},
			Durability{Mode: "standalone", Role: "master", AppendOnly: "yes", AppendFsync: "unknown", MaxMemory: "0", MaxMemoryPolicy: "noeviction", MinReplicas: "unknown"}, 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := redistest.Start(t, c.args...)
			got, err := openRedis(t, server.URL()).Report(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(got.Version, ".") {
				t.Errorf("version %q", got.Version)
			}
			c.want.Addr, c.want.Version = server.Addr(), got.Version
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if risks := got.Risks(); len(risks) != c.risks {
				t.Errorf("risks: %q", risks)
			}
		})
	}
}

func TestAnUnfitRedisIsRefused(t *testing.T) {
	server := redistest.Start(t, "--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru")
	_, err := OpenRedis(t.Context(), server.URL(), RedisOptions{})
	if err == nil || !strings.Contains(err.Error(), "noeviction") || strings.Contains(err.Error(), "\n") {
		t.Errorf("an evicting server: %v", err)
	}
	for version, fit := range map[string]bool{"6.2.14": false, "7.0.0": true, "10.1.2": true, "unknown": true, "x": false} {
		err := Durability{Version: version, MaxMemory: "0"}.refusal(0)
		if (err == nil) != fit {
			t.Errorf("version %s: %v", version, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if _, err := OpenRedis(ctx, "redis://127.0.0.1:1", RedisOptions{}); err == nil {
		t.Error("nobody there, and yet opened")
	}
}

func TestRedisAddresses(t *testing.T) {
	for url, want := range map[string][]string{
		"redis://one":                          {"one:6379"},
		"rediss://u:secret@one:1/3":            {"one:1"},
		"unix:///run/redis.sock":               {"/run/redis.sock"},
		"redis://one:1,redis://two:2":          {"one:1", "two:2"},
		"redis://u:secret@one:1, two:2 ,three": {"one:1", "two:2", "three:6379"},
		"one:1":                                nil,
		"":                                     nil,
		"redis://u:secret@one:1/3,two:2":       nil,
		"redis://u:secret@one:x":               nil,
		"redis://u:secret@one:1?no_such_option=true": nil,
	} {
		servers, err := parseRedisURL(url)
		if (err != nil) != (want == nil) {
			t.Errorf("%s: %v", url, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error tells the password: %v", url, err)
		}
		var got []string
		for _, s := range servers {
			got = append(got, s.Addr)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", url, diff)
		}
	}
}
