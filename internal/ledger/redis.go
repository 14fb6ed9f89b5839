package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

const (
	// dialTimeout is short: a host that does not answer a SYN within it is down,
	// and offices show the age of their data meanwhile.
	dialTimeout = 2 * time.Second
	// answerTimeout bounds one write and one read of a command. An fsync on a
	// busy disk may take a second; whoever waits longer is told that the outcome
	// is unknown.
	answerTimeout = 3 * time.Second
	// tailWait is how long a tail blocks in Redis. Displays call themselves stale
	// when the log's end was not known for 8 s; two waits and an answer fit in.
	tailWait = 2 * time.Second
	// replicaWait bounds WAIT, well within answerTimeout.
	replicaWait = time.Second
	// commandConnections lets as many offices share one fsync of Redis; the URL's
	// pool_size overrides it.
	commandConnections = 64
	// maxTails is how many offices may be tailed at once. It is a cap: idle
	// connections beyond the need are not made.
	maxTails = 4096
)

// ErrClosed says that the store was closed.
var ErrClosed = errors.New("the store is closed")

// RedisOptions choose what the URL does not say.
type RedisOptions struct {
	// WaitReplicas is how many replicas must hold a batch before its append is
	// acknowledged (WAIT). It narrows what a failover loses; it is no consensus.
	// Too few replicas make appends fail, with an unknown outcome.
	WaitReplicas int
}

// Redis keeps logs and records in Redis 7.0 or newer, or Valkey, alone or as a
// Cluster. It is safe for concurrent use.
type Redis struct {
	client redis.UniversalClient
	// tails are connections for blocking reads only, so that a hundred sleeping
	// readers never stand before an append.
	tails        redis.UniversalClient
	waitReplicas int
	scripts      redisScripts
	writes       chan *recordWrite // on their way to the next pipeline

	// life ends with Close and bounds what no caller's context bounds: reads that
	// were abandoned, and pipelines of many.
	life    context.Context
	end     context.CancelFunc
	reading sync.WaitGroup // those, and who sends pipelines
	mu      sync.Mutex     // guards closed, and reading against it
	closed  bool
}

// redisScripts are the Lua scripts, with their digests.
type redisScripts struct{ append, trim, write, remove, tidy *redis.Script }

// OpenRedis connects to redis://user:password@host:port/db (rediss:// for TLS,
// unix:// for a socket); several addresses, separated by commas, are seeds of a
// Cluster. It refuses a server older than 7.0 and one that would evict keys.
func OpenRedis(ctx context.Context, url string, opts RedisOptions) (*Redis, error) {
	client, tails, err := redisClients(url)
	if err != nil {
		return nil, err
	}
	life, end := context.WithCancel(context.Background())
	r := &Redis{
		client:       client,
		tails:        tails,
		waitReplicas: opts.WaitReplicas,
		scripts: redisScripts{
			append: redis.NewScript(appendScript),
			trim:   redis.NewScript(trimScript),
			write:  redis.NewScript(writeScript),
			remove: redis.NewScript(removeScript),
			tidy:   redis.NewScript(tidyScript),
		},
		writes: make(chan *recordWrite, writers*writtenTogether),
		life:   life,
		end:    end,
	}
	for range writers {
		r.reading.Go(r.writeTogether)
	}
	report, err := r.Report(ctx)
	if err == nil {
		err = report.refusal()
	}
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// Close ends all connections, and the reads that wait on them.
func (r *Redis) Close() error {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return nil
	}
	r.closed = true
	r.mu.Unlock()
	r.end()
	err := errors.Join(r.tails.Close(), r.client.Close())
	r.reading.Wait()
	return err
}

// Now is the time of the server; of one node, in a Cluster.
func (r *Redis) Now(ctx context.Context) (time.Time, error) {
	now, err := r.client.Time(ctx).Result()
	if err != nil {
		return time.Time{}, fmt.Errorf("ask Redis for the time: %w", err)
	}
	return now, nil
}

// redisClients makes the client for commands and the one for blocking reads.
func redisClients(url string) (client, tails redis.UniversalClient, err error) {
	servers, err := parseRedisURL(url)
	if err != nil {
		return nil, nil, err
	}
	first := servers[0]
	// A repeated append would be told of its own landed batch; the office, which
	// knows the tag, repeats it.
	first.MaxRetries = -1
	first.DialTimeout = dialTimeout
	first.DialerRetries = 1
	first.ReadTimeout = answerTimeout
	first.WriteTimeout = answerTimeout
	first.ContextTimeoutEnabled = true
	first.DisableIdentity = true
	// No asking every server for the maintenance notices of a hosted product.
	first.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	if first.PoolSize == 0 {
		first.PoolSize = commandConnections
	}
	forTails := *first
	forTails.PoolSize = maxTails
	// A thousand readers at the library's 32 KiB each way would hold 64 MB.
	forTails.ReadBufferSize = 4 << 10
	forTails.WriteBufferSize = 1 << 10
	if len(servers) == 1 {
		return redis.NewClient(first), redis.NewClient(&forTails), nil
	}
	addrs := make([]string, len(servers))
	for i, s := range servers {
		addrs[i] = s.Addr
	}
	return redis.NewClusterClient(clusterOptions(addrs, first)), redis.NewClusterClient(clusterOptions(addrs, &forTails)), nil
}

// clusterOptions carries the options of one server over to a Cluster. Its
// client follows redirections and, unlike the plain one, repeats a command
// after a broken connection: it cannot be told to do only the former. That is
// safe for appends only because a batch is known by its tag.
func clusterOptions(addrs []string, o *redis.Options) *redis.ClusterOptions {
	return &redis.ClusterOptions{
		Addrs:                 addrs,
		Username:              o.Username,
		Password:              o.Password,
		TLSConfig:             o.TLSConfig,
		MaxRetries:            o.MaxRetries,
		DialTimeout:           o.DialTimeout,
		DialerRetries:         o.DialerRetries,
		ReadTimeout:           o.ReadTimeout,
		WriteTimeout:          o.WriteTimeout,
		ContextTimeoutEnabled: o.ContextTimeoutEnabled,
		DisableIdentity:       o.DisableIdentity,

		MaintNotificationsConfig: o.MaintNotificationsConfig,

		PoolSize:        o.PoolSize,
		ReadBufferSize:  o.ReadBufferSize,
		WriteBufferSize: o.WriteBufferSize,
	}
}

// parseRedisURL takes redis://one or a comma list, in which every address after
// the first may leave out what it shares with it.
func parseRedisURL(url string) ([]*redis.Options, error) {
	var servers []*redis.Options
	for i, part := range strings.Split(url, ",") {
		part = strings.TrimSpace(part)
		if i > 0 && !strings.Contains(part, "://") {
			scheme, _, _ := strings.Cut(url, "://")
			part = scheme + "://" + part
		}
		o, err := redis.ParseURL(part)
		if err != nil {
			// The library's error may quote the URL, and with it the password.
			return nil, fmt.Errorf("redis address %d is not redis://[user:password@]host:port[/db]", i+1)
		}
		if i > 0 && o.DB != 0 || len(servers) > 0 && servers[0].DB != 0 {
			return nil, errors.New("a Redis Cluster has no numbered databases")
		}
		servers = append(servers, o)
	}
	return servers, nil
}
