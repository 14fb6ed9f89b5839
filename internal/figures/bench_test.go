package figures_test

import (
	"testing"

	"antrean/internal/calendar"
	"antrean/internal/figures"
	"antrean/internal/figures/figurestest"
	"antrean/internal/queue"
)

// BenchmarkADay folds one busy day, predictions included, and sums it.
func BenchmarkADay(b *testing.B) {
	year := figurestest.New(b, "2026-01-01")
	year.Day()
	events := year.Events()
	b.ReportMetric(float64(len(events)), "events")
	for b.Loop() {
		book := figures.NewBook(queue.NewState("bandung"))
		for i, e := range events {
			if err := book.Add(uint64(i+1), e); err != nil {
				b.Fatal(err)
			}
		}
		d := book.Day("2026-01-01", events[len(events)-1].At)
		r := figures.Sum("bandung", []*figures.Day{d}, figures.Options{From: "2026-01-01", To: "2026-01-01", By: figures.ByDay})
		if r.Total.Tickets < 400 {
			b.Fatalf("%+v", r.Total)
		}
		data, _ := d.Encode()
		b.ReportMetric(float64(len(data)), "B/day")
	}
}

var _ = calendar.Date("")
