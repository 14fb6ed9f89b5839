package display

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/calendar"
	"antrean/internal/queue"
	"antrean/static"
)

// A past day on the lobby's screen: the page shows the hall as it was, the API
// what changed after that, an hour at a time.

const (
	replayChunk  = time.Hour
	replayFlicks = 2 * time.Second // what changes sooner is shown with what follows, calls included
	usualSpeed   = 60
)

var replaySpeeds = []int{1, 10, 60, 300}

// replayFrame is the screen at a moment of the day.
type replayFrame struct {
	At      time.Time       `json:"at"`
	Version uint64          `json:"version"`
	Data    json.RawMessage `json:"data"`
}

// playback goes through a day.
type playback struct {
	state *queue.State
	rest  []pastEvent
}

func (d *pastDay) play() *playback { return &playback{d.before.Clone(), d.events} }

// to folds what happened up to a moment.
func (p *playback) to(at time.Time) error {
	for len(p.rest) > 0 && !p.rest[0].At.After(at) {
		if err := p.state.Apply(p.rest[0].version, p.rest[0].Event); err != nil {
			return err
		}
		p.rest = p.rest[1:]
	}
	return nil
}

// hours are when a replay of the day begins and ends: with the doors, or with
// what was done before and after.
func (d *pastDay) hours(config *queue.Config) (begins, ends time.Time) {
	begins, ends, _ = config.Calendar().Bounds(d.date)
	for _, e := range d.events {
		if storyKind(e.Type()) != "call" {
			continue
		}
		if begins.IsZero() || e.At.Before(begins) {
			begins = e.At
		}
		if e.At.After(ends) {
			ends = e.At
		}
	}
	zone := config.Calendar().Zone()
	if begins.IsZero() {
		begins, ends = d.events[0].At, d.events[len(d.events)-1].At
	}
	return begins.In(zone).Truncate(30 * time.Minute), ends.In(zone).Truncate(time.Minute).Add(time.Minute)
}

// hallOf is an office in which nothing has happened yet.
func hallOf(office string, config *queue.Config) *queue.State {
	s := queue.NewState(office)
	s.Config = config
	return s
}

// configOf is the configuration that the day began with, or the first that it
// was given.
func (d *pastDay) configOf() *queue.Config {
	if d.before.Config != nil {
		return d.before.Config
	}
	for _, e := range d.events {
		if f, ok := e.Fact.(*queue.OfficeConfigured); ok {
			return f.Config
		}
	}
	return nil
}

// second is how far into the date a moment lies.
func (d *pastDay) second(at time.Time, zone *time.Location) int {
	midnight, _ := time.ParseInLocation(time.DateOnly, string(d.date), zone) // valid
	return int(at.Sub(midnight) / time.Second)
}

func (d *pastDay) at(second int, zone *time.Location) time.Time {
	midnight, _ := time.ParseInLocation(time.DateOnly, string(d.date), zone) // valid
	return midnight.Add(time.Duration(second) * time.Second)
}

// replayDate is the date that was asked for: yesterday, unless another was.
func (a *App) replayDate(c *fiber.Ctx, v visit) (calendar.Date, error) {
	var yesterday calendar.Date
	now := a.Offices.Now()
	v.office.Read(func(s *queue.State) { yesterday = s.Today(now).AddDays(-1) })
	date := calendar.Date(c.Query("date", string(yesterday)))
	if !date.Valid() {
		return "", invalidField("date", "format")
	}
	return date, nil
}

// replayPage is the lobby's screen as it was.
func (a *App) replayPage(c *fiber.Ctx, v visit) error {
	date, err := a.replayDate(c, v)
	if err != nil {
		return err
	}
	day, err := a.pastDay(c.UserContext(), v, date)
	if err != nil {
		return err
	}
	v.office.Read(func(s *queue.State) { c.Locals(hallLanguage, s.Config.Languages[0]) })
	query := "?date=" + string(date)
	r := &static.Replay{
		Date: string(date), Day: dayOf(v, date), Action: "/admin/offices/" + v.id + "/replay", Back: "/admin/offices/" + v.id + "/report" + query,
		Frames: "/api/v1/offices/" + v.id + "/replay" + query, Speed: usualSpeed, Speeds: replaySpeeds, Sound: c.Query("sound") == "on",
	}
	if speed, err := strconv.Atoi(c.Query("speed")); err == nil && slices.Contains(replaySpeeds, speed) {
		r.Speed = speed
	}
	p := static.DisplayPage{Page: a.base(c), Replay: r}
	var config *queue.Config
	if day != nil {
		config = day.configOf()
	}
	if config == nil {
		r.Empty = true
		v.office.Read(func(s *queue.State) {
			p.View = viewDisplay(hallOf(s.Office, s.Config), 0, r.Day, nil)
			p.Live = static.Live{At: r.Day, Confirmed: r.Day}
		})
		return a.page(c, fiber.StatusOK, "display", p)
	}
	zone := config.Calendar().Zone()
	begins, ends := day.hours(config)
	r.From, r.End = day.second(begins, zone), day.second(ends, zone)
	for hour := r.From / 3600; hour*3600 < r.End; hour++ {
		r.Hours = append(r.Hours, hour)
	}
	if hour, err := strconv.Atoi(c.Query("at")); err == nil && slices.Contains(r.Hours, hour) {
		r.From = max(r.From, hour*3600)
	}
	at := day.at(r.From, zone)
	play := day.play()
	if err := play.to(at); err != nil {
		return err
	}
	if play.state.Config == nil { // the office was made later that day
		play.state = hallOf(v.id, config)
	}
	p.View = viewDisplay(play.state, 0, at, nil)
	p.Live = static.Live{URL: "/", Epoch: "replay", Version: play.state.Version, At: at, Confirmed: at}
	return a.page(c, fiber.StatusOK, "display", p)
}

// replay answers what the screen showed in the hour after a moment of a day:
// `from` counts its seconds.
func (a *App) replay(c *fiber.Ctx, v visit) error {
	date, err := a.replayDate(c, v)
	if err != nil {
		return err
	}
	from, err := strconv.Atoi(c.Query("from", "0"))
	if err != nil || from < 0 || from > 48*3600 {
		return invalidField("from", "number_range")
	}
	day, err := a.pastDay(c.UserContext(), v, date)
	if err != nil {
		return err
	}
	frames := []replayFrame{}
	until := from + int(replayChunk/time.Second)
	if day != nil && day.configOf() != nil {
		if frames, err = day.frames(from, until); err != nil {
			return err
		}
	}
	return c.JSON(fiber.Map{"frames": frames, "next": until})
}

// frames are what the screen shows between two seconds of the day, where it
// changes; the first is as it was at the first.
func (d *pastDay) frames(from, until int) ([]replayFrame, error) {
	zone := d.configOf().Calendar().Zone()
	end := d.at(until, zone)
	play, frames := d.play(), []replayFrame{}
	var shown []byte
	var version uint64
	show := func(at time.Time) error {
		if play.state.Config == nil {
			return nil
		}
		data, err := json.Marshal(viewDisplay(play.state, version, at, nil))
		if err != nil {
			return fmt.Errorf("show %s again: %w", d.date, err)
		}
		version = play.state.Version
		if !bytes.Equal(data, shown) {
			frames, shown = append(frames, replayFrame{here(play.state, at), version, data}), data
		}
		return nil
	}
	for at := d.at(from, zone); at.Before(end); {
		if err := play.to(at); err != nil {
			return nil, err
		}
		if err := show(at); err != nil {
			return nil, err
		}
		// Next: when something happens, or at the minute, for what time changes.
		next := at.Truncate(time.Minute).Add(time.Minute)
		if len(play.rest) > 0 && play.rest[0].At.Before(next) {
			next = play.rest[0].At
			if soonest := at.Add(replayFlicks); next.Before(soonest) {
				next = soonest
			}
		}
		at = next
	}
	return frames, nil
}
