package main

import (
	"net"
	"runtime"
)

// A patientListener lets whatever is ready run after every few connections.
// When ten thousand clients come back at once they wait in the kernel's queue,
// and a press of Next does not stand behind a thousand handshakes in the
// scheduler's.
type patientListener struct {
	net.Listener
	accepted uint // by the one goroutine that accepts
}

// patience is how many connections are accepted in a row.
const patience = 8

func (l *patientListener) Accept() (net.Conn, error) {
	if l.accepted++; l.accepted%patience == 0 {
		runtime.Gosched()
	}
	return l.Listener.Accept()
}
