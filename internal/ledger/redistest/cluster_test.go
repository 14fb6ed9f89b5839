package redistest

import (
	"testing"
	"time"
)

func TestAClusterReplacesADeadMaster(t *testing.T) {
	c := StartCluster(t, 3, 1, 500*time.Millisecond)
	before, err := c.MasterOf("{uji}")
	if err != nil {
		t.Fatal(err)
	}
	if err := before.Kill(); err != nil {
		t.Fatal(err)
	}
	err = until(func() error {
		_, err := c.MasterOf("{uji}")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
