package hub

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// aLine is a line with small buffers and the client's end of it.
func aLine(t *testing.T) (*line, net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	client, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close(); server.Close() })
	if err := client.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	return newLine(server, 4<<10), client
}

// large is more than the buffers of a line take, novel of a watcher.
var large = bytes.Repeat([]byte("sabar "), 20_000)

var novel = strings.Repeat("sabar ", 200_000)

func TestNothingComesBetweenTheTwoPartsOfAFrame(t *testing.T) {
	l, client := aLine(t)
	if got, err := l.push(large, newPusher()); got != partly || err != nil {
		t.Fatalf("pushed %v, %v, want a part", got, err)
	}
	if got, err := l.push([]byte("push"), newPusher()); got != nothing || err != nil {
		t.Errorf("pushed %v, %v into the middle of a frame", got, err)
	}
	soon := time.Now().Add(5 * time.Second)
	said := make(chan error, 2)
	go func() {
		said <- l.send([]byte("pong"), soon)
	}()
	go func() { said <- l.finish(soon) }()

	got := make([]byte, len(large)+len("pong"))
	client.SetReadDeadline(soon)
	if _, err := io.ReadFull(client, got); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := <-said; err != nil {
			t.Error(err)
		}
	}
	if !bytes.Equal(got, append(large, "pong"...)) {
		t.Error("the frame and the pong came mixed")
	}
	if got, err := l.push([]byte("more"), newPusher()); got != wholly || err != nil {
		t.Errorf("then pushed %v, %v", got, err)
	}
}

func TestAClientThatIsNotReadyIsLeftAlone(t *testing.T) {
	l, client := aLine(t)
	by := newPusher()
	for range 1000 {
		got, err := l.push(large, by)
		if err != nil {
			t.Fatal(err)
		}
		if got == nothing {
			break
		}
		l.out.Unlock() // as if that had been the whole frame
	}
	if !l.out.TryLock() {
		t.Error("the line is locked although nothing of the frame was written")
	}
	l.out.Unlock()
	client.Close()
	eventually(t, "the line says that the client left", func() bool {
		_, err := l.push([]byte("push"), by)
		return err != nil
	})
}

func TestALineThatIsKilledInTheMiddleOfAFrameIsUnlocked(t *testing.T) {
	l, _ := aLine(t)
	if got, err := l.push(large, newPusher()); got != partly || err != nil {
		t.Fatalf("pushed %v, %v", got, err)
	}
	pong := make(chan error, 1)
	go func() {
		pong <- l.send([]byte("pong"), time.Now().Add(time.Minute))
	}()
	finished := make(chan error, 1)
	go func() { finished <- l.finish(time.Now().Add(time.Minute)) }()
	l.kill()
	for _, ended := range []chan error{finished, pong} {
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Errorf("ended with %v", err)
		}
	}
}

func TestNothingComesAfterAClose(t *testing.T) {
	l, _ := aLine(t)
	if err := l.last([]byte("close"), time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if got, err := l.push([]byte("push"), newPusher()); got != nothing || !errors.Is(err, net.ErrClosed) {
		t.Errorf("pushed %v, %v", got, err)
	}
	if err := l.send([]byte("send"), time.Now().Add(time.Second)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("sent: %v", err)
	}
}

// halfway is a client that has been pushed a part of a frame, at version 101.
func halfway(t *testing.T, h *house) *watcher {
	t.Helper()
	w := h.watch(t, "")
	w.next()
	h.write(novel)
	h.hub.Changed("bandung")
	w.SetReadDeadline(time.Now().Add(5 * time.Second))
	_, begun, err := w.NextReader()
	if err != nil {
		t.Fatal(err)
	}
	w.begun = begun
	return w
}

func TestAPongWaitsForTheRestOfAFrame(t *testing.T) {
	h := newHouse(t, Options{SendBuffer: 4 << 10}, nil)
	w := halfway(t, h)
	pongs := make(chan string, 1)
	w.SetPongHandler(func(said string) error { pongs <- said; return nil })
	if err := w.WriteControl(websocket.PingMessage, []byte("masih di sana?"), time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	h.write("")
	h.hub.Changed("bandung")
	if got := w.next(); got.Version != 101 || got.Data.Notice != novel {
		t.Errorf("the frame in two parts: version %d, %d bytes", got.Version, len(got.Data.Notice))
	}
	if got := w.next(); got.Version != 102 {
		t.Errorf("then: %+v", got)
	}
	eventually(t, "the pong is there", func() bool { // it is taken in beside a frame
		h.press()
		w.next()
		return len(pongs) > 0
	})
	if got := <-pongs; got != "masih di sana?" {
		t.Errorf("the pong says %q", got)
	}
}

func TestARestartFinishesAFrameAndSaysGoodbye(t *testing.T) {
	h := newHouse(t, Options{SendBuffer: 4 << 10}, nil)
	w := halfway(t, h)
	go h.close()
	code, _, before := w.closed()
	if code != 1012 || len(before) != 2 || before[0].Version != 101 || before[1].Type != "bye" {
		t.Errorf("closed with %d after %d frames", code, len(before))
	}
}

func TestAClientThatTakesNoRestIsDropped(t *testing.T) {
	h := newHouse(t, Options{SendBuffer: 4 << 10, WriteTimeout: 100 * time.Millisecond}, nil)
	halfway(t, h)
	eventually(t, "the client is dropped as slow", func() bool {
		return h.value(t, `antrean_hub_connections_ended_total{reason="slow client"}`) == 1
	})
}

func TestFramesOfEverySizeArrive(t *testing.T) {
	h := newHouse(t, Options{}, nil)
	w := h.watch(t, "")
	w.next()
	empty := len(h.hub.topics["display:bandung"].latest.json)
	for _, size := range []int{125, 126, 127, 65535, 65536, 200_000} {
		notice := strings.Repeat("x", max(0, size-empty))
		h.write(notice)
		h.hub.Changed("bandung")
		if got := w.next(); got.Data.Notice != notice {
			t.Errorf("of %d bytes came %d", len(notice), len(got.Data.Notice))
		}
	}
}
