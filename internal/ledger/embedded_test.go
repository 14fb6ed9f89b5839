package ledger

import "testing"

func openEmbedded(t testing.TB, path string) *Embedded {
	t.Helper()
	e, err := OpenEmbedded(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}
