package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"text/tabwriter"
)

type benchCommand struct {
	Ledger  benchLedger  `cmd:"" help:"Acknowledged commands beside raw appends, folding beside decoding, memory."`
	Booking benchBooking `cmd:"" help:"Bookings over HTTP beside a trivial request, the rush for a quota, the earliest hour."`
	Clients benchClients `cmd:"" hidden:"" help:"The clients of bench booking."`
	Hub     benchHub     `cmd:"" help:"A press of Next to thousands of subscribers, beside bare TCP and gorilla's chat pattern."`
	HubPeer benchPeer    `cmd:"" hidden:""`
	Soak    benchSoak    `cmd:"" help:"Day after day at full speed while thousands of sockets come and go: memory, goroutines, descriptors."`
}

type benchLedger struct {
	Redis   string  `help:"Measure on this Redis (a spare one); a redis-server of its own otherwise." placeholder:"URL"`
	Seconds float64 `help:"How long each number of callers is measured, on each side." default:"3"`
	Callers []int   `help:"How many callers wait for answers at the same time." default:"1,16,256"`
	Events  int     `help:"How many events are folded." default:"1000000"`
	Dir     string  `help:"Where files are put meanwhile: its disk is measured." placeholder:"DIR"`
	JSON    bool    `name:"json" help:"Print the figures as JSON."`
	Profile string  `help:"Write a CPU profile (pprof) of the run." placeholder:"FILE" hidden:""`
}

// The targets: what the figures are held against.
const (
	appendTarget = 0.4      // of raw, at 256 callers on Redis
	foldTarget   = 0.5      // of decoding alone
	memoryTarget = 50 << 20 // bytes
)

// ledgerFigures is what bench ledger found.
type ledgerFigures struct {
	Redis    []appendFigures `json:"redis"`
	Embedded []appendFigures `json:"embedded"`
	Fold     foldFigures     `json:"fold"`
	Memory   memoryFigures   `json:"memory"`
}

func (c benchLedger) Run(p *process) error {
	if c.Seconds <= 0 || c.Seconds > 600 {
		return misused("--seconds %g is out of range (above 0, up to 600)", c.Seconds)
	}
	if c.Events < 1000 || c.Events > 100_000_000 {
		return misused("--events %d is out of range (1000 to 100000000)", c.Events)
	}
	for _, n := range c.Callers {
		if n < 1 || n > 10_000 {
			return misused("--callers %d is out of range (1 to 10000)", n)
		}
	}
	if c.Profile != "" {
		file, err := os.Create(c.Profile)
		if err != nil {
			return err
		}
		defer file.Close()
		if err := pprof.StartCPUProfile(file); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	dir, err := os.MkdirTemp(c.Dir, "antrean-bench-")
	if err != nil {
		return misuse{err}
	}
	defer os.RemoveAll(dir)
	b := &ledgerBench{benchLedger: c, ctx: p.ctx, dir: dir, progress: p.err}
	var f ledgerFigures
	for _, part := range []func(*ledgerFigures) error{b.memory, b.redis, b.embedded, b.fold} {
		if err := part(&f); err != nil {
			return err
		}
	}
	if c.JSON {
		return json.NewEncoder(p.out).Encode(f)
	}
	return f.print(tabwriter.NewWriter(p.out, 0, 8, 2, ' ', tabwriter.AlignRight))
}

func (f ledgerFigures) print(w *tabwriter.Writer) error {
	table := func(title, limit string, all []appendFigures) {
		fmt.Fprintf(w, "%s\n", title)
		fmt.Fprintf(w, "callers\tcommands/s\tp50 ms\tp99 ms\tevents a batch\t%s/s\tratio\t\t\n", limit)
		for _, a := range all {
			fmt.Fprintf(w, "%d\t%.0f\t%.2f\t%.2f\t%.1f\t%.0f\t%.2f\t%s\t\n", a.Callers, a.PerSecond, a.P50, a.P99, a.Batch, a.Limit, a.Ratio, a.Shape)
		}
		fmt.Fprintln(w)
	}
	table("Redis, appendfsync always: acknowledged commands beside pipelined XADD of the same bytes", "raw XADD", f.Redis)
	table("Embedded: acknowledged commands beside a bare loop of bbolt transactions of equal batches", "bare puts", f.Embedded)
	if err := w.Flush(); err != nil {
		return err
	}
	for _, a := range f.Redis {
		if a.Callers == 256 {
			fmt.Fprintf(w, "%d callers on Redis: %.2f of raw%s\n", a.Callers, a.Ratio, verdict(a.Ratio >= appendTarget, "at least 0.4"))
		}
	}
	fmt.Fprintf(w, "Folding %d events at start: %.1f s, %.0f events/s; decoding alone %.0f events/s; ratio %.2f%s\n",
		f.Fold.Events, f.Fold.Seconds, f.Fold.PerSecond, f.Fold.Limit, f.Fold.Ratio, verdict(f.Fold.Ratio >= foldTarget, "at least 0.5"))
	fmt.Fprintf(w, "Memory of %d booked tickets in %d offices, both folds: %.1f MB%s\n",
		f.Memory.Tickets, f.Memory.Offices, float64(f.Memory.Bytes)/(1<<20), verdict(f.Memory.Bytes < memoryTarget, "below 50 MB"))
	return w.Flush()
}

func verdict(met bool, target string) string {
	if met {
		return " (target: " + target + ")"
	}
	return " (MISSES its target: " + target + ")"
}

func (b *ledgerBench) path(name string) string { return filepath.Join(b.dir, name) }
