package hub

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"hash/maphash"
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// A frame is one message as it goes over the wire, built at most once for each
// kind of connection and shared by all that get it.
type frame struct {
	kind frameKind
	pos  position
	json []byte

	socket []byte
	stream func() []byte
}

// frameKind is a frame's type, for metrics.
type frameKind int

const (
	snapshotFrame frameKind = iota
	tickFrame
	byeFrame
	frameKinds
)

func (k frameKind) String() string { return [...]string{"snapshot", "tick", "bye"}[k] }

// textFrame begins a text message that is whole (RFC 6455, 5.2).
const textFrame = 0x80 | websocket.TextMessage

// headroom is what newFrame needs before a payload for the head of a WebSocket
// frame, so that both lie in one piece of memory.
const headroom = 10

// newFrame is of a payload with headroom before it. gorilla's PreparedMessage
// would do the same, but does not show its bytes, which are written past
// gorilla here.
func newFrame(kind frameKind, pos position, b []byte, retry time.Duration) *frame {
	payload := b[headroom:]
	at := headroom - 2
	switch n := len(payload); {
	case n <= 125:
		b[at+1] = byte(n)
	case n <= math.MaxUint16:
		at = headroom - 4
		b[at+1] = 126
		binary.BigEndian.PutUint16(b[at+2:], uint16(n))
	default:
		at = 0
		b[at+1] = 127
		binary.BigEndian.PutUint64(b[at+2:], uint64(n))
	}
	b[at] = textFrame
	return &frame{
		kind: kind, pos: pos, json: payload, socket: b[at:],
		stream: sync.OnceValue(func() []byte { return event(pos, payload, retry) }),
	}
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
	b := appendHead(make([]byte, headroom, len(data)+160), snapshotFrame, pos, s.At)
	b = append(b, `,"data":`...)
	b = append(b, data...)
	b = append(b, '}')
	return &picture{
		frame: newFrame(snapshotFrame, pos, b, 0),
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
	b := appendHead(make([]byte, headroom, 192), tickFrame, pos, at)
	b = append(b, `,"confirmed":`...)
	b = appendTime(b, confirmed)
	b = append(b, '}')
	return &tick{frame: newFrame(tickFrame, pos, b, 0), seq: seq, at: at, confirmed: confirmed}
}

func newBye(retry time.Duration) *frame {
	b := append(make([]byte, headroom, 64), `{"type":"bye","retry_ms":`...)
	b = append(b, milliseconds(retry)...)
	return newFrame(byeFrame, position{}, append(b, '}'), retry)
}

func appendHead(b []byte, kind frameKind, pos position, at time.Time) []byte {
	epoch, _ := json.Marshal(pos.epoch) // a string always marshals
	b = append(b, `{"type":"`+kind.String()+`","epoch":`...)
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
