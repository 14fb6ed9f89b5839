package redistest

import "time"

// TB is what Start needs of a testing.TB. It is named here so that commands
// which launch a server do not link the testing package.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
	Cleanup(func())
	TempDir() string
}

// Start launches a server for a test, in a directory of its own, and ends it
// with the test. Arguments are those of Launch.
func Start(t TB, args ...string) *Server {
	t.Helper()
	s, err := Launch(t.TempDir(), args...)
	if err != nil {
		t.Fatalf("redistest: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("redistest: %v", err)
		}
	})
	return s
}

// StartCluster launches a Cluster for a test and ends it with the test.
// Arguments are those of LaunchCluster.
func StartCluster(t TB, masters, replicas int, nodeTimeout time.Duration, args ...string) *Cluster {
	t.Helper()
	c, err := LaunchCluster(t.TempDir(), masters, replicas, nodeTimeout, args...)
	if err != nil {
		t.Fatalf("redistest: %v", err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("redistest: %v", err)
		}
	})
	return c
}

// StartWay opens a way to a server for a test and closes it with the test.
func StartWay(t TB, server *Server) *Way {
	t.Helper()
	w, err := OpenWay(server.Addr())
	if err != nil {
		t.Fatalf("redistest: %v", err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Errorf("redistest: %v", err)
		}
	})
	return w
}
