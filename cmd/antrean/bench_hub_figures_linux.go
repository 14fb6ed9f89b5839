package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// hubFigures is what bench hub found.
type hubFigures struct {
	Subscribers int           `json:"subscribers"`
	Rounds      int           `json:"rounds"`
	Servers     []hubServer   `json:"servers"`
	Against     []hubRatios   `json:"against"` // ours against each of the others
	Next        latencyFigure `json:"next"`    // the answers to the presses
}

type hubServer struct {
	Name     string  `json:"name"`
	Last     float64 `json:"last_ms"` // press to the last subscriber, median
	P50      float64 `json:"subscriber_p50_ms"`
	P99      float64 `json:"subscriber_p99_ms"`
	CPU      float64 `json:"cpu_us_per_frame"`
	Socket   float64 `json:"kb_per_socket"`
	Burst    float64 `json:"burst_ms"`         // ten calls to the last subscriber, median
	PerBurst float64 `json:"frames_per_burst"` // and subscriber
}

type hubRatios struct {
	Name  string  `json:"name"`
	Last  float64 `json:"last"` // median of the pairs'
	CPU   float64 `json:"cpu"`
	Burst float64 `json:"burst"` // of ten passes
}

type latencyFigure struct {
	P50 float64 `json:"p50_ms"`
	P99 float64 `json:"p99_ms"`
	Max float64 `json:"max_ms"`
}

func latencyOf(all []time.Duration) latencyFigure {
	return latencyFigure{P50: ms(quantile(all, 0.5)), P99: ms(quantile(all, 0.99)), Max: ms(quantile(all, 1))}
}

// quantile sorts what it is given; of nothing it is 0.
func quantile(all []time.Duration, q float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[int(q*float64(len(sorted)-1))]
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// pairs is the median of the quotients of what was measured side by side.
func pairs(a, b []time.Duration) float64 {
	var all []float64
	for i := range min(len(a), len(b)) {
		all = append(all, float64(a[i])/float64(b[i]))
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[len(all)/2]
}

func (b *hubBench) figures() hubFigures {
	f := hubFigures{Subscribers: b.Subscribers, Rounds: b.Rounds}
	for _, c := range b.contests {
		f.Servers = append(f.Servers, hubServer{
			Name: c.name, Last: ms(quantile(c.last, 0.5)), P50: ms(quantile(c.each, 0.5)), P99: ms(quantile(c.each, 0.99)),
			CPU: c.perFrame(), Socket: float64(c.idle) / 1024, Burst: ms(quantile(c.bursts, 0.5)),
			PerBurst: float64(c.burst) / float64(max(1, len(c.bursts)*b.Subscribers)),
		})
	}
	ours := b.contests[0]
	for _, c := range b.contests[1:] {
		f.Against = append(f.Against, hubRatios{
			Name: c.name, Last: pairs(ours.last, c.last), CPU: ours.perFrame() / c.perFrame(), Burst: pairs(ours.bursts, c.bursts),
		})
	}
	f.Next = latencyOf(ours.answers)
	return f
}

// perFrame is the server's CPU time in µs.
func (c *contest) perFrame() float64 {
	return float64(c.cpu) / float64(time.Microsecond) / float64(max(1, c.frames))
}

func (f hubFigures) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "One press of Next to %d subscribers, %d rounds side by side; medians\n", f.Subscribers, f.Rounds)
	fmt.Fprintln(w, "server\tlast ms\tp50 ms\tp99 ms\tCPU µs/frame\tKB/socket\tten calls ms\tframes\t")
	for _, s := range f.Servers {
		fmt.Fprintf(w, "%s\t%.1f\t%.1f\t%.1f\t%.1f\t%.1f\t%.1f\t%.1f\t\n", s.Name, s.Last, s.P50, s.P99, s.CPU, s.Socket, s.Burst, s.PerBurst)
	}
	for _, r := range f.Against {
		fmt.Fprintf(w, "ratio to %s\t%.2f\t\t\t%.2f\t\t%.2f\t\t\n", r.Name, r.Last, r.CPU, r.Burst)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nThe presses were answered in %.1f ms (p50), %.1f ms (p99).\n", f.Next.P50, f.Next.P99)
	for _, r := range f.Against[:1] {
		fmt.Fprintf(out, "Fan-out %.2f of raw%s\n", r.Last, verdict(r.Last <= fanOutTarget, "at most 1.25"))
		fmt.Fprintf(out, "CPU per frame %.2f of raw%s\n", r.CPU, verdict(r.CPU <= cpuTarget, "at most 1.25"))
		fmt.Fprintf(out, "Ten calls %.2f of ten raw passes%s\n", r.Burst, verdict(r.Burst <= burstTarget, "at most 0.3"))
	}
	_, err := fmt.Fprintf(out, "An idle socket %.1f KB%s\n", f.Servers[0].Socket, verdict(f.Servers[0].Socket <= socketTarget, "at most 7.5 KB"))
	return err
}
