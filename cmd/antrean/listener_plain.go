package main

import (
	"errors"
	"net"
	"net/netip"

	"antrean/display"
)

// listenPlainly opens the listener of --display-addr, if there is one.
func (c serveCommand) listenPlainly(simulated bool) (net.Listener, error) {
	if c.DisplayAddr == "" {
		return nil, nil
	}
	l, err := net.Listen("tcp", c.DisplayAddr)
	if err != nil {
		var inner *net.OpError
		if errors.As(err, &inner) {
			err = inner.Err
		}
		return nil, misused("--display-addr %s: %w (it is another address than --addr)", c.DisplayAddr, err)
	}
	at, _ := netip.AddrFromSlice(l.Addr().(*net.TCPAddr).IP)
	switch {
	case simulated && !at.Unmap().IsLoopback():
		err = misused("a simulated clock listens on loopback only (for example --display-addr 127.0.0.1:8081)")
	case !at.IsUnspecified() && !display.Local(at):
		err = misused("--display-addr %s: %s is no address of a local network, and what is said there can be read and changed on the way", c.DisplayAddr, at)
	}
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return &patientListener{Listener: l}, nil
}

// isAddress recognises connections that a listener accepted by where they came in.
func isAddress(l net.Listener) func(net.Addr) bool {
	if l == nil {
		return nil
	}
	ours := l.Addr().(*net.TCPAddr)
	return func(local net.Addr) bool {
		at, ok := local.(*net.TCPAddr)
		return ok && at.Port == ours.Port && (ours.IP.IsUnspecified() || at.IP.Equal(ours.IP))
	}
}

// apart says whether it can be told at which of two listeners somebody came in: by
// the port, or on the same one by the address, if both have one.
func apart(l, other net.Listener) error {
	x, y := l.Addr().(*net.TCPAddr), other.Addr().(*net.TCPAddr)
	if x.Port == y.Port && (x.IP.IsUnspecified() || y.IP.IsUnspecified()) {
		return misused("--display-addr %s and --addr %s are not apart: give them two ports", x, y)
	}
	return nil
}

func (s *server) stopListening() {
	for _, l := range []net.Listener{s.listener, s.plain} {
		if l != nil {
			l.Close()
		}
	}
}
