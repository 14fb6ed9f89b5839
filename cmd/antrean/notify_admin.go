package main

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"antrean/display"
	"antrean/notifier"
	"antrean/static"
)

// channelsOf are the notifier's channels as the pages and the API show them.
type channelsOf struct{ n *notifier.Notifier }

func (c channelsOf) State(ctx context.Context) ([]static.Channel, error) {
	found, err := c.n.Channels(ctx)
	all := []static.Channel{}
	for _, f := range found {
		s := static.Channel{
			Name: f.Name, Type: f.Type, State: "works", Fault: f.Fault, Always: f.Always, Offices: f.Offices, Reports: f.Hears,
			Today: static.ChannelFigures(f.Today), Month: static.ChannelFigures(f.Month),
		}
		for _, k := range f.Kinds {
			s.Kinds = append(s.Kinds, string(k))
		}
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

func (c channelsOf) Test(ctx context.Context, channel string, to display.ChannelTest) (static.ChannelTested, error) {
	done, err := c.n.Test(ctx, channel, notifier.TestTo(to))
	switch {
	case errors.Is(err, notifier.ErrNoChannel):
		err = display.ErrNoChannel
	case errors.Is(err, notifier.ErrNoAddress):
		err = display.ErrNoAddress
	case errors.Is(err, notifier.ErrTooOften):
		err = display.ErrTooOften
	}
	return static.ChannelTested{Outcome: string(done.Outcome), Code: done.Code, Millis: done.Took.Milliseconds()}, err
}

func (c channelsOf) Dead(ctx context.Context, office string) ([]static.DeadLetter, error) {
	found, err := c.n.Dead(ctx, office)
	all := []static.DeadLetter{}
	for _, d := range found {
		all = append(all, static.DeadLetter{ID: d.ID, Ticket: d.Ticket, Kind: string(d.Kind), Channel: d.Last, Code: d.Code, At: d.At})
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
