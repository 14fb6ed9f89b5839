package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"antrean/internal/ledger"
)

// Each node tells the others that it is there, and which release it runs. Nothing
// depends on it: it is what the doctor knows of them.
const (
	presencePrefix = "node/"
	presentFor     = 90 * time.Second // after the last word of a node
	presentAgain   = 30 * time.Second
)

// presence is what a node tells of itself.
type presence struct {
	Release string    `json:"release"`
	Since   time.Time `json:"since"`
}

// announce tells of this node until the context ends, and then takes that back. A
// store that does not answer is asked again in time.
func (s *server) announce(ctx context.Context) error {
	key := presencePrefix + rand.Text()
	value, err := json.Marshal(presence{version, time.Now().UTC().Truncate(time.Second)})
	if err != nil {
		return err
	}
	defer func() {
		gone, done := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer done()
		_ = s.store.records.Delete(gone, key) // else it ends by itself
	}()
	again := time.NewTicker(presentAgain)
	defer again.Stop()
	for {
		if err := s.store.records.Put(ctx, key, value, presentFor); err != nil && ctx.Err() == nil {
			s.log.Debug("the other nodes were not told of this one", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-again.C:
		}
	}
}

// present are the nodes that told of themselves lately.
func present(ctx context.Context, records ledger.Records) ([]presence, error) {
	found, err := records.List(ctx, presencePrefix, "", 1000)
	if err != nil {
		return nil, err
	}
	nodes := make([]presence, 0, len(found))
	for _, r := range found {
		var p presence
		if err := json.Unmarshal(r.Value, &p); err != nil {
			return nil, fmt.Errorf("%s: %w", r.Key, err)
		}
		nodes = append(nodes, p)
	}
	return nodes, nil
}

// nodesFinding says whether the nodes on a store run one release.
func nodesFinding(say tongue, nodes []presence, err error) finding {
	if err != nil {
		return finding{"nodes", warning, err.Error(), say.of("periksa penyimpanan", "look at the store")}
	}
	if len(nodes) == 0 {
		return finding{"nodes", fine, say.of("tidak ada server yang berjalan", "no server runs"), ""}
	}
	of := map[string]int{}
	for _, n := range nodes {
		of[n.Release]++
	}
	if len(of) == 1 {
		return finding{"nodes", fine, say.of(fmt.Sprintf("%d node, rilis %s", len(nodes), nodes[0].Release), fmt.Sprintf("%d on release %s", len(nodes), nodes[0].Release)), ""}
	}
	var releases []string
	for release, n := range of {
		releases = append(releases, fmt.Sprintf("%d × %s", n, release))
	}
	slices.Sort(releases)
	all := strings.Join(releases, ", ")
	return finding{"nodes", warning, say.of("rilis berbeda: "+all, "releases differ: "+all), say.of("selesaikan pembaruan: samakan rilis semua node", "finish the upgrade: bring all nodes to one release")}
}
