package hub

import (
	"strings"
	"time"
)

// A stream is a client of server-sent events. It ends with its connection:
// there is no length and no chunking that a proxy could wait for.
type stream struct {
	*line
}

// newStream answers the request on the hijacked line and closes it when that
// fails.
func newStream(l *line, anyOrigin bool, retry, timeout time.Duration) (*stream, error) {
	var b strings.Builder
	b.WriteString("HTTP/1.1 200 OK\r\n" +
		"Content-Type: text/event-stream\r\n" +
		"Cache-Control: no-store\r\n" +
		"Connection: close\r\n" +
		"X-Accel-Buffering: no\r\n" +
		"X-Content-Type-Options: nosniff\r\n")
	if anyOrigin {
		b.WriteString("Access-Control-Allow-Origin: *\r\n")
	}
	b.WriteString("\r\nretry: " + milliseconds(retry) + "\n\n")
	if err := l.send([]byte(b.String()), time.Now().Add(timeout)); err != nil {
		l.kill()
		return nil, err
	}
	return &stream{l}, nil
}

func (s *stream) kind() string { return "events" }

func (s *stream) push(f *frame, by *pusher) (pushed, error) { return s.line.push(f.stream(), by) }

func (s *stream) send(f *frame, deadline time.Time) error { return s.line.send(f.stream(), deadline) }

// ping has nothing to send: a dead client shows when its ticks are not
// acknowledged.
func (s *stream) ping(time.Time) error { return nil }

func (s *stream) silent(time.Time) bool { return false }

// close closes: the browser knows from the bye when to come back.
func (s *stream) close(int, string, time.Time) { s.Close() }

func (s *stream) read() error {
	for {
		if _, err := s.line.hear(); err != nil {
			return err
		}
	}
}
