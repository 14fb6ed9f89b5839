package main

import (
	"crypto/rand"
	"strings"

	"antrean/internal/ledger"
)

// embedded measures beside a bare loop of transactions, which take batches as
// large as the ledger's were.
func (b *ledgerBench) embedded(f *ledgerFigures) error {
	store, err := ledger.OpenEmbedded(b.path("antrean.db"))
	if err != nil {
		return err
	}
	defer store.Close()
	bare, err := ledger.OpenBareFile(b.path("bare.db"))
	if err != nil {
		return err
	}
	defer bare.Close()
	for _, callers := range b.Callers {
		var sum ours
		var limit tally
		for round := range b.rounds() {
			b.say("embedded, %d callers, round %d of %d", callers, round+1, b.rounds())
			entries, err := b.acknowledged(store, store, "bench-"+strings.ToLower(rand.Text()), callers, &sum)
			if err != nil {
				return err
			}
			batches := byTag(entries)
			took, done, err := b.during(1, func(int) func() (int, error) {
				next := 0
				return func() (int, error) {
					batch := batches[next%len(batches)]
					next++
					return len(batch), bare.Put(batch)
				}
			})
			if err != nil {
				return err
			}
			limit.took += took
			limit.done += done
		}
		figures := sum.figures(callers)
		figures.against(limit, "")
		f.Embedded = append(f.Embedded, figures)
	}
	return nil
}

// byTag are the batches that entries were written in.
func byTag(entries []ledger.Entry) [][]ledger.Entry {
	var batches [][]ledger.Entry
	for i := range entries {
		if i == 0 || entries[i].Tag != entries[i-1].Tag {
			batches = append(batches, nil)
		}
		last := len(batches) - 1
		batches[last] = append(batches[last], entries[i])
	}
	return batches
}
