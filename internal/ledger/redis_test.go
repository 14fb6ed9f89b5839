package ledger

import (
	"strings"
	"testing"

	"antrean/internal/ledger/redistest"

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

// startCluster joins two servers to a Cluster, each with half of the slots, and
// returns its URL.
func startCluster(t *testing.T) string {
	t.Helper()
	var clients []*redis.Client
	var addrs []string
	for i, slots := range [][2]int{{0, 8191}, {8192, 16383}} {
		s := redistest.Start(t, "--cluster-enabled", "yes")
		c := redis.NewClient(&redis.Options{Addr: s.Addr()})
		defer c.Close()
		if err := c.ClusterAddSlotsRange(t.Context(), slots[0], slots[1]).Err(); err != nil {
			t.Fatal(err)
		}
		if err := c.Do(t.Context(), "CLUSTER", "SET-CONFIG-EPOCH", i+1).Err(); err != nil {
			t.Fatal(err)
		}
		clients, addrs = append(clients, c), append(addrs, s.Addr())
	}
	host, port, _ := strings.Cut(addrs[1], ":")
	if err := clients[0].ClusterMeet(t.Context(), host, port).Err(); err != nil {
		t.Fatal(err)
	}
	for _, c := range clients {
		eventually(t, func() bool {
			info, err := c.ClusterInfo(t.Context()).Result()
			return err == nil && strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_known_nodes:2") &&
				strings.Contains(info, "cluster_slots_ok:16384")
		})
	}
	return "redis://" + strings.Join(addrs, ",")
}
