package display

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/ledger"
	"antrean/internal/queue"
	"antrean/internal/staff"
	"antrean/static"
)

// Feed is a live topic, as whoever serves sockets needs to know it.
type Feed struct {
	Key        string // connections with one key see the same
	Office     string
	Tick       time.Duration // how often a quiet connection hears that all is well
	SameOrigin bool          // refuse browsers on other sites' pages
	Allowed    func() bool   // asked at each tick; false ends the connection. May be nil
	View       View
}

// View renders a live topic. Its methods are safe for concurrent use.
type View interface {
	// Snapshot is the whole view. epoch and version are where the client was,
	// "" and 0 for nowhere.
	Snapshot(epoch string, version uint64) (Snapshot, error)
	// Confirmed is where the log's end was last known, and when. It never
	// blocks.
	Confirmed() (epoch string, version uint64, at time.Time)
}

// Snapshot is a view as of one version of an office.
type Snapshot struct {
	Epoch   string
	Version uint64
	At      time.Time // of the making, with the office's offset
	Data    []byte    // JSON
}

const (
	displayTick = 4 * time.Second
	otherTick   = 15 * time.Second
)

// feed renders an office for a topic.
type feed struct {
	app    *App
	id     string
	render func(s *queue.State, since uint64, now time.Time) any
	finish func(view any) error // adds what is not in the log; may be nil
}

func (f *feed) Snapshot(epoch string, version uint64) (Snapshot, error) {
	office := f.app.watched.hold(f.app, f.id)
	if office == nil {
		return Snapshot{}, ledger.ErrUnavailable
	}
	now := f.app.Offices.Now()
	var shot Snapshot
	var view any
	office.Read(func(s *queue.State) {
		since := version
		if epoch != s.Epoch || version > s.Version {
			since = 0
		}
		shot = Snapshot{Epoch: s.Epoch, Version: s.Version, At: here(s, now)}
		view = f.render(s, since, now)
	})
	if view == nil {
		return Snapshot{}, errors.New("what the topic shows is gone")
	}
	if f.finish != nil {
		if err := f.finish(view); err != nil {
			return Snapshot{}, err
		}
	}
	var err error
	shot.Data, err = json.Marshal(view)
	return shot, err
}

func (f *feed) Confirmed() (epoch string, version uint64, at time.Time) {
	office := f.app.watched.hold(f.app, f.id)
	if office == nil {
		return "", 0, time.Time{}
	}
	_, at = office.Confirmed()
	office.Read(func(s *queue.State) {
		epoch, version, at = s.Epoch, s.Version, here(s, at)
	})
	return epoch, version, at
}

func (a *App) liveDisplay(c *fiber.Ctx) error {
	office, err := a.officeOf(c)
	if err != nil {
		return err
	}
	id, key := c.Params("office"), "display/"
	inHall := a.standsIn(c, id)
	if inHall {
		key = "hall/"
	}
	return a.live(c, office, id, Feed{
		Key: key + id, Tick: displayTick, View: &feed{app: a, id: id, render: func(s *queue.State, since uint64, now time.Time) any {
			return a.renderDisplay(s, since, now, inHall)
		}},
	})
}

// standsIn says whether a screen is known to stand in the office: it is paired
// with it, or somebody who works there has signed in on it. Anybody may look at
// a display from home; the place code proves that one is not at home.
func (a *App) standsIn(c *fiber.Ctx, office string) bool {
	if device, err := a.Staff.Device(c.UserContext(), a.cookie(c, deviceCookie)); err == nil {
		return device.Office == office
	}
	who, err := a.session(c)
	return err == nil && staff.May(who, staff.SeeQueue, office)
}

func (a *App) renderDisplay(s *queue.State, since uint64, now time.Time, inHall bool) static.DisplayView {
	v := viewDisplay(s, since, now, a.predicts.services(s.Office))
	if inHall && s.Config.NoShow.SelfCheckIn == "code" {
		v.PlaceCode = a.placeCode(s.Office, now)
	}
	return v
}

func (a *App) liveTicket(c *fiber.Ctx) error {
	h, err := a.viewer(c)
	if err != nil {
		return err
	}
	key := "ticket/"
	if h.shows {
		key = "shown/"
	}
	return a.live(c, h.office, h.id, Feed{
		Key: key + h.id + "/" + h.ticket, Tick: otherTick,
		// A cookie is sent for foreign pages as well, a token is not.
		SameOrigin: byCookie(c),
		Allowed:    h.valid,
		View: &feed{app: a, id: h.id, render: func(s *queue.State, _ uint64, now time.Time) any {
			t := s.Tickets[h.ticket]
			if t == nil {
				return nil
			}
			v := viewTicketAt(s, t, now, a.predicts.ticket(h.id, t.ID), a.orders.of(s))
			if h.shows {
				v.Can = []string{}
			}
			return v
		}},
	})
}

func (a *App) liveCounter(c *fiber.Ctx) error {
	v, err := a.visit(c, staff.SeeQueue)
	if err != nil {
		return err
	}
	counter := c.Params("counter")
	if _, ok := a.counterView(v.office, counter); !ok {
		return notFound("counter")
	}
	return a.live(c, v.office, v.id, Feed{
		// Only the officer there sees the name of the person there.
		Key: "counter/" + v.id + "/" + counter + "/" + v.scope(), Tick: otherTick,
		SameOrigin: true, Allowed: a.stillMay(c, staff.SeeQueue, v.id),
		View: &feed{app: a, id: v.id,
			render: func(s *queue.State, _ uint64, now time.Time) any {
				view := viewCounter(s, counter, now)
				return &view
			},
			finish: func(view any) error {
				ctx, done := context.WithTimeout(context.Background(), time.Second)
				defer done()
				counter := view.(*static.CounterView)
				err := a.nameCurrent(ctx, counter, v.who)
				if err == nil || counter.Current.Name != "" {
					return nil
				}
				// Shown without the name, it would stay so until the next event:
				// who serves the topic asks again after an error.
				return fmt.Errorf("name who is at a counter: %w", err)
			},
		},
	})
}

func (a *App) liveOverview(c *fiber.Ctx) error {
	v, err := a.visit(c, staff.SeeQueue)
	if err != nil {
		return err
	}
	return a.live(c, v.office, v.id, Feed{
		Key: "overview/" + v.id, Tick: otherTick, SameOrigin: true, Allowed: a.stillMay(c, staff.SeeQueue, v.id),
		View: &feed{app: a, id: v.id, render: func(s *queue.State, _ uint64, now time.Time) any {
			return viewQueue(s, now)
		}},
	})
}

// stillMay asks again for the session that a staff socket was opened with.
func (a *App) stillMay(c *fiber.Ctx, action staff.Action, office string) func() bool {
	token, ok := bearer(c)
	if !ok {
		if token = a.sessionToken(c); token == "" {
			token = a.cookie(c, deviceCookie)
		}
	}
	return func() bool {
		ctx, done := context.WithTimeout(context.Background(), time.Second)
		defer done()
		who, err := a.Staff.Session(ctx, token)
		if errors.Is(err, staff.ErrNoSession) {
			device, deviceErr := a.Staff.Device(ctx, token)
			who, err = device.Session(), deviceErr
		}
		switch {
		case errors.Is(err, staff.ErrUnpaired):
			return false
		case err != nil:
			return true // the store is down: screens stay readable
		}
		return staff.May(who, action, office)
	}
}

// live hands the request over, when this node knows at least what the client
// has seen.
func (a *App) live(c *fiber.Ctx, office *ledger.Office, id string, f Feed) error {
	if a.Live == nil {
		return fiber.ErrNotFound
	}
	if f.SameOrigin && !a.SameOrigin(c) {
		return forbidden("foreign_origin")
	}
	since := c.Query("since")
	if last := c.Get("Last-Event-ID"); last != "" && strings.Contains(c.Get(fiber.HeaderAccept), "text/event-stream") {
		since = last
	}
	if epoch, text, ok := strings.Cut(since, ":"); ok {
		version, err := strconv.ParseUint(text, 10, 64)
		ahead := false
		office.Read(func(s *queue.State) { ahead = err == nil && epoch == s.Epoch && version > s.Version })
		if ahead {
			if err := a.admit(c, "witnesses"); err != nil {
				return err
			}
			if err := office.CatchUp(c.UserContext(), epoch, version); err != nil {
				return err
			}
		}
	}
	f.Office = id
	a.watched.hold(a, id)
	return a.Live(c, f)
}
