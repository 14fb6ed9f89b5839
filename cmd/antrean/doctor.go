package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"time"

	"antrean/internal/staff"
)

type doctorCommand struct {
	logFlags
	PublicURL string `name:"public-url" help:"How people reach the server; with --url, what the server says otherwise." placeholder:"URL"`
	JSON      bool   `name:"json" help:"Print JSON."`
}

// A finding is one thing that was looked at.
type finding struct {
	Check string `json:"check"` // stable
	Level level  `json:"level"`
	Says  string `json:"says"`
	Do    string `json:"do,omitempty"` // what helps
}

type level string

const (
	fine    level = "ok"
	warning level = "warning"
	broken  level = "problem"
)

// Run looks at a store that no server has, or asks the server and looks at it
// from outside. It fails when something is a problem.
func (c doctorCommand) Run(p *process) error {
	say := languageOf(cmp.Or(os.Getenv("LC_ALL"), os.Getenv("LC_MESSAGES"), os.Getenv("LANG")))
	found, err := c.examine(p.ctx, say)
	if err != nil {
		return err
	}
	problems := 0
	for _, f := range found {
		if f.Level == broken {
			problems++
		}
	}
	if c.JSON {
		if err := json.NewEncoder(p.out).Encode(struct {
			Findings []finding `json:"findings"`
		}{found}); err != nil {
			return err
		}
	} else {
		for _, f := range found {
			fmt.Fprintf(p.out, "%-10s %-12s %s\n", say.level(f.Level), f.Check, f.Says)
			if f.Do != "" {
				fmt.Fprintf(p.out, "%-10s %-12s → %s\n", "", "", f.Do)
			}
		}
	}
	if problems > 0 {
		english := fmt.Sprintf("%d problems to mend", problems)
		if problems == 1 {
			english = "one problem to mend"
		}
		return errors.New(say.of(fmt.Sprintf("%d hal harus dibereskan", problems), english))
	}
	return nil
}

func (c doctorCommand) examine(ctx context.Context, say tongue) ([]finding, error) {
	if c.URL != "" {
		return c.ask(ctx, say)
	}
	if err := c.existing(); err != nil {
		return nil, err
	}
	s, err := c.open(ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	found := append(s.examine(ctx, say, c.Data), staffFindings(ctx, say, staff.New(s.records, s.ring, time.Now), configsOf(ctx, s))...)
	found = append(found, officeFindings(say, configsOf(ctx, s), time.Now())...)
	found = append(found, addressFinding(say, c.PublicURL))
	if strings.HasPrefix(c.PublicURL, "https://") {
		found = append(found, certificateFinding(ctx, say, c.PublicURL, time.Now(), nil))
	}
	return found, s.close()
}

// told is what a server finds about itself.
type told struct {
	Release   string    `json:"release"`
	PublicURL string    `json:"public_url"`
	Offices   []string  `json:"offices"`
	Findings  []finding `json:"findings"`
}

func (c doctorCommand) ask(ctx context.Context, say tongue) ([]finding, error) {
	server, err := c.dial(ctx)
	if err != nil {
		return nil, err
	}
	var t told
	server.lang = say.lang()
	if err := server.get(ctx, "/api/v1/doctor", &t); err != nil {
		return nil, err
	}
	found := t.Findings
	if t.Release != version {
		found = append(found, finding{"release", warning,
			say.of(fmt.Sprintf("server memakai rilis %s, perintah ini %s", t.Release, version), fmt.Sprintf("the server is release %s, this command %s", t.Release, version)),
			say.of("samakan rilis semua node dan perintah", "bring nodes and command to one release")})
	}
	public := cmp.Or(c.PublicURL, t.PublicURL)
	if public == "" {
		public = c.URL
	}
	return append(found, outsideFindings(ctx, say, strings.TrimRight(public, "/"), t.Offices, time.Now(), nil)...), nil
}

// doctor is what the server tells an administrator about itself.
func (s *server) doctor(ctx context.Context, lang string) (any, error) {
	say := languageOf(lang)
	ids, err := s.ledger.IDs(ctx)
	if err != nil {
		return nil, err
	}
	configs := configsOf(ctx, s.store)
	t := told{Release: version, PublicURL: s.PublicURL, Offices: ids, Findings: s.store.examine(ctx, say, s.Data)}
	t.Findings = append(t.Findings, readyFinding(say, s.ledger.Ready()))
	t.Findings = append(t.Findings, staffFindings(ctx, say, s.staff, configs)...)
	t.Findings = append(t.Findings, officeFindings(say, configs, s.ledger.Now())...)
	channels, err := s.notifier.Channels(ctx)
	if err != nil {
		return nil, err
	}
	t.Findings = append(t.Findings, channelFindings(say, channels)...)
	t.Findings = append(t.Findings, addressFinding(say, s.PublicURL))
	return t, nil
}

// tongue is the language that findings are written in: Indonesian or English.
type tongue bool

func languageOf(locale string) tongue {
	return tongue(strings.HasPrefix(strings.ToLower(locale), "id"))
}

// of chooses.
func (t tongue) of(id, en string) string {
	if t {
		return id
	}
	return en
}

func (t tongue) lang() string { return t.of("id", "en") }

func (t tongue) level(l level) string {
	return map[level]string{fine: "ok", warning: t.of("awas", "warning"), broken: t.of("MASALAH", "PROBLEM")}[l]
}

// local says whether an address is of this machine only.
func local(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Hostname() == "localhost" || strings.HasPrefix(u.Hostname(), "127.") || u.Hostname() == "::1")
}
