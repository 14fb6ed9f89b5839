package ledger

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// removeScript removes records of one shelf.
//
// KEYS[1] index of the shelf
// KEYS[2] what the keys of all records of the shelf begin with
// ARGV    keys of the records
const removeScript = `
for _, key in ipairs(ARGV) do
  redis.call('DEL', KEYS[2] .. key)
  redis.call('ZREM', KEYS[1], key)
end
return #ARGV
`

// tidyScript clears the places of expired records from an index. Keys and
// arguments are those of removeScript.
const tidyScript = `
for _, key in ipairs(ARGV) do
  if redis.call('EXISTS', KEYS[2] .. key) == 0 then
    redis.call('ZREM', KEYS[1], key)
  end
end
return #ARGV
`

// keysPerScript bounds what one script does, and Redis's silence meanwhile.
const keysPerScript = 500

var _ Records = (*Redis)(nil)

// Get implements Records.
func (r *Redis) Get(ctx context.Context, key string) ([]byte, error) {
	var value []byte
	err := r.twice(ctx, func(ctx context.Context) (err error) {
		value, err = r.client.Get(ctx, recordKey(key)).Bytes()
		return err
	})
	if errors.Is(err, redis.Nil) {
		return nil, ErrAbsent
	}
	if err != nil {
		return nil, fmt.Errorf("get a %s record: %w", kind(key), err)
	}
	return value, nil
}

// GetAll implements Records. The keys may lie on several nodes of a cluster.
func (r *Redis) GetAll(ctx context.Context, keys ...string) ([][]byte, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	gets := make([]*redis.StringCmd, len(keys))
	_, err := r.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, key := range keys {
			gets[i] = p.Get(ctx, recordKey(key))
		}
		return nil
	})
	if err != nil && !errors.Is(err, redis.Nil) {
		return nil, fmt.Errorf("get %d %s records: %w", len(keys), kind(keys[0]), err)
	}
	values := make([][]byte, len(keys))
	for i, get := range gets {
		value, err := get.Bytes()
		if err != nil && !errors.Is(err, redis.Nil) {
			return nil, fmt.Errorf("get a %s record: %w", kind(keys[i]), err)
		}
		if err == nil {
			values[i] = value
		}
	}
	return values, nil
}

// Put implements Records.
func (r *Redis) Put(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	ms, err := lifetime(ttl)
	if err != nil {
		return err
	}
	_, err = r.write(ctx, &recordWrite{key: key, value: value, lifetime: ms, condition: "any"})
	return err
}

// Replace implements Records. Asking again after a lost answer is safe when the
// values of different writers differ.
func (r *Redis) Replace(ctx context.Context, key string, old, value []byte, ttl time.Duration) ([]byte, error) {
	ms, err := lifetime(ttl)
	if err != nil {
		return nil, err
	}
	w := &recordWrite{key: key, value: value, lifetime: ms, condition: "absent"}
	if old != nil {
		w.condition, w.old = "is", old
	}
	return r.write(ctx, w)
}

// Delete implements Records. Records of different shelves go one after the
// other: after an error some may be gone.
func (r *Redis) Delete(ctx context.Context, keys ...string) error {
	return r.eachShelf(ctx, r.scripts.remove, keys)
}

// eachShelf runs a script on the keys of every shelf, in slices.
func (r *Redis) eachShelf(ctx context.Context, script *redis.Script, keys []string) error {
	byShelf := make(map[string][]any)
	for _, key := range keys {
		byShelf[shelfOf(key)] = append(byShelf[shelfOf(key)], key)
	}
	for shelf, args := range byShelf {
		for len(args) > 0 {
			n := min(len(args), keysPerScript)
			c := &call{script: script, keys: []string{indexKey(shelf), recordPrefix(shelf)}, args: args[:n]}
			if r.run(ctx, c); c.err != nil {
				return fmt.Errorf("remove %s records: %w", shelf, c.err)
			}
			args = args[n:]
		}
	}
	return nil
}

// List implements Records. A prefix of two whole words reads one shelf; a
// shorter one asks all shelves that may hold such keys.
func (r *Redis) List(ctx context.Context, prefix, after string, limit int) ([]Record, error) {
	shelves, err := r.shelvesWith(ctx, prefix)
	if err != nil {
		return nil, fmt.Errorf("list %s records: %w", kind(prefix), err)
	}
	var records []Record
	for len(records) < limit {
		want := limit - len(records)
		keys, err := r.nextKeys(ctx, shelves, prefix, after, want)
		if err != nil {
			return nil, fmt.Errorf("list %s records: %w", kind(prefix), err)
		}
		if len(keys) == 0 {
			break
		}
		found, expired, err := r.fetch(ctx, keys)
		if err != nil {
			return nil, fmt.Errorf("list %s records: %w", kind(prefix), err)
		}
		if err := r.eachShelf(ctx, r.scripts.tidy, expired); err != nil {
			return nil, err
		}
		records = append(records, found...)
		after = keys[len(keys)-1]
		if len(keys) < want {
			break
		}
	}
	return records, nil
}

// shelvesWith names the shelves that may hold keys with the prefix.
func (r *Redis) shelvesWith(ctx context.Context, prefix string) ([]string, error) {
	if shelf, ok := onOneShelf(prefix); ok {
		return []string{shelf}, nil
	}
	var all []string
	err := r.twice(ctx, func(ctx context.Context) (err error) {
		all, err = r.client.ZRange(ctx, shelvesKey, 0, -1).Result()
		return err
	})
	if err != nil {
		return nil, err
	}
	var some []string
	for _, shelf := range all {
		// Keys on a shelf go on from its name: either may be the longer one.
		if strings.HasPrefix(shelf, prefix) || strings.HasPrefix(prefix, shelf) {
			some = append(some, shelf)
		}
	}
	return some, nil
}

// nextKeys merges the indexes: at most limit keys with the prefix, after the
// one given, in order.
func (r *Redis) nextKeys(ctx context.Context, shelves []string, prefix, after string, limit int) ([]string, error) {
	from := "[" + prefix
	if after >= prefix && after != "" {
		from = "(" + after
	}
	to := "+"
	if end := prefixEnd(prefix); end != "" {
		to = "(" + end
	}
	answers := make([]*redis.StringSliceCmd, len(shelves))
	err := r.twice(ctx, func(ctx context.Context) error {
		_, err := r.client.Pipelined(ctx, func(p redis.Pipeliner) error {
			for i, shelf := range shelves {
				answers[i] = p.ZRangeArgs(ctx, redis.ZRangeArgs{
					Key: indexKey(shelf), ByLex: true, Start: from, Stop: to, Count: int64(limit),
				})
			}
			return nil
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, a := range answers {
		keys = append(keys, a.Val()...)
	}
	sort.Strings(keys)
	return keys[:min(len(keys), limit)], nil
}

// fetch reads the records under the keys, and says which are no more.
func (r *Redis) fetch(ctx context.Context, keys []string) (found []Record, expired []string, err error) {
	values := make([]*redis.StringCmd, len(keys))
	ends := make([]*redis.DurationCmd, len(keys))
	err = r.twice(ctx, func(ctx context.Context) error {
		_, err := r.client.Pipelined(ctx, func(p redis.Pipeliner) error {
			for i, key := range keys {
				values[i] = p.Get(ctx, recordKey(key))
				ends[i] = p.PExpireTime(ctx, recordKey(key))
			}
			return nil
		})
		return err
	})
	if err != nil && !errors.Is(err, redis.Nil) {
		return nil, nil, err
	}
	for i, key := range keys {
		value, err := values[i].Bytes()
		if errors.Is(err, redis.Nil) {
			expired = append(expired, key)
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		record := Record{Key: key, Value: value}
		if end := ends[i].Val(); end > 0 {
			record.Expires = time.UnixMilli(end.Milliseconds())
		}
		found = append(found, record)
	}
	return found, expired, nil
}

// prefixEnd is the smallest string after all that begin with the prefix; "" if
// there is none.
func prefixEnd(prefix string) string {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] < 0xff {
			return prefix[:i] + string([]byte{prefix[i] + 1})
		}
	}
	return ""
}

// kind is the first word of a key: what errors may name. The rest may be made
// of people's data.
func kind(key string) string {
	word, _, _ := strings.Cut(key, "/")
	return word
}

// lifetime is a ttl in whole milliseconds, rounded up; 0 means for ever.
func lifetime(ttl time.Duration) (int64, error) {
	if ttl < 0 {
		return 0, fmt.Errorf("a record cannot live for %s", ttl)
	}
	return int64((ttl + time.Millisecond - 1) / time.Millisecond), nil
}
