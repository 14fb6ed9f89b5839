package redistest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// answerWithin is how long one answer may take; a frozen server gives none.
const answerWithin = time.Second

// Ask sends one command on a connection of its own and returns the answer's
// text: a status, a number or a bulk string.
func (s *Server) Ask(words ...string) (string, error) { return s.ask(answerWithin, words...) }

func (s *Server) ask(within time.Duration, words ...string) (string, error) {
	conn, err := net.DialTimeout("tcp", s.Addr(), within)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(within)); err != nil {
		return "", err
	}
	var command strings.Builder
	fmt.Fprintf(&command, "*%d\r\n", len(words))
	for _, w := range words {
		fmt.Fprintf(&command, "$%d\r\n%s\r\n", len(w), w)
	}
	if _, err := io.WriteString(conn, command.String()); err != nil {
		return "", err
	}
	answer, err := readText(bufio.NewReader(conn))
	if err != nil {
		return "", fmt.Errorf("%s to %s: %w", words[0], s.Addr(), err)
	}
	return answer, nil
}

func readText(r *bufio.Reader) (string, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return "", err
	}
	line = strings.TrimRight(line, "\r\n")
	switch line[:min(1, len(line))] {
	case "+", ":":
		return line[1:], nil
	case "-":
		return "", errors.New(line[1:])
	case "$":
		n, err := strconv.Atoi(line[1:])
		if err != nil || n < 0 {
			return "", err
		}
		text := make([]byte, n)
		_, err = io.ReadFull(r, text)
		return string(text), err
	}
	return "", fmt.Errorf("answered %q", line)
}
