//go:build unix

package ledger

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"antrean/internal/ledger/redistest"

	"github.com/google/go-cmp/cmp"
)

// expectUnknown wants an error that is no refusal.
func expectUnknown(t *testing.T, err error) {
	t.Helper()
	if moved := (*Moved)(nil); err == nil || errors.As(err, &moved) {
		t.Fatalf("got %v; want an unknown outcome", err)
	}
}

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func TestAppendToAFrozenRedisIsUnknownAndLandsOnceWhenRepeated(t *testing.T) {
	server := redistest.Start(t)
	r := openRedis(t, server.URL())
	end := land(t, r, "bandung", Position{}, "a", texts("1"))
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		expectUnknown(t, r.Append(within(t, 100*time.Millisecond), "bandung", end, "mine", texts("2", "3")))
	}
	if err := server.Cont(); err != nil {
		t.Fatal(err)
	}
	// Whether one of the first two gets there before this one or after it: the
	// batch is either written now or already there, and never twice.
	err := r.Append(t.Context(), "bandung", end, "mine", texts("2", "3"))
	var moved *Moved
	if errors.As(err, &moved) {
		want := []Entry{entry(1, "a", "1"), entry(2, "mine", "2"), entry(3, "mine", "3")}
		if diff := cmp.Diff(want, moved.Entries); diff != "" {
			t.Error(diff)
		}
	} else if err != nil {
		t.Fatal(err)
	}
	land(t, r, "bandung", Position{3, "mine"}, "b", texts("4"))
	expectEntries(t, r, "bandung", entry(1, "a", "1"), entry(2, "mine", "2"), entry(3, "mine", "3"), entry(4, "b", "4"))
}

func TestAKilledRedisKeepsWhatItAcknowledged(t *testing.T) {
	server := redistest.Start(t)
	r := openRedis(t, server.URL())
	const offices = 8
	acknowledged := make([]Position, offices)
	var group sync.WaitGroup
	half := make(chan struct{}, offices)
	for i := range offices {
		group.Go(func() {
			office := fmt.Sprint("office", i)
			for n := 0; ; n++ {
				end := acknowledged[i]
				tag := fmt.Sprint(n)
				if err := r.Append(t.Context(), office, end, tag, texts("x", "y", "z")); err != nil {
					return // the kill
				}
				acknowledged[i] = Position{end.Version + 3, tag}
				if n == 20 {
					half <- struct{}{}
				}
			}
		})
	}
	for range offices {
		<-half
	}
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	group.Wait()
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	for i, end := range acknowledged {
		office := fmt.Sprint("office", i)
		entries, err := r.Read(t.Context(), office, end.Version, 100)
		if err != nil || len(entries) == 0 || entries[0].Position() != end {
			t.Errorf("%s acknowledged %v, holds %v from there, %v", office, end, entries, err)
		}
		if n := len(entries); n != 1 && n != 4 {
			t.Errorf("%s holds %d entries beyond the acknowledged: a batch came apart", office, n-1)
		}
	}
}

func TestAShorterLogIsNoticed(t *testing.T) {
	server := redistest.Start(t)
	r := openRedis(t, server.URL())
	before := land(t, r, "bandung", Position{}, "a", texts("1", "2"))
	lost := land(t, r, "bandung", before, "b", texts("3", "4", "5"))
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	file, err := server.AppendOnlyFile()
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	// Into the last transaction: Redis drops it as a whole.
	if err := os.Truncate(file, info.Size()-10); err != nil {
		t.Fatal(err)
	}
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}

	moved := refused(t, r, "bandung", lost, "c", texts("6"))
	if moved.End != before || len(moved.Entries) != 0 {
		t.Errorf("refused with %+v, want the end %v", moved, before)
	}
	// Another history reaches the same version: a node of the old one must not
	// join it.
	fork := land(t, r, "bandung", before, "d", texts("3'", "4'", "5'"))
	moved = refused(t, r, "bandung", lost, "c", texts("6"))
	want := &Moved{End: fork, Entries: []Entry{entry(5, "d", "5'")}}
	if diff := cmp.Diff(want, moved); diff != "" {
		t.Error(diff)
	}
}

// TestADelayedScriptIsKnownOrRefused holds an append on its way until its
// client has given up, and lets it through at the worst moment.
func TestADelayedScriptIsKnownOrRefused(t *testing.T) {
	server := redistest.Start(t)
	direct := openRedis(t, server.URL())

	t.Run("before its repetition", func(t *testing.T) {
		way := startDelay(t, server.Addr())
		delayed := openRedis(t, "redis://"+way.addr)
		end := land(t, delayed, "before", Position{}, "a", texts("1"))
		way.hold()
		expectUnknown(t, delayed.Append(within(t, 50*time.Millisecond), "before", end, "mine", texts("2")))
		way.release()
		eventually(t, func() bool {
			entries, err := direct.Read(t.Context(), "before", 2, 1)
			return err == nil && len(entries) == 1
		})
		moved := refused(t, direct, "before", end, "mine", texts("2"))
		want := &Moved{End: Position{2, "mine"}, Entries: []Entry{entry(1, "a", "1"), entry(2, "mine", "2")}}
		if diff := cmp.Diff(want, moved); diff != "" {
			t.Error(diff)
		}
	})
	for name, tag := range map[string]string{"after its repetition": "mine", "after another's append": "other"} {
		t.Run(name, func(t *testing.T) {
			way := startDelay(t, server.Addr())
			delayed := openRedis(t, "redis://"+way.addr)
			end := land(t, delayed, name, Position{}, "a", texts("1"))
			way.hold()
			expectUnknown(t, delayed.Append(within(t, 50*time.Millisecond), name, end, "mine", texts("2")))
			land(t, direct, name, end, tag, texts("2"))
			arrived := way.release()
			if arrived == 0 {
				t.Fatal("nothing was on its way")
			}
			// The server answers the held bytes before it closes the connection.
			way.awaitAnswer(t)
			expectEntries(t, direct, name, entry(1, "a", "1"), entry(2, tag, "2"))
		})
	}
}

// delay is a proxy before a server that can hold back what clients send, and
// then delivers it although the client has gone.
type delay struct {
	addr     string
	mu       sync.Mutex
	holding  bool
	held     map[net.Conn][]byte // by connection to the server
	answered chan struct{}
}

func startDelay(t *testing.T, server string) *delay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &delay{addr: l.Addr().String(), held: make(map[net.Conn][]byte), answered: make(chan struct{}, 100)}
	var group sync.WaitGroup
	var conns []net.Conn
	group.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			up, err := net.Dial("tcp", server)
			if err != nil {
				t.Error(err)
				return
			}
			d.mu.Lock()
			conns = append(conns, client, up)
			d.mu.Unlock()
			group.Go(func() { d.forward(client, up) })
			group.Go(func() { d.answer(client, up) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		d.mu.Lock()
		for _, c := range conns {
			c.Close()
		}
		d.mu.Unlock()
		group.Wait()
	})
	return d
}

func (d *delay) forward(client, up net.Conn) {
	buf := make([]byte, 64<<10)
	for {
		n, err := client.Read(buf)
		d.mu.Lock()
		if d.holding {
			d.held[up] = append(d.held[up], buf[:n]...)
		} else {
			_, _ = up.Write(buf[:n]) // a server that is gone is the test's own doing
		}
		d.mu.Unlock()
		if err != nil {
			return // up stays open: what was sent is still to be delivered
		}
	}
}

func (d *delay) answer(client, up net.Conn) {
	buf := make([]byte, 64<<10)
	for {
		n, err := up.Read(buf)
		if err != nil {
			return
		}
		if _, err := client.Write(buf[:n]); err != nil {
			// The client has given up; the server answered all the same.
			d.answered <- struct{}{}
			_, _ = io.Copy(io.Discard, up)
			return
		}
		d.answered <- struct{}{}
	}
}

func (d *delay) hold() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.holding = true
	for len(d.answered) > 0 {
		<-d.answered
	}
}

// release delivers what was held and returns how many bytes it was.
func (d *delay) release() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.holding = false
	total := 0
	for up, bytes := range d.held {
		if _, err := up.Write(bytes); err != nil {
			return 0
		}
		total += len(bytes)
	}
	clear(d.held)
	return total
}

func (d *delay) awaitAnswer(t *testing.T) {
	t.Helper()
	select {
	case <-d.answered:
	case <-time.After(5 * time.Second):
		t.Fatal("the server never answered the delayed append")
	}
}

func TestAppendGoesOnWhenRedisForgotTheScript(t *testing.T) {
	server := redistest.Start(t)
	r := openRedis(t, server.URL())
	end := land(t, r, "bandung", Position{}, "a", texts("1"))
	if err := r.client.ScriptFlush(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	end = land(t, r, "bandung", end, "b", texts("2"))
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return r.client.Ping(t.Context()).Err() == nil })
	land(t, r, "bandung", end, "c", texts("3"))
	expectEntries(t, r, "bandung", entry(1, "a", "1"), entry(2, "b", "2"), entry(3, "c", "3"))
}

func TestCloseEndsTails(t *testing.T) {
	r := openRedis(t, redistest.Start(t).URL())
	failed := make(chan error)
	for range 3 {
		go func() {
			for {
				if _, err := r.Tail(t.Context(), "bandung", 0, 1); err != nil {
					failed <- err
					return
				}
			}
		}()
	}
	// One whose caller has left, too.
	if _, err := r.Tail(within(t, 20*time.Millisecond), "bandung", 0, 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	began := time.Now()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > tailWait/2 {
		t.Errorf("Close took %s", took)
	}
	for range 3 {
		if err := <-failed; !errors.Is(err, ErrClosed) {
			t.Errorf("got %v", err)
		}
	}
	if _, err := r.Tail(t.Context(), "bandung", 0, 1); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
}
