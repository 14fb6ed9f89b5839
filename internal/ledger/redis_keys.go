package ledger

import (
	"strconv"
	"strings"
)

// Every key that the ledger has in Redis. What stands between braces is the
// hash tag: in a Cluster, keys with the same tag live on the same node, where
// one script may use them together.
//
//	antrean:{bandung}:log                     stream      the office's log; ids <version>-0, fields t (tag), d (data)
//	antrean:{shelf/vault/bandung}:of:<key>    string, PX  one record, under its whole key
//	antrean:{shelf/vault/bandung}:index       sorted set  keys of the shelf's records, all of score 0, thus ordered by bytes
//	antrean:shelves                           sorted set  names of all shelves, ordered likewise
//
// A shelf holds the records whose keys begin with the same two words:
// vault/bandung/… is one, and so a vault spreads over a Cluster by office. A
// key of fewer words lies on the shelf of the words before its last:
// user/anna on user, anna on the shelf without a name.
const shelvesKey = "antrean:shelves"

func logKey(office string) string { return "antrean:{" + office + "}:log" }

// The tag begins with a fixed word, for an empty tag would be none.
func shelfKey(shelf string) string { return "antrean:{shelf/" + shelf + "}:" }

func indexKey(shelf string) string { return shelfKey(shelf) + "index" }

// recordPrefix and a record's key make the Redis key; scripts join them too.
func recordPrefix(shelf string) string { return shelfKey(shelf) + "of:" }

func recordKey(key string) string { return recordPrefix(shelfOf(key)) + key }

// shelfOf names the shelf of a record.
func shelfOf(key string) string {
	first := strings.IndexByte(key, '/')
	if first < 0 {
		return ""
	}
	if second := strings.IndexByte(key[first+1:], '/'); second >= 0 {
		return key[:first+1+second]
	}
	return key[:first]
}

// onOneShelf says whether all keys with the prefix lie on the same shelf, and
// on which.
func onOneShelf(prefix string) (shelf string, ok bool) {
	if strings.Count(prefix, "/") < 2 {
		return "", false
	}
	return shelfOf(prefix), true
}

// entryID is the stream's id of a version.
func entryID(version uint64) string { return strconv.FormatUint(version, 10) + "-0" }
