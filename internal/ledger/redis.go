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
	dialTimeout = time.Second
	// answerTimeout bounds one write and one read of a command. An fsync on a
	// busy disk may take a second; whoever waits longer is told that the outcome
	// is unknown.
	answerTimeout = 2 * time.Second
	// poolTimeout bounds the wait for a free connection. When all of them wait for
	// a server that is silent, they are free again after answerTimeout.
	poolTimeout = 2 * time.Second
	// readWithin bounds a read with all its redirections and repetitions.
	readWithin = 3 * time.Second
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
	// idleTails is how many connections of a server are kept for tails that will
	// be: those of offices that fell asleep are closed.
	idleTails = 16
)

// ErrClosed says that the store was closed.
var ErrClosed = errors.New("the store is closed")

// RedisOptions choose what the URL does not say.
type RedisOptions struct {
	// WaitReplicas is how many replicas must hold a batch or a record before it is
	// acknowledged (WAIT). It narrows what a failover loses; it is no consensus.
	// Too few replicas make writing fail, with an unknown outcome.
	WaitReplicas int
	// MinReplicas is what every master's min-replicas-to-write must at least be.
	MinReplicas int
}

// hush silences the client library, once: it writes a line to standard error for
// every connection that it cannot make, hundreds a second in an outage. All of it
// comes back as errors, too.
var hush = sync.OnceFunc(func() { redis.SetLogger(silent{}) })

type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

// Redis keeps logs and records in Redis 7.0 or newer, or Valkey, alone or as a
// Cluster. It is safe for concurrent use.
type Redis struct {
	client redis.UniversalClient
	// tails are connections for blocking reads only, so that a hundred sleeping
	// readers never stand before an append.
	tails        redis.UniversalClient
	options      *redis.Options // of a client of one server
	shards       *shards        // nil: no Cluster
	waitReplicas int
	scripts      redisScripts

	// life ends with Close and bounds what no caller's context bounds: reads that
	// were abandoned, and pipelines of many.
	life    context.Context
	end     context.CancelFunc
	reading sync.WaitGroup // those, and who sends pipelines
	mu      sync.Mutex     // guards what follows, and reading against closed
	closed  bool
	lanes   map[string]chan *recordWrite // to the next pipeline, by master
}

// redisScripts are the Lua scripts, with their digests.
type redisScripts struct{ append, trim, write, list, remove, tidy *redis.Script }

// OpenRedis connects to redis://user:password@host:port/db (rediss:// for TLS,
// unix:// for a socket); several addresses, separated by commas, are servers of a
// Cluster, and so is one that says that it belongs to one. It refuses a server
// older than 7.0, one that would evict keys, and a master whose
// min-replicas-to-write is less than asked.
func OpenRedis(ctx context.Context, url string, opts RedisOptions) (*Redis, error) {
	r, report, err := dialRedis(ctx, url, opts, false)
	if err == nil && r.shards == nil && report.Mode == "cluster" {
		// Only one of its servers was named, or all by one name.
		if err = r.Close(); err == nil {
			r, report, err = dialRedis(ctx, url, opts, true)
		}
	}
	if err != nil {
		return nil, err
	}
	if err := report.refusal(opts.MinReplicas); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

func dialRedis(ctx context.Context, url string, opts RedisOptions, cluster bool) (*Redis, Durability, error) {
	clients, err := redisClients(url, cluster)
	if err != nil {
		return nil, Durability{}, err
	}
	life, end := context.WithCancel(context.Background())
	r := &Redis{
		client:       clients.commands,
		tails:        clients.tails,
		options:      clients.options,
		shards:       clients.shards,
		waitReplicas: opts.WaitReplicas,
		scripts: redisScripts{
			append: redis.NewScript(appendScript),
			trim:   redis.NewScript(trimScript),
			write:  redis.NewScript(writeScript),
			list:   redis.NewScript(listScript),
			remove: redis.NewScript(removeScript),
			tidy:   redis.NewScript(tidyScript),
		},
		life:  life,
		end:   end,
		lanes: map[string]chan *recordWrite{},
	}
	if r.shards != nil {
		r.reading.Go(func() { r.shards.run(life) })
	}
	report, err := r.report(ctx, opts.MinReplicas)
	if err != nil {
		return nil, report, errors.Join(err, r.Close())
	}
	return r, report, nil
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

// Now is the time of the server; in a Cluster, of the master of one certain
// slot, because its servers' clocks may differ.
func (r *Redis) Now(ctx context.Context) (now time.Time, err error) {
	err = r.twice(ctx, func(ctx context.Context) error {
		node, err := r.masterOf(ctx, shelvesKey)
		if err == nil {
			now, err = node.Time(ctx).Result()
		}
		return err
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("ask Redis for the time: %w", err)
	}
	return now, nil
}

// clients are the one for commands and the one for blocking reads.
type clients struct {
	commands, tails redis.UniversalClient
	options         *redis.Options
	shards          *shards // nil: no Cluster
}

// redisClients makes them. More than one address means a Cluster.
func redisClients(url string, cluster bool) (clients, error) {
	servers, err := parseRedisURL(url)
	if err != nil {
		return clients{}, err
	}
	hush()
	first, open := servers[0], newWires()
	// A repeated append would be told of its own landed batch; the office, which
	// knows the tag, repeats it.
	first.MaxRetries = -1
	first.Dialer = open.dialer(first.TLSConfig, false)
	first.DialTimeout = dialTimeout
	first.DialerRetries = 1
	first.ReadTimeout = answerTimeout
	first.WriteTimeout = answerTimeout
	first.PoolTimeout = poolTimeout
	first.ContextTimeoutEnabled = true
	first.DisableIdentity = true
	// No asking every server for the maintenance notices of a hosted product.
	first.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	if first.PoolSize == 0 {
		first.PoolSize = commandConnections
	}
	forTails := *first
	forTails.Dialer = open.dialer(first.TLSConfig, true)
	forTails.PoolSize = maxTails
	forTails.MaxIdleConns = idleTails
	// A thousand readers at the library's 32 KiB each way would hold 64 MB.
	forTails.ReadBufferSize = 4 << 10
	forTails.WriteBufferSize = 1 << 10
	if len(servers) == 1 && !cluster {
		return clients{redis.NewClient(first), redis.NewClient(&forTails), first, nil}, nil
	}
	addrs := make([]string, len(servers))
	for i, s := range servers {
		addrs[i] = s.Addr
	}
	asker := *first
	asker.Dialer = newWires().dialer(first.TLSConfig, false) // those who were replaced are asked as well
	s := newShards(&asker, addrs, open)
	commands := redis.NewClusterClient(clusterOptions(addrs, first, s))
	tails := redis.NewClusterClient(clusterOptions(addrs, &forTails, s))
	s.changed = func() {
		commands.ReloadState(context.Background())
		tails.ReloadState(context.Background())
	}
	return clients{commands, tails, first, s}, nil
}

// clusterOptions carries the options of one server over to a Cluster. Its
// client follows redirections and, unlike the plain one, repeats a command
// after a broken connection: it cannot be told to do only the former. So it
// only reads; what writes is sent by run.
func clusterOptions(addrs []string, o *redis.Options, s *shards) *redis.ClusterOptions {
	return &redis.ClusterOptions{
		Addrs:                 addrs,
		ClusterSlots:          s.slots,
		Username:              o.Username,
		Password:              o.Password,
		TLSConfig:             o.TLSConfig,
		Dialer:                o.Dialer,
		MaxRetries:            o.MaxRetries,
		DialTimeout:           o.DialTimeout,
		DialerRetries:         o.DialerRetries,
		ReadTimeout:           o.ReadTimeout,
		WriteTimeout:          o.WriteTimeout,
		PoolTimeout:           o.PoolTimeout,
		ContextTimeoutEnabled: o.ContextTimeoutEnabled,
		DisableIdentity:       o.DisableIdentity,

		MaintNotificationsConfig: o.MaintNotificationsConfig,

		PoolSize:        o.PoolSize,
		MaxIdleConns:    o.MaxIdleConns,
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
