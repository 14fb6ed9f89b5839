package hub

import (
	"bytes"
	"encoding/json"
	"hash/maphash"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// A frame is one message as it goes over the wire, built at most once for each
// kind of connection and shared by all that get it.
type frame struct {
	kind string // snapshot, tick or bye: for metrics
	pos  position
	json []byte

	socket func() (*websocket.PreparedMessage, error)
	stream func() []byte
}

func newFrame(kind string, pos position, payload []byte, retry time.Duration) *frame {
	f := &frame{kind: kind, pos: pos, json: payload}
	f.socket = sync.OnceValues(func() (*websocket.PreparedMessage, error) {
		return websocket.NewPreparedMessage(websocket.TextMessage, payload)
	})
	f.stream = sync.OnceValue(func() []byte { return event(pos, payload, retry) })
	return f
}

// event is a payload as a server-sent event. Its id is the position that the
// browser brings back as Last-Event-ID.
func event(pos position, payload []byte, retry time.Duration) []byte {
	var b bytes.Buffer
	if !pos.nowhere() {
		b.WriteString("id: " + pos.epoch + ":" + strconv.FormatUint(pos.version, 10) + "\n")
	}
	if retry > 0 {
		b.WriteString("retry: " + milliseconds(retry) + "\n")
	}
	b.WriteString("data: ")
	b.Write(bytes.ReplaceAll(payload, []byte("\n"), []byte("\ndata: ")))
	b.WriteString("\n\n")
	return b.Bytes()
}

// A picture is a rendered snapshot.
type picture struct {
	*frame
	data  []byte
	sum   uint64   // of data: equal pictures are not sent twice
	since position // it holds every call since here
	seq   uint64   // numbers the topic's different pictures from 1; 0: rendered for one connection
	age   uint64   // counts the topic's passes: no pass up to this one knew anything newer
}

func newPicture(s Snapshot, since position, seed maphash.Seed) *picture {
	pos := position{s.Epoch, s.Version}
	data := s.Data
	if len(data) == 0 {
		data = []byte("null")
	}
	b := appendHead(make([]byte, 0, len(data)+128), "snapshot", pos, s.At)
	b = append(b, `,"data":`...)
	b = append(b, data...)
	b = append(b, '}')
	return &picture{
		frame: newFrame("snapshot", pos, b, 0),
		data:  b[len(b)-1-len(data) : len(b)-1],
		sum:   maphash.Bytes(seed, data),
		since: since,
	}
}

// follows says whether a client that is at pos misses nothing when it gets the
// picture next.
func (p *picture) follows(pos position) bool {
	switch {
	case pos.nowhere(), pos == p.pos:
		return true
	case p.since.nowhere(), p.since.epoch != pos.epoch, p.pos.epoch != pos.epoch:
		return false
	}
	return p.since.version <= pos.version && pos.version <= p.pos.version
}

// A tick says that a client at pos has everything, as of confirmed.
type tick struct {
	*frame
	seq           uint64 // only for clients that have this picture
	at, confirmed time.Time
}

func newTick(pos position, seq uint64, at, confirmed time.Time) *tick {
	at = at.In(confirmed.Location())
	b := appendHead(make([]byte, 0, 160), "tick", pos, at)
	b = append(b, `,"confirmed":`...)
	b = appendTime(b, confirmed)
	b = append(b, '}')
	return &tick{frame: newFrame("tick", pos, b, 0), seq: seq, at: at, confirmed: confirmed}
}

func newBye(retry time.Duration) *frame {
	b := append([]byte(`{"type":"bye","retry_ms":`), milliseconds(retry)...)
	return newFrame("bye", position{}, append(b, '}'), retry)
}

func appendHead(b []byte, kind string, pos position, at time.Time) []byte {
	epoch, _ := json.Marshal(pos.epoch) // a string always marshals
	b = append(b, `{"type":"`+kind+`","epoch":`...)
	b = append(b, epoch...)
	b = append(b, `,"version":`...)
	b = strconv.AppendUint(b, pos.version, 10)
	b = append(b, `,"at":`...)
	return appendTime(b, at)
}

func appendTime(b []byte, t time.Time) []byte {
	return t.AppendFormat(b, `"2006-01-02T15:04:05.000Z07:00"`)
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
