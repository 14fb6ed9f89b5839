package acceptance

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"testing"
	"time"
)

// TestAScreenCutAThousandTimesHasSeenEveryCall drives an office as fast as a
// screen can be cut: in the handshake, between frames and within them.
func TestAScreenCutAThousandTimesHasSeenEveryCall(t *testing.T) {
	for _, test := range []struct {
		name  string
		redis bool
		nodes int
	}{
		{"embedded", false, 1},
		{"at one of two nodes", true, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			const cuts, calls = 1000, 600
			h := newHouse(t, test.redis, test.nodes)
			scissors := &scissors{}
			scissors.size.Store(2000)
			scissors.sharp.Store(true)
			var ahead atomic.Int64 // of the crowd's calls, when the screen last showed a whole frame
			var c *crowd
			s := watch(h.public(), display(), func(s *screen) {
				s.dial = scissors.dial
				s.heard = func(message []byte) {
					if c := scissors.crowd.Load(); c != nil {
						ahead.Store(c.calls.Load())
					}
					scissors.size.Store(int64(len(message)))
				}
			})
			// A screen is told of a hundred calls that it has missed. So many are
			// an hour of life: the crowd waits for it before it has missed them.
			c = gather(h, 4, 2, 1, func(c *crowd) {
				scissors.crowd.Store(c)
				c.pace = func() {
					for c.calls.Load()-ahead.Load() > 50 && c.working.Load() && c.ctx.Err() == nil {
						c.pause(time.Millisecond)
					}
				}
			})
			await(t, 10*time.Minute, "a thousand cuts and an hour's calls", func() bool {
				return scissors.cuts.Load() >= cuts && c.calls.Load() >= calls
			})
			c.leave()
			c.check()
			scissors.sharp.Store(false)

			told := tell(t, h.admin.log())
			sound(t, told)
			s.wait(soon, "the log's end", func() (frame, bool) { return s.last, s.position.Version >= uint64(len(told.entries)) })
			seen, undone, missed := s.seen(), 0, 0
			for id, withdrawn := range told.calls {
				if withdrawn {
					undone++
				}
				if shown, ok := seen[id]; !ok || shown.Withdrawn != withdrawn {
					missed++
					t.Logf("call %s, withdrawn: %t: seen: %t, as withdrawn: %t", id, withdrawn, ok, shown.Withdrawn)
				}
			}
			if missed > 0 {
				t.Errorf("%d of %d calls were not seen as the log holds them", missed, len(told.calls))
			}
			for id := range seen {
				if _, held := told.calls[id]; !held {
					t.Errorf("the screen has shown call %s, which the log does not hold", id)
				}
			}
			if undone == 0 || len(told.calls) < calls {
				t.Errorf("too quiet an hour: %d calls, %d undone", len(told.calls), undone)
			}
			t.Logf("%d calls, %d undone, %d cuts, %d connections, %d whole snapshots", len(told.calls), undone, scissors.cuts.Load(), s.connections, s.snapshots)
		})
	}
}

// scissors cut connections after a random number of bytes.
type scissors struct {
	size  atomic.Int64 // bytes of the last message, and more after each cut: the next one tells of all that was missed
	sharp atomic.Bool
	cuts  atomic.Int64
	crowd atomic.Pointer[crowd]
}

var errCut = errors.New("the connection was cut")

func (s *scissors) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, network, address)
	if err != nil || !s.sharp.Load() {
		return conn, err
	}
	left := rand.IntN(200) // in the handshake
	if rand.IntN(8) > 0 {
		left += rand.IntN(2 * int(s.size.Load()))
	}
	return &cutConn{Conn: conn, left: left, by: s}, nil
}

// A cutConn breaks when it has read so many bytes, sometimes without a word.
type cutConn struct {
	net.Conn
	left int
	by   *scissors
}

func (c *cutConn) Read(p []byte) (int, error) {
	if c.left <= 0 {
		if tcp, ok := c.Conn.(*net.TCPConn); ok && rand.IntN(2) == 0 {
			_ = tcp.SetLinger(0) // a reset instead of an end
		}
		c.Close()
		c.by.cuts.Add(1)
		c.by.size.Add(c.by.size.Load()/16 + 1)
		return 0, errCut
	}
	n, err := c.Conn.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}
