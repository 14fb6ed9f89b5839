package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// writeScript writes records of one shelf and their places in its index.
//
// KEYS[1] index of the shelf
// KEYS[2] what the keys of all records of the shelf begin with
// ARGV[1] "1" when the shelf is known to be on the list of shelves
// ARGV[2…] five of each record:
//
//	its key
//	the value
//	its lifetime in ms, 0 for ever
//	"any" writes always, "absent" if there is no record, "is" if it holds the old value
//	the old value
//
// Returns of each record 1 when it was written, else {the value held, if any};
// nothing when the shelf is new and has to be listed first. (The list lives on
// another node of a Cluster; a shelf listed in vain does no harm, one forgotten
// would hide its records.)
//
// Redis forgets an expired record but not its place in the index. For every
// record that will expire the script therefore looks at three places at random
// and clears the dead ones, which keeps the dead below half of the living
// however seldom a shelf is listed.
const writeScript = `
if ARGV[1] ~= '1' and redis.call('EXISTS', KEYS[1]) == 0 then
  return {}
end
local answers, places, looks = {}, {}, 0
for i = 2, #ARGV, 5 do
  local record, lifetime, condition = KEYS[2] .. ARGV[i], ARGV[i+2], ARGV[i+3]
  local held, may = false, true
  if condition ~= 'any' then
    held = redis.call('GET', record)
    may = condition == 'absent' and not held or condition == 'is' and held == ARGV[i+4]
  end
  if not may then
    answers[#answers+1] = {held}
  else
    if lifetime == '0' then
      redis.call('SET', record, ARGV[i+1])
    else
      redis.call('SET', record, ARGV[i+1], 'PX', lifetime)
      looks = looks + 3
    end
    places[#places+1] = 0
    places[#places+1] = ARGV[i]
    answers[#answers+1] = 1
  end
end
if #places > 0 then
  redis.call('ZADD', KEYS[1], unpack(places))
end
if looks > 0 then
  local seen = redis.call('ZRANDMEMBER', KEYS[1], looks)
  local records = {}
  for i, key in ipairs(seen) do
    records[i] = KEYS[2] .. key
  end
  if redis.call('EXISTS', unpack(records)) < #records then
    for i, record in ipairs(records) do
      if redis.call('EXISTS', record) == 0 then
        redis.call('ZREM', KEYS[1], seen[i])
      end
    end
  end
end
return answers
`

// listScript puts a shelf on the list.
//
// KEYS[1] the list of shelves
// ARGV[1] name of the shelf
const listScript = `return redis.call('ZADD', KEYS[1], 0, ARGV[1])`

const (
	// writers is how many pipelines of records of one master may be on their way: while Redis
	// makes one durable, the next is written.
	writers = 2
	// writtenTogether is how many records one carries at most: some 2 ms of
	// Redis's time.
	writtenTogether = 128
)

// recordWrite is one caller's record on its way.
type recordWrite struct {
	key       string
	value     []byte
	lifetime  int64 // ms
	condition string
	old       []byte

	held []byte // both valid once done is closed
	err  error
	done chan struct{}
}

// write hands the record to the next pipeline and returns what is held
// afterwards. When ctx ends first the outcome is unknown.
func (r *Redis) write(ctx context.Context, w *recordWrite) ([]byte, error) {
	w.done = make(chan struct{})
	select {
	case r.lane(ctx, w.key) <- w:
	case <-ctx.Done():
		return nil, fmt.Errorf("write a %s record: %w", kind(w.key), ctx.Err())
	case <-r.life.Done():
		return nil, ErrClosed
	}
	select {
	case <-w.done:
	case <-ctx.Done():
		return nil, fmt.Errorf("write a %s record: %w", kind(w.key), ctx.Err())
	case <-r.life.Done():
		return nil, ErrClosed
	}
	if w.err != nil {
		return nil, fmt.Errorf("write a %s record: %w", kind(w.key), w.err)
	}
	return w.held, nil
}

// lane leads to the pipelines of the master of the record: a master that does not
// answer holds up nobody whose records lie elsewhere. A server that is no master
// any more keeps its lane, empty.
func (r *Redis) lane(ctx context.Context, key string) chan<- *recordWrite {
	addr := ""
	if r.shards != nil {
		if node, err := r.masterOf(ctx, recordKey(key)); err == nil {
			addr = node.Options().Addr
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	lane := r.lanes[addr]
	if lane == nil && !r.closed {
		lane = make(chan *recordWrite, writers*writtenTogether)
		r.lanes[addr] = lane
		for range writers {
			r.reading.Go(func() { r.writeTogether(lane) })
		}
	}
	return lane // nil when the store is closed: nobody takes anything any more
}

// writeTogether writes what waits, pipeline after pipeline, until the store is
// closed. Those who write at the same time share a round trip, a script and, in
// Redis, an fsync; who is alone goes at once. No single caller's context ends a
// pipeline, but the client's time-outs do.
func (r *Redis) writeTogether(lane <-chan *recordWrite) {
	for {
		var batch []*recordWrite
		select {
		case w := <-lane:
			batch = append(batch, w)
		case <-r.life.Done():
			return
		}
		for more := true; more && len(batch) < writtenTogether; {
			select {
			case w := <-lane:
				batch = append(batch, w)
			default:
				more = false
			}
		}
		r.writeShelves(byShelf(batch))
		for _, w := range batch {
			close(w.done)
		}
	}
}

// shelfWrites are the records of one shelf, in the order in which they came.
type shelfWrites struct {
	shelf  string
	writes []*recordWrite
}

func byShelf(batch []*recordWrite) (all []*shelfWrites) {
	known := map[string]*shelfWrites{}
	for _, w := range batch {
		shelf := shelfOf(w.key)
		s := known[shelf]
		if s == nil {
			s = &shelfWrites{shelf: shelf}
			known[shelf], all = s, append(all, s)
		}
		s.writes = append(s.writes, w)
	}
	return all
}

func (s *shelfWrites) call(script *redis.Script, listed string) *call {
	args := append(make([]any, 0, 1+5*len(s.writes)), listed)
	for _, w := range s.writes {
		args = append(args, w.key, w.value, w.lifetime, w.condition, w.old)
	}
	return &call{script: script, keys: []string{indexKey(s.shelf), recordPrefix(s.shelf)}, args: args}
}

func (r *Redis) writeShelves(shelves []*shelfWrites) {
	calls := make([]*call, len(shelves))
	for i, s := range shelves {
		calls[i] = s.call(r.scripts.write, "0")
	}
	r.run(r.life, calls...)
	for i, s := range shelves {
		answers, err := calls[i].answers()
		if err == nil && len(answers) == 0 {
			answers, err = r.writeNewShelf(s)
		}
		s.answer(answers, err)
	}
}

func (r *Redis) writeNewShelf(s *shelfWrites) ([]any, error) {
	list := &call{script: r.scripts.list, keys: []string{shelvesKey}, args: []any{s.shelf}}
	if r.run(r.life, list); list.err != nil {
		return nil, fmt.Errorf("list shelf %s: %w", s.shelf, list.err)
	}
	c := s.call(r.scripts.write, "1")
	r.run(r.life, c)
	return c.answers()
}

func (c *call) answers() ([]any, error) {
	if c.err != nil {
		return nil, c.err
	}
	return c.reply.Slice()
}

func (s *shelfWrites) answer(answers []any, err error) {
	if err == nil && len(answers) != len(s.writes) {
		err = errors.New("the script answered something else")
	}
	for i, w := range s.writes {
		if w.err = err; err != nil {
			continue
		}
		switch a := answers[i].(type) {
		case int64:
			w.held = w.value
		case []any:
			if len(a) > 0 {
				if held, ok := a[0].(string); ok { // else nothing is held
					w.held = []byte(held)
				}
			}
		}
	}
}
