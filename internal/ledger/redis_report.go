package ledger

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
)

// unknown is what a report says where the server does not tell: managed servers
// often forbid CONFIG.
const unknown = "unknown"

// Durability is what a Redis server says about how it keeps what it
// acknowledged. Fields are the server's own words, or "unknown".
type Durability struct {
	Addr            string
	Version         string
	Mode            string // standalone, cluster or sentinel
	Role            string // master or slave
	AppendOnly      string // yes or no
	AppendFsync     string // always, everysec or no
	MaxMemory       string // bytes, 0 for no limit
	MaxMemoryPolicy string
	MinReplicas     string // min-replicas-to-write
}

// Risks says in plain lines what makes a loss of acknowledged changes possible,
// the worst first; none, if nothing does but the loss of the disk.
func (d Durability) Risks() []string {
	var risks []string
	if d.Role == "slave" {
		risks = append(risks, "it is a replica: it takes no writes")
	}
	if d.evicts() {
		risks = append(risks, fmt.Sprintf("maxmemory-policy is %s: when memory is short, it forgets queues", d.MaxMemoryPolicy))
	}
	switch d.AppendOnly {
	case "yes":
		switch d.AppendFsync {
		case "always":
		case unknown:
			risks = append(risks, "appendfsync is unknown: unless it is always, a power cut may take the last second with it")
		default:
			risks = append(risks, fmt.Sprintf("appendfsync is %s: a power cut may take the last second, or more, with it", d.AppendFsync))
		}
	case unknown:
		risks = append(risks, "appendonly is unknown: without it, a restart loses what came after the last snapshot")
	default:
		risks = append(risks, "appendonly is no: a restart loses what came after the last snapshot")
	}
	return risks
}

// evicts says whether the server drops keys when its memory is full.
func (d Durability) evicts() bool {
	return d.MaxMemory != "0" && d.MaxMemory != unknown && d.MaxMemoryPolicy != "noeviction" && d.MaxMemoryPolicy != unknown
}

// refusal is why the server cannot hold a queue, if it cannot.
func (d Durability) refusal(minReplicas int) error {
	if major, _, _ := strings.Cut(d.Version, "."); d.Version != unknown {
		if n, err := strconv.Atoi(major); err != nil || n < 7 {
			return fmt.Errorf("the Redis at %s is version %s: 7.0 or newer is needed", d.Addr, d.Version)
		}
	}
	if d.evicts() {
		return fmt.Errorf("the Redis at %s forgets data when its memory is full (maxmemory %s, maxmemory-policy %s): set maxmemory-policy noeviction",
			d.Addr, d.MaxMemory, d.MaxMemoryPolicy)
	}
	if d.fewer(minReplicas) {
		return fmt.Errorf("the Redis at %s takes writes with %s replicas in step (min-replicas-to-write), %d are wanted", d.Addr, d.MinReplicas, minReplicas)
	}
	return nil
}

// fewer says whether the server certainly takes writes with fewer replicas.
func (d Durability) fewer(replicas int) bool {
	n, err := strconv.Atoi(d.MinReplicas)
	return err == nil && n < replicas
}

// Risks says what Durability.Risks does, and where the server's settings fall
// short of what this store was opened with.
func (r *Redis) Risks(d Durability) []string {
	risks := d.Risks()
	switch {
	case r.waitReplicas == 0:
	case d.fewer(1):
		risks = append(risks, "min-replicas-to-write is 0: a master that was cut off from its replicas goes on writing what a failover throws away")
	case d.MinReplicas == unknown:
		risks = append(risks, "min-replicas-to-write is unknown: if it is 0, a master that was cut off from its replicas goes on writing what a failover throws away")
	}
	return risks
}

// Report asks the server how durable it is. Of a Cluster's masters it returns
// the one that cannot be used, if there is one, else the one with most risks.
func (r *Redis) Report(ctx context.Context) (Durability, error) { return r.report(ctx, 0) }

func (r *Redis) report(ctx context.Context, minReplicas int) (Durability, error) {
	ctx, cancel := context.WithTimeout(ctx, readWithin)
	defer cancel()
	cluster, ok := r.client.(*redis.ClusterClient)
	if !ok {
		return reportOf(ctx, r.client.(*redis.Client))
	}
	var (
		mu    sync.Mutex
		worst Durability
		seen  bool
	)
	err := cluster.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error {
		d, err := reportOf(ctx, node)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		if !seen || worst.refusal(minReplicas) == nil && (d.refusal(minReplicas) != nil || len(d.Risks()) > len(worst.Risks())) {
			worst, seen = d, true
		}
		return nil
	})
	return worst, err
}

func reportOf(ctx context.Context, node *redis.Client) (Durability, error) {
	d := Durability{Addr: node.Options().Addr}
	text, err := node.Info(ctx).Result()
	if err != nil {
		return d, fmt.Errorf("ask the Redis at %s about itself: %w", d.Addr, err)
	}
	info := make(map[string]string)
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			info[name] = value
		}
	}
	ask := func(name string) string {
		if value, ok := info[name]; ok && value != "" {
			return value
		}
		return unknown
	}
	d.Version = ask("redis_version")
	d.Mode = ask("redis_mode")
	d.Role = ask("role")
	d.MaxMemory = ask("maxmemory")
	d.MaxMemoryPolicy = ask("maxmemory_policy")
	switch ask("aof_enabled") {
	case "1":
		d.AppendOnly = "yes"
	case "0":
		d.AppendOnly = "no"
	default:
		d.AppendOnly = unknown
	}
	// What INFO leaves out; a refusal is no reason to fail.
	tell := func(name string) string {
		if config, err := node.ConfigGet(ctx, name).Result(); err == nil && config[name] != "" {
			return config[name]
		}
		return unknown
	}
	d.AppendFsync = tell("appendfsync")
	d.MinReplicas = tell("min-replicas-to-write")
	return d, nil
}
