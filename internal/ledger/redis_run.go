package ledger

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// scriptPatience is how long a script is sent again that a server did not
	// run: its slot is on the move, its master is being replaced, it is loading.
	scriptPatience = time.Second
	leastPause     = 10 * time.Millisecond
	// mostAttempts bounds going where one was sent, too.
	mostAttempts = 12
)

// call is a script on its way to the master of its keys, which share a slot.
type call struct {
	script *redis.Script
	keys   []string
	args   []any

	reply *redis.Cmd
	err   error // the reply's, or that replicas do not have it

	text   bool   // the server wants the script's text
	to     string // where the server sent us; "": by the map
	asking bool   // it is only on its way there
}

// run runs scripts, those of one master in one pipeline, and has the replicas
// confirm what they found or did. A script is sent again only when the server
// has said that it did not run it; an answer that did not come leaves the
// outcome unknown.
func (r *Redis) run(ctx context.Context, calls ...*call) {
	giveUp := time.Now().Add(scriptPatience)
	wait := leastPause
	for range mostAttempts {
		r.attempt(ctx, calls)
		var again []*call
		rest := false
		for _, c := range calls {
			repeat, later := r.refused(c)
			if repeat {
				again = append(again, c)
			}
			rest = rest || later
		}
		if len(again) == 0 || ctx.Err() != nil || rest && (time.Now().After(giveUp) || !pause(ctx, wait)) {
			return
		}
		if calls = again; rest {
			wait *= 2
		}
	}
}

// refused reports whether the server has said that it did not run the script,
// and whether that will take a moment to change.
func (r *Redis) refused(c *call) (repeat, later bool) {
	if c.err == nil {
		return false, false
	}
	r.doubt()
	c.to, c.asking = "", false
	if redis.HasErrorPrefix(c.err, "NOSCRIPT") {
		c.text = true
		return true, false
	}
	if addr, ok := redis.IsMovedError(c.err); ok {
		c.to = addr
		return true, false
	}
	if addr, ok := redis.IsAskError(c.err); ok {
		c.to, c.asking = addr, true
		return true, false
	}
	wait := redis.IsTryAgainError(c.err) || redis.IsClusterDownError(c.err) || redis.IsLoadingError(c.err) ||
		redis.IsReadOnlyError(c.err) || redis.IsMasterDownError(c.err) || redis.IsNoReplicasError(c.err)
	return wait, wait
}

// attempt sends every call once.
func (r *Redis) attempt(ctx context.Context, calls []*call) {
	byNode := map[*redis.Client][]*call{}
	var group sync.WaitGroup
	for _, c := range calls {
		if c.to != "" {
			group.Go(func() { r.followed(ctx, c) })
			continue
		}
		node, err := r.masterOf(ctx, c.keys[0])
		if err != nil {
			c.err = err
			continue
		}
		byNode[node] = append(byNode[node], c)
	}
	if len(byNode) == 1 && len(calls) == len(byNode[firstOf(byNode)]) {
		r.send(ctx, firstOf(byNode), calls)
		return
	}
	for node, some := range byNode {
		group.Go(func() { r.send(ctx, node, some) })
	}
	group.Wait()
}

func firstOf(byNode map[*redis.Client][]*call) *redis.Client {
	for node := range byNode {
		return node
	}
	return nil
}

// followed sends a call to where a server has sent us. That is seldom, and over
// as soon as the map knows it.
func (r *Redis) followed(ctx context.Context, c *call) {
	o := *r.options
	o.Addr, o.PoolSize = c.to, 1
	node := redis.NewClient(&o)
	defer node.Close()
	r.send(ctx, node, []*call{c})
}

// send is one round trip. WAIT is about all that was written before its own
// connection's last command, by whomever: a refusal counts as well.
func (r *Redis) send(ctx context.Context, node *redis.Client, calls []*call) {
	var held *redis.Cmd
	// Whatever goes wrong is in the replies, too.
	_, _ = node.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, c := range calls {
			if c.asking {
				p.Do(ctx, "ASKING")
			}
			if c.text {
				c.reply = c.script.Eval(ctx, p, c.keys, c.args...)
			} else {
				c.reply = c.script.EvalSha(ctx, p, c.keys, c.args...)
			}
		}
		if r.waitReplicas > 0 {
			held = p.Do(ctx, "WAIT", r.waitReplicas, replicaWait.Milliseconds())
		}
		return nil
	})
	for _, c := range calls {
		c.err = c.reply.Err()
		if c.err != nil || held == nil {
			continue
		}
		if n, err := held.Int(); err != nil {
			c.err = fmt.Errorf("wait for replicas: %w", err)
		} else if n < r.waitReplicas {
			c.err = fmt.Errorf("%d replicas confirmed, %d are wanted", n, r.waitReplicas)
		}
	}
}

// masterOf is the client of the server that writes the key.
func (r *Redis) masterOf(ctx context.Context, key string) (*redis.Client, error) {
	if cluster, ok := r.client.(*redis.ClusterClient); ok {
		return cluster.MasterForKey(ctx, key)
	}
	return r.client.(*redis.Client), nil
}

// twice reads, and once more when the connection broke: reading again is safe,
// and goes by another connection.
func (r *Redis) twice(ctx context.Context, read func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, readWithin)
	defer cancel()
	err := read(ctx)
	if broke(err) && ctx.Err() == nil {
		r.doubt()
		err = read(ctx)
	}
	if broke(err) {
		r.doubt()
	}
	return err
}

// broke says whether no answer came.
func broke(err error) bool {
	answered := redis.Error(nil)
	return err != nil && !errors.As(err, &answered)
}

// doubt has a Cluster's map drawn anew: something failed.
func (r *Redis) doubt() {
	if r.shards != nil {
		r.shards.doubt()
	}
}
