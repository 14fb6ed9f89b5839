package main

import (
	"net"
	"runtime"
)

// A patientListener accepts the next connection after whatever is ready to run.
// When ten thousand clients come back at once they wait in the kernel's queue,
// and a press of Next does not stand behind a thousand handshakes in the
// scheduler's.
type patientListener struct{ net.Listener }

func (l patientListener) Accept() (net.Conn, error) {
	runtime.Gosched()
	return l.Listener.Accept()
}
