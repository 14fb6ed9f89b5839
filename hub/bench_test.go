package hub

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// BenchmarkFanOut takes one change to 500 subscribers until the last has it,
// beside the limit: the same bytes to as many bare TCP connections, one write
// each. Pairs are interleaved; the ratio is of the sums.
func BenchmarkFanOut(b *testing.B) {
	const subscribers = 500
	var got sync.WaitGroup

	h := newHouse(b, Options{}, nil)
	h.write(strings.Repeat("x", 200))
	for range 10 {
		h.call()
	}
	got.Add(subscribers)
	for range subscribers {
		w := h.watch(b, "")
		go func() {
			for {
				_, r, err := w.NextReader()
				if err != nil {
					return
				}
				if _, err := io.Copy(io.Discard, r); err != nil {
					return
				}
				got.Done()
			}
		}()
	}
	got.Wait()
	frame := h.hub.topics["display:bandung"].latest.json
	raw := bare(b, subscribers, len(frame)+4, got.Done)

	var ours, limit time.Duration
	for b.Loop() {
		got.Add(subscribers)
		start := time.Now()
		h.press()
		got.Wait()
		ours += time.Since(start)

		got.Add(subscribers)
		start = time.Now()
		for _, c := range raw {
			if _, err := c.Write(make([]byte, len(frame)+4)); err != nil {
				b.Fatal(err)
			}
		}
		got.Wait()
		limit += time.Since(start)
	}
	b.ReportMetric(float64(ours.Microseconds())/float64(b.N), "hub-µs")
	b.ReportMetric(float64(limit.Microseconds())/float64(b.N), "raw-µs")
	b.ReportMetric(float64(ours)/float64(limit), "ratio")
}

// bare are the server's ends of n connections whose clients call done after
// every size bytes.
func bare(b *testing.B, n, size int, done func()) []net.Conn {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { listener.Close() })
	var ends []net.Conn
	for range n {
		client, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		server, err := listener.Accept()
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { client.Close(); server.Close() })
		ends = append(ends, server)
		go func() {
			p := make([]byte, size)
			for {
				if _, err := io.ReadFull(client, p); err != nil {
					return
				}
				done()
			}
		}()
	}
	return ends
}
