//go:build unix

package redistest

import "syscall"

// Stop freezes the server (SIGSTOP): its connections stay open and silent.
func (s *Server) Stop() error { return s.process.Signal(syscall.SIGSTOP) }

// Cont lets a frozen server go on (SIGCONT).
func (s *Server) Cont() error { return s.process.Signal(syscall.SIGCONT) }
