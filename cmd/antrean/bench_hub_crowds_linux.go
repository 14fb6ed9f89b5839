package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// The crowds are what bench hub measures besides the plain fan-out: phones on a
// ticket each, everybody coming back at once, and clients that are slow.

const (
	phonesTarget = 50  // ms, p99 of Next
	stormTarget  = 1.5 // of bare handshakes
	slowTarget   = 1.3 // of the run without slow ones
)

type phoneFigures struct {
	Phones  int           `json:"phones"`
	Presses int           `json:"presses"`
	Next    latencyFigure `json:"next"`
	Frames  float64       `json:"frames_per_phone"`
	Last    float64       `json:"last_ms"` // from the last press until every phone shows it
	CPU     float64       `json:"cpu_ms_per_press"`
}

// phones has every subscriber follow a ticket of its own, all of one queue, so
// that each call changes what all of them show.
func (b *hubBench) phones(out io.Writer) error {
	if err := b.start("antrean"); err != nil {
		return err
	}
	c := b.contests[0]
	if err := b.hall.fill(b.Rounds + 2*hubCounters); err != nil { // they are called before any phone
		return err
	}
	paths := make([]string, b.Subscribers)
	var door errgroup.Group
	door.SetLimit(32)
	for i := range paths {
		door.Go(func() error {
			token, err := b.hall.issue()
			paths[i] = "/live/tickets/" + token
			return err
		})
	}
	if err := door.Wait(); err != nil {
		return err
	}
	if _, err := b.everyClient(order{Do: "connect", Group: c.name, Addr: c.hello.Addr, Paths: paths}); err != nil {
		return err
	}
	b.say("%d phones; %d presses", b.Subscribers, b.Rounds)
	if err := b.profile(c, true); err != nil {
		return err
	}
	before, err := c.ask(order{Do: "usage"})
	if err != nil {
		return err
	}
	answers, began, err := b.presses(b.Rounds, 100*time.Millisecond)
	if err != nil {
		return err
	}
	version, err := c.ask(order{Do: "version"})
	if err != nil {
		return err
	}
	got, err := b.everyClient(order{Do: "await", Group: c.name, Version: version.Version})
	if err != nil {
		return err
	}
	after, err := c.ask(order{Do: "usage"})
	if err != nil {
		return err
	}
	if err := b.profile(c, false); err != nil {
		return err
	}
	f := phoneFigures{
		Phones: b.Subscribers, Presses: b.Rounds, Next: latencyOf(answers),
		Frames: float64(got.Frames) / float64(b.Subscribers), Last: ms(time.Duration(slices.Max(got.At) - began)),
		CPU: ms(after.Usage.CPU-before.Usage.CPU) / float64(b.Rounds),
	}
	if b.JSON {
		return json.NewEncoder(out).Encode(f)
	}
	fmt.Fprintf(out, "%d phones on %d tickets of one office, %d presses of Next, ten a second; each changes what all show\n", f.Phones, f.Phones, f.Presses)
	fmt.Fprintf(out, "Next answered in %.1f ms (p50), %.1f ms (p99), %.1f ms (slowest)%s\n", f.Next.P50, f.Next.P99, f.Next.Max, verdict(f.Next.P99 < phonesTarget, "p99 below 50 ms"))
	_, err = fmt.Fprintf(out, "Changes merged: %.1f frames a phone; all showed the last press %.0f ms after it; %.0f ms of server CPU a press\n", f.Frames, f.Last, f.CPU)
	return err
}

// presses presses Next at one counter after the other, and tells when the last
// one began. Whoever was called is served before, which no phone shows.
func (b *hubBench) presses(n int, every time.Duration) (answers []time.Duration, began int64, err error) {
	if err := b.hall.prepareAll(); err != nil {
		return nil, 0, err
	}
	beat := time.NewTicker(every)
	defer beat.Stop()
	for i := range n {
		select {
		case <-b.ctx.Done():
			return nil, 0, b.ctx.Err()
		case <-beat.C:
		}
		counter := i % hubCounters
		if i >= hubCounters {
			if _, err := b.hall.at(counter, "serve", nil); err != nil {
				return nil, 0, err
			}
		}
		began = now()
		took, err := b.hall.at(counter, "next", map[string]any{"complete": true})
		if err != nil {
			return nil, 0, err
		}
		b.hall.people--
		answers = append(answers, took)
	}
	return answers, began, nil
}

type stormFigures struct {
	Clients int           `json:"clients"`
	Ours    float64       `json:"ours_ms"`
	Raw     float64       `json:"raw_ms"`
	Bare    float64       `json:"bare_ms"`
	Ratio   float64       `json:"ratio"`
	Next    latencyFigure `json:"next"`
}

// storm cuts all clients of a server at once and waits until all are back and
// have a frame; somebody presses Next meanwhile.
func (b *hubBench) storm(out io.Writer) error {
	if err := b.start("antrean", "raw", "chat"); err != nil {
		return err
	}
	for _, c := range b.contests {
		if err := b.subscribe(c); err != nil {
			return err
		}
	}
	ours, raw, bare := b.contests[0], b.contests[1], b.contests[2]
	if err := b.profile(ours, true); err != nil {
		return err
	}
	for round := range b.Rounds {
		for i := range b.contests {
			if err := b.cut(b.contests[(i+round)%len(b.contests)]); err != nil {
				return err
			}
		}
	}
	if err := b.profile(ours, false); err != nil {
		return err
	}
	f := stormFigures{
		Clients: b.Subscribers, Ours: ms(quantile(ours.last, 0.5)), Raw: ms(quantile(raw.last, 0.5)), Bare: ms(quantile(bare.last, 0.5)),
		Ratio: pairs(ours.last, bare.last), Next: latencyOf(ours.answers),
	}
	if b.JSON {
		return json.NewEncoder(out).Encode(f)
	}
	fmt.Fprintf(out, "%d clients cut at once, all back with a frame; %d rounds side by side, medians\n", f.Clients, b.Rounds)
	fmt.Fprintf(out, "ours %.0f ms, bare handshakes (net/http and gorilla) %.0f ms, accept and a constant answer %.0f ms\n", f.Ours, f.Bare, f.Raw)
	fmt.Fprintf(out, "%.2f of bare handshakes%s\n", f.Ratio, verdict(f.Ratio <= stormTarget, "at most 1.5"))
	_, err := fmt.Fprintf(out, "Next meanwhile: %.1f ms (p50), %.1f ms (p99), %.1f ms (slowest)\n", f.Next.P50, f.Next.P99, f.Next.Max)
	return err
}

func (b *hubBench) cut(c *contest) (err error) {
	over := make(chan struct{})
	var officer sync.WaitGroup
	var failed error
	if c.ours {
		officer.Go(func() {
			for round := 0; failed == nil; round++ {
				select {
				case <-over:
					return
				default:
				}
				if failed = b.hall.prepare(1); failed != nil {
					return
				}
				var answers []time.Duration
				_, answers, failed = b.hall.press(1)
				c.answers = append(c.answers, answers...)
			}
		})
	}
	began, got, err := b.cutAndReturn(c)
	close(over)
	officer.Wait()
	if err := cmp.Or(err, failed); err != nil {
		return err
	}
	c.last = append(c.last, time.Duration(slices.Max(got.At)-began))
	return nil
}

func (b *hubBench) cutAndReturn(c *contest) (began int64, got report, err error) {
	if _, err = b.everyClient(order{Do: "cut", Group: c.name}); err != nil {
		return 0, got, err
	}
	if c.name == "raw" { // it does not read, so it does not notice
		if _, err = c.ask(order{Do: "sweep"}); err != nil {
			return 0, got, err
		}
	}
	began = now()
	got, err = b.everyClient(order{Do: "return", Group: c.name})
	return began, got, err
}

type slowFigures struct {
	Subscribers int     `json:"subscribers"`
	Slow        int     `json:"slow"`
	Without     float64 `json:"p99_ms_without"`
	With        float64 `json:"p99_ms_with"`
	Ratio       float64 `json:"ratio"`
	Grown       float64 `json:"grown_mb"` // resident, from the first rounds to the last
}

// slowOnes presses with and without one stalled and 5 % slow clients beside the
// others, in turns.
func (b *hubBench) slowOnes(out io.Writer) error {
	if err := b.start("antrean"); err != nil {
		return err
	}
	c := b.contests[0]
	if err := b.subscribe(c); err != nil {
		return err
	}
	with, without := newContest(c.peer), newContest(c.peer)
	f := slowFigures{Subscribers: b.Subscribers, Slow: max(1, b.Subscribers/20)}
	const turns = 4
	var weights []int64
	for turn := range 2 * turns {
		side := without
		if turn%2 == 1 {
			side = with
			for pace, n := range map[pace]int{slow: f.Slow, stalled: 1} {
				if _, err := b.everyClient(order{Do: "connect", Group: "slow", Addr: c.hello.Addr, Paths: []string{c.path}, Pace: pace, Clients: n}); err != nil {
					return err
				}
			}
		}
		for range max(1, b.Rounds/turns) {
			if err := b.measure(side, 1); err != nil {
				return err
			}
		}
		if turn%2 == 1 {
			r, err := c.ask(order{Do: "collect"}) // with all that is kept for the slow ones
			if err != nil {
				return err
			}
			weights = append(weights, r.Usage.RSS)
			if _, err := b.everyClient(order{Do: "leave", Group: "slow"}); err != nil {
				return err
			}
		}
	}
	f.With, f.Without = ms(quantile(with.each, 0.99)), ms(quantile(without.each, 0.99))
	f.Ratio = f.With / f.Without
	f.Grown = float64(weights[len(weights)-1]-weights[0]) / (1 << 20)
	if b.JSON {
		return json.NewEncoder(out).Encode(f)
	}
	fmt.Fprintf(out, "%d subscribers beside one stalled and %d slow ones, %d presses with and without in turns\n", f.Subscribers, f.Slow, len(with.last))
	fmt.Fprintf(out, "p99 of the others %.1f ms, without %.1f ms: %.2f%s\n", f.With, f.Without, f.Ratio, verdict(f.Ratio <= slowTarget, "at most 1.3"))
	_, err := fmt.Fprintf(out, "Resident memory grew by %.1f MB from the first turn with them to the last\n", f.Grown)
	return err
}
