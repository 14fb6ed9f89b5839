package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/schollz/progressbar/v3"

	"antrean/internal/calendar"
	"antrean/internal/simulate"
)

type simulateCommand struct {
	URL     string   `name:"url" help:"The server." default:"http://127.0.0.1:8080"`
	Token   string   `help:"An administrator's token (better in the environment)." placeholder:"TOKEN"`
	Offices []string `help:"Only these offices." placeholder:"ID"`
	Speed   string   `help:"1 is life; any other number, or max, needs a server on --clock=simulated." default:"1"`
	Seed    uint64   `help:"Another seed is another day." default:"1"`
	Day     string   `help:"The first day to play; the next working day otherwise." placeholder:"DATE"`
	Days    int      `help:"How many days." default:"1"`
	Standby float64  `help:"The share of people who would take an earlier place." default:"0.05"`
	Load    float64  `help:"How many people come, in usual days' worth." default:"1"`
	JSON    bool     `name:"json" help:"Print the summary as JSON."`
}

func (c simulateCommand) Run(p *process) error {
	speed := 0.0
	if c.Speed != "max" {
		var err error
		if speed, err = strconv.ParseFloat(c.Speed, 64); err != nil || speed <= 0 || speed > 100_000 {
			return misused("--speed %q is not allowed (a number above 0, or max)", c.Speed)
		}
	}
	if c.Days < 1 || c.Days > 366 {
		return misused("--days %d is out of range (1 to 366)", c.Days)
	}
	if c.Day != "" && !calendar.Date(c.Day).Valid() {
		return misused("--day %q is not a date (such as 2026-11-24)", c.Day)
	}
	if !(c.Standby >= 0 && c.Standby <= 1) {
		return misused("--standby %g is not a share (0 to 1)", c.Standby)
	}
	if !(c.Load > 0 && c.Load <= 10) {
		return misused("--load %g is out of range (above 0, up to 10)", c.Load)
	}
	if err := serverURL(c.URL); err != nil {
		return err
	}
	if c.Token == "" {
		password := os.Getenv(adminPassword)
		if password == "" {
			return misused("an administrator is needed: --token (POST /api/v1/session answers one), or %s to sign in as admin", adminPassword)
		}
		var err error
		if c.Token, err = simulate.SignIn(p.ctx, c.URL, "admin", password); err != nil {
			return err
		}
	}
	bar := progressbar.NewOptions(-1,
		progressbar.OptionSetWriter(p.err), progressbar.OptionSetWidth(30), progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionSetVisibility(isTerminal()))
	summary, err := simulate.Run(p.ctx, simulate.Options{
		URL: c.URL, Token: c.Token, Offices: c.Offices, Speed: speed, Seed: c.Seed,
		Day: calendar.Date(c.Day), Days: c.Days, Standby: c.Standby, Load: c.Load,
		Progress: func(done, planned int, at time.Time) {
			bar.ChangeMax(max(planned, done, 1))
			bar.Describe(at.Format("Mon 15:04"))
			_ = bar.Set(done) // a bar that cannot be drawn stops nobody
		},
	})
	_ = bar.Finish()
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(p.out).Encode(summary)
	}
	fmt.Fprintln(p.out)
	summary.Print(p.out)
	return nil
}

// isTerminal reports whether somebody looks at the progress bar.
func isTerminal() bool {
	info, err := os.Stderr.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
