package acceptance

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

// readRequest reads one whole request as it is on the wire.
func readRequest(conn net.Conn) ([]byte, error) {
	var raw bytes.Buffer
	r, err := http.ReadRequest(bufio.NewReader(io.TeeReader(conn, &raw)))
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return nil, err
	}
	return raw.Bytes(), nil
}

// raw sends bytes to a node and returns the answer, if there was one.
func raw(t testing.TB, address string, request []byte) (answer, bool) {
	t.Helper()
	conn, err := net.DialTimeout("tcp", address, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	_, _ = conn.Write(request) // the node may refuse before it has read all
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.CloseWrite()
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return answer{}, false
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return answer{status: res.StatusCode, kind: res.Header.Get("Content-Type"), body: body}, err == nil
}

// setBody replaces a request's body.
func setBody(r *http.Request, body []byte) {
	r.ContentLength, r.GetBody = int64(len(body)), func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	r.Body, _ = r.GetBody()
	if len(body) == 0 {
		r.Body = http.NoBody
	}
}

// written is a request as it is on the wire.
func written(r *http.Request) []byte {
	var b bytes.Buffer
	if r.GetBody != nil {
		r.Body, _ = r.GetBody()
	}
	_ = r.Write(&b) // to memory
	return b.Bytes()
}
