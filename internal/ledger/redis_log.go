package ledger

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// appendScript compares the end of a log and appends behind it.
//
// KEYS[1]  stream of the office
// ARGV[1]  version that the log must end at
// ARGV[2]  tag that the entry there must bear
// ARGV[3]  tag of the batch
// ARGV[4]  how many entries a refusal returns at most
// ARGV[5…] data of the batch, an entry each
//
// Returns {1} when the batch stands in the log, or is empty and the end is the
// one compared with; else {0, version of the end, its tag, entries from
// version ARGV[1] on}.
//
// Entries deleted by hand leave the stream's last id ahead of its last entry,
// and XADD then refuses the next version: the id is set back first.
const appendScript = `
local version, tag = '0', ''
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if last then
  version, tag = string.match(last[1], '^%d+'), last[2][2]
end
if version ~= ARGV[1] or tag ~= ARGV[2] then
  return {0, version, tag, redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', ARGV[4])}
end
local before = tonumber(version) - 4
for i = 5, #ARGV do
  local id = string.format('%.0f-0', before + i)
  local added = redis.pcall('XADD', KEYS[1], id, 't', ARGV[3], 'd', ARGV[i])
  if type(added) == 'table' then
    if i > 5 then
      return added
    end
    if last then
      redis.call('XSETID', KEYS[1], version .. '-0')
    else
      redis.call('DEL', KEYS[1])
    end
    redis.call('XADD', KEYS[1], id, 't', ARGV[3], 'd', ARGV[i])
  end
end
return {1}
`

// trimScript drops the oldest entries of a log, but never the last.
//
// KEYS[1] stream of the office
// ARGV[1] version before which entries go
// ARGV[2] how many may go at most
//
// Returns 1 if more are left to drop, else 0.
const trimScript = `
local first = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if not last then
  return 0
end
local upto = math.min(tonumber(ARGV[1]), tonumber(string.match(last[1], '^%d+')))
local slice = math.min(upto, tonumber(string.match(first[1], '^%d+')) + tonumber(ARGV[2]))
redis.call('XTRIM', KEYS[1], 'MINID', '=', string.format('%.0f-0', slice))
if slice < upto then
  return 1
end
return 0
`

// trimSlice is how many entries one script drops: some 2 ms of Redis's time.
const trimSlice = 10_000

var _ Log = (*Redis)(nil)

// Append implements Log.
func (r *Redis) Append(ctx context.Context, office string, end Position, tag string, batch [][]byte) error {
	if err := checkBatch(tag, batch); err != nil {
		return fmt.Errorf("append to %s: %w", office, err)
	}
	args := make([]any, 0, 4+len(batch))
	args = append(args, end.Version, end.Tag, tag, MaxBatch+1)
	for _, data := range batch {
		args = append(args, data)
	}
	c := &call{script: r.scripts.append, keys: []string{logKey(office)}, args: args}
	r.run(ctx, c)
	reply, err := c.answers()
	if err == nil {
		err = refusal(reply)
	}
	if moved := (*Moved)(nil); errors.As(err, &moved) {
		return moved
	}
	if err != nil {
		return fmt.Errorf("append to %s at %d: %w", office, end.Version, err)
	}
	return nil
}

// refusal reads the answer of appendScript.
func refusal(reply []any) error {
	if len(reply) == 1 && reply[0] == int64(1) {
		return nil
	}
	if len(reply) != 4 {
		return fmt.Errorf("the script answered %d values", len(reply))
	}
	version, okVersion := reply[1].(string)
	tag, okTag := reply[2].(string)
	list, okList := reply[3].([]any)
	if !okVersion || !okTag || !okList {
		return errors.New("the script answered with other types")
	}
	moved := &Moved{End: Position{Tag: tag}, Entries: make([]Entry, 0, len(list))}
	var err error
	if moved.End.Version, err = strconv.ParseUint(version, 10, 64); err != nil {
		return err
	}
	for _, item := range list {
		pair, _ := item.([]any)
		if len(pair) != 2 {
			return errors.New("the script answered an entry without fields")
		}
		id, _ := pair[0].(string)
		fields, _ := pair[1].([]any)
		values := make(map[string]any, len(fields)/2)
		for i := 0; i+1 < len(fields); i += 2 {
			name, _ := fields[i].(string)
			values[name] = fields[i+1]
		}
		entry, err := readEntry(redis.XMessage{ID: id, Values: values})
		if err != nil {
			return err
		}
		moved.Entries = append(moved.Entries, entry)
	}
	return moved
}

// Read implements Log.
func (r *Redis) Read(ctx context.Context, office string, from uint64, limit int) ([]Entry, error) {
	if limit <= 0 {
		return nil, nil
	}
	var messages []redis.XMessage
	err := r.twice(ctx, func(ctx context.Context) (err error) {
		messages, err = r.client.XRangeN(ctx, logKey(office), entryID(from), "+", int64(limit)).Result()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read %s from %d: %w", office, from, err)
	}
	return readEntries(office, messages)
}

// Tail implements Log. The client library does not interrupt a blocked read
// when its context ends; the read is then left to itself for the rest of its
// wait, and what it finds is dropped: the next tail finds it again.
func (r *Redis) Tail(ctx context.Context, office string, after uint64, limit int) ([]Entry, error) {
	if limit <= 0 {
		return nil, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	type answer struct {
		messages []redis.XMessage
		err      error
	}
	answers := make(chan answer, 1)
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return nil, ErrClosed
	}
	r.reading.Go(func() {
		streams, err := r.tails.XRead(r.life, &redis.XReadArgs{
			Streams: []string{logKey(office), entryID(after)},
			Count:   int64(limit),
			Block:   tailWait,
		}).Result()
		if len(streams) == 1 {
			answers <- answer{streams[0].Messages, err}
			return
		}
		answers <- answer{nil, err}
	})
	r.mu.Unlock()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-r.life.Done():
		return nil, ErrClosed
	case a := <-answers:
		if errors.Is(a.err, redis.Nil) {
			return nil, nil
		}
		if a.err != nil {
			r.doubt()
			return nil, fmt.Errorf("tail %s after %d: %w", office, after, a.err)
		}
		return readEntries(office, a.messages)
	}
}

// Trim implements Log.
func (r *Redis) Trim(ctx context.Context, office string, before uint64) error {
	for {
		c := &call{script: r.scripts.trim, keys: []string{logKey(office)}, args: []any{before, trimSlice}}
		r.run(ctx, c)
		more, err := c.reply.Bool()
		if err = errors.Join(c.err, err); err != nil {
			return fmt.Errorf("trim %s before %d: %w", office, before, err)
		}
		if !more {
			return nil
		}
	}
}

func readEntries(office string, messages []redis.XMessage) ([]Entry, error) {
	entries := make([]Entry, len(messages))
	for i, m := range messages {
		var err error
		if entries[i], err = readEntry(m); err != nil {
			return nil, fmt.Errorf("read %s: %w", office, err)
		}
	}
	return entries, nil
}

func readEntry(m redis.XMessage) (Entry, error) {
	number, _, _ := strings.Cut(m.ID, "-")
	version, err := strconv.ParseUint(number, 10, 64)
	if err != nil {
		return Entry{}, fmt.Errorf("entry %q is not a version", m.ID)
	}
	tag, okTag := m.Values["t"].(string)
	data, okData := m.Values["d"].(string)
	if !okTag || !okData {
		return Entry{}, fmt.Errorf("entry %s has no tag or no data", m.ID)
	}
	return Entry{Version: version, Tag: tag, Data: []byte(data)}, nil
}
