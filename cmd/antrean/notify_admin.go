package main

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/display"
	"antrean/notifier"
)

// channelsOf are the notifier's channels as the pages and the API show them.
type channelsOf struct{ n *notifier.Notifier }

func (c channelsOf) State(ctx context.Context) (any, error) {
	type state struct {
		Name    string           `json:"name"`
		Type    string           `json:"type"`
		State   string           `json:"state"` // works, resting, faulty
		Fault   string           `json:"fault,omitempty"`
		Resting *time.Time       `json:"resting_until,omitempty"`
		Always  bool             `json:"always"`
		Offices []string         `json:"offices,omitempty"`
		Kinds   []notifier.Kind  `json:"kinds,omitempty"`
		Reports bool             `json:"reports"` // tells what arrived, at /hooks/{name}
		Today   notifier.Figures `json:"today"`
		Month   notifier.Figures `json:"month"`
	}
	found, err := c.n.Channels(ctx)
	all := []state{}
	for _, f := range found {
		s := state{Name: f.Name, Type: f.Type, State: "works", Fault: f.Fault, Always: f.Always, Offices: f.Offices, Kinds: f.Kinds, Reports: f.Hears, Today: f.Today, Month: f.Month}
		switch {
		case f.Fault != "":
			s.State = "faulty"
		case !f.Resting.IsZero():
			s.State, s.Resting = "resting", &f.Resting
		}
		all = append(all, s)
	}
	return all, err
}

func (c channelsOf) Test(ctx context.Context, channel string, to display.ChannelTest) (any, error) {
	done, err := c.n.Test(ctx, channel, notifier.TestTo(to))
	switch {
	case errors.Is(err, notifier.ErrNoChannel):
		return nil, display.ErrNoChannel
	case errors.Is(err, notifier.ErrNoAddress):
		return nil, display.ErrNoAddress
	case errors.Is(err, notifier.ErrTooOften):
		return nil, display.ErrTooOften
	case err != nil:
		return nil, err
	}
	return struct {
		Outcome notifier.Outcome `json:"outcome"`
		Code    string           `json:"code,omitempty"`
		Millis  int64            `json:"milliseconds"`
	}{done.Outcome, done.Code, done.Took.Milliseconds()}, nil
}

func (c channelsOf) Dead(ctx context.Context, office string) (any, error) {
	type dead struct {
		ID     string        `json:"id"`
		Ticket string        `json:"ticket"`
		Kind   notifier.Kind `json:"kind"`
		Last   string        `json:"channel"`
		Code   string        `json:"code"`
		At     time.Time     `json:"at"`
	}
	found, err := c.n.Dead(ctx, office)
	all := []dead{}
	for _, d := range found {
		all = append(all, dead(d))
	}
	return all, err
}

func (c channelsOf) Retry(ctx context.Context, office, by string, ids []string) (int, error) {
	return c.n.Retry(ctx, office, by, ids)
}

// hearCallbacks lets the other sides of channels tell what became of messages.
func hearCallbacks(app *fiber.App, n *notifier.Notifier) {
	app.All("/hooks/:channel", func(c *fiber.Ctx) error {
		call := notifier.Callback{Method: c.Method(), Query: url.Values{}, Header: http.Header{}, Body: c.Body()}
		for name, value := range c.Queries() {
			call.Query.Set(name, value)
		}
		for name, values := range c.GetReqHeaders() {
			call.Header[http.CanonicalHeaderKey(name)] = values
		}
		answer := n.Hear(c.UserContext(), c.Params("channel"), call)
		c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8)
		c.Set(fiber.HeaderCacheControl, "no-store")
		return c.Status(answer.Status).SendString(answer.Body)
	})
}
