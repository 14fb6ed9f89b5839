package display

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/calendar"
	"antrean/internal/ledger"
	"antrean/internal/queue"
	"antrean/internal/staff"
	"antrean/static"
)

// quietFor is how long nobody may be called while people wait before somebody
// should look.
const quietFor = 10 * time.Minute

// officePage is how one office is now.
func (a *App) officePage(c *fiber.Ctx, v visit) error {
	return a.showOffice(c, v, fiber.StatusOK, func(*static.OfficePage) {})
}

func (a *App) showOffice(c *fiber.Ctx, v visit, status int, change func(*static.OfficePage)) error {
	shell, err := a.adminShell(c, v.who, v.id, "now")
	if err != nil {
		return err
	}
	p := static.OfficePage{AdminShell: shell, Key: newKey()}
	p.Path = "/admin/offices/" + v.id
	devices, troubled := a.devicesOf(c.UserContext()), a.troubled(c.UserContext())
	now := a.Offices.Now()
	_, confirmed := v.office.Confirmed()
	v.office.Read(func(s *queue.State) {
		p.Live = a.liveAt("/live/offices/"+v.id+"/overview", s, now, confirmed)
		p.Now = viewOfficeNow(s, now, devices[v.id])
	})
	warn(&p.Now.AdminCard, troubled)
	warnReadOnly(&p.Now.AdminCard, v.office)
	change(&p)
	return a.page(c, status, "office", p)
}

// devicesOf are the paired devices by office. While the store does not tell,
// there are none: the hall is what matters.
func (a *App) devicesOf(ctx context.Context) map[string][]static.OfficeDevice {
	all, err := a.Staff.Devices(ctx)
	if err != nil {
		a.Log.Warn("devices cannot be listed", "error", err)
	}
	devices := map[string][]static.OfficeDevice{}
	for _, d := range all {
		since := time.Since(d.Health.Seen) // devices live by real time, whatever the office's clock says
		one := static.OfficeDevice{Name: d.Name, Kind: string(d.Kind), Silent: since > silentAfter, Minutes: int(since / time.Minute)}
		if d.Health.Seen.IsZero() {
			one.Minutes = -1
		}
		one.Mute = d.Kind == staff.DisplayDevice && !one.Silent && !d.Health.Sound
		devices[d.Office] = append(devices[d.Office], one)
	}
	return devices
}

func viewOfficeNow(s *queue.State, now time.Time, devices []static.OfficeDevice) static.OfficeNow {
	_, opens := phaseOf(s, now)
	v := static.OfficeNow{AdminCard: viewCard(s, now, devices), At: here(s, now), Opens: opens, Suspension: viewSuspension(s), Devices: devices}
	if s.MutedUntil.After(now) {
		v.Muted = moment(s, s.MutedUntil)
	}
	v.Lines = viewLines(s, now)
	for _, t := range parkedFor(s, &queue.CounterConfig{}) {
		v.Parked = append(v.Parked, viewNumber(s, t, now))
	}
	for _, config := range s.Config.Counters {
		v.Seats = append(v.Seats, viewSeat(s, &config, now))
	}
	for _, t := range s.Tickets {
		if t.Late() && t.Date == s.Today(now) {
			v.Late = append(v.Late, static.OfficeHour{Number: t.Number, Slot: slotOf(s, t)})
		}
	}
	slices.SortFunc(v.Late, func(a, b static.OfficeHour) int {
		return cmp.Or(a.Slot.Start.Compare(b.Slot.Start), cmp.Compare(a.Number, b.Number))
	})
	for _, t := range s.AllAtRisk(now) {
		v.AtRisk = append(v.AtRisk, static.OfficeHour{Number: t.Number, Slot: slotOf(s, t)})
	}
	for _, t := range s.StandingBy(func(t *queue.Ticket) bool { return t.Date == s.Today(now) }) {
		hour := static.OfficeHour{Number: t.Number}
		if offer := viewOffer(s, t, now); offer != nil {
			hour.Slot, hour.Until = &offer.Slot, &offer.Expires
		}
		v.Standby = append(v.Standby, hour)
	}
	for _, t := range askingHelp(s, now) {
		v.Help = append(v.Help, static.StaffHelp{Number: t.Number})
	}
	return v
}

func viewNumber(s *queue.State, t *queue.Ticket, now time.Time) static.OfficeNumber {
	waited := max(0, s.Waited(t, now))
	return static.OfficeNumber{
		Number: t.Number, Minutes: int(waited / time.Minute),
		Over: waited > s.Config.Calling.Ceiling.D(), Help: !t.Help.IsZero(),
	}
}

// viewLines are those who wait, by service in the order of the configuration and
// by lane.
func viewLines(s *queue.State, now time.Time) (lines []static.OfficeLine) {
	type key struct {
		service string
		lane    queue.Lane
	}
	people := map[key][]static.OfficeNumber{}
	for _, stage := range s.Config.Stages {
		for _, t := range s.Waiting(stage.ID) {
			k := key{t.Service, t.Lane}
			people[k] = append(people[k], viewNumber(s, t, now))
		}
	}
	for _, service := range s.Config.Services {
		for _, lane := range []queue.Lane{queue.Priority, queue.Appointment, queue.Walkin} {
			line := static.OfficeLine{Service: static.Text(service.Name), Lane: string(lane), People: people[key{service.ID, lane}]}
			slices.SortStableFunc(line.People, func(a, b static.OfficeNumber) int { return b.Minutes - a.Minutes })
			if len(line.People) > 0 {
				lines = append(lines, line)
			}
		}
	}
	return lines
}

func viewSeat(s *queue.State, config *queue.CounterConfig, now time.Time) static.OfficeSeat {
	k := s.Counter(config.ID)
	seat := static.OfficeSeat{ID: config.ID, Name: config.Name, State: string(k.State), Officer: k.Officer}
	if current := viewCurrent(s, k); current != nil {
		seat.Number, seat.Since = current.Number, current.Since
		seat.Serving = current.State == string(queue.Serving)
		seat.Minutes = int(max(0, now.Sub(current.Since)) / time.Minute)
	}
	if k.Day == s.Today(now) {
		seat.Served = k.Served
	}
	return seat
}

// viewCard is an office at a glance.
func viewCard(s *queue.State, now time.Time, devices []static.OfficeDevice) static.AdminCard {
	v := viewQueue(s, now)
	card := static.AdminCard{
		ID: s.Office, Name: s.Config.Name, Phase: v.Phase, Suspended: v.Suspended,
		Waiting: len(v.Waiting), Counters: len(v.Counters), Expected: v.Expected, Served: v.Counts[string(queue.Done)],
	}
	for _, k := range v.Counters {
		if k.State == string(queue.Open) {
			card.Open++
		}
	}
	over := 0
	for _, waiting := range v.Waiting {
		n := viewNumber(s, s.Tickets[waiting.Ticket], now)
		card.Longest = max(card.Longest, n.Minutes)
		if n.Over {
			over++
		}
	}
	alert := func(id, what string, n int) {
		card.Alerts = append(card.Alerts, static.AdminAlert{ID: id, What: what, N: n})
	}
	for date, left := range leftOver(s, now) {
		card.Alerts = append(card.Alerts, static.AdminAlert{ID: "unended", Day: dayStart(s, date), N: left, URL: "/admin/offices/" + s.Office + "/days?date=" + string(date)})
	}
	if !v.Suspended && card.Waiting > 0 {
		if quiet := quietSince(s, now); card.Open == 0 {
			alert("no_counter", "", card.Waiting)
		} else if quiet >= quietFor {
			alert("no_call", "", int(quiet/time.Minute))
		}
		if over > 0 {
			card.Alerts = append(card.Alerts, static.AdminAlert{ID: "ceiling", N: over, Seconds: int(s.Config.Calling.Ceiling.D() / time.Second)})
		}
	}
	for _, d := range devices {
		switch {
		case d.Kind != string(staff.DisplayDevice) && d.Kind != string(staff.KioskDevice): // the others are switched off when nobody works at them
		case d.Minutes < 0:
			alert("never_seen", d.Name, 0)
		case d.Silent:
			alert("silent", d.Name, d.Minutes)
		case d.Mute:
			alert("mute", d.Name, 0)
		}
	}
	return card
}

// troubled are the channels that reach nobody now, for the cards of offices. A card
// without them is better than none: whoever tells people may be away.
func (a *App) troubled(ctx context.Context) []static.Channel {
	if a.Channels == nil {
		return nil
	}
	all, err := a.Channels.State(ctx)
	if err != nil {
		a.Log.Warn("the channels are unknown", "error", err)
	}
	return slices.DeleteFunc(all, func(c static.Channel) bool { return c.State == "works" })
}

// warn adds the channels that the office tells people by.
func warn(card *static.AdminCard, troubled []static.Channel) {
	for _, c := range troubled {
		if len(c.Offices) == 0 || slices.Contains(c.Offices, card.ID) {
			card.Alerts = append(card.Alerts, static.AdminAlert{ID: "channel_" + c.State, What: c.Name})
		}
	}
}

// unendedFor is how long after its closing a day may go on, into the night, before
// somebody should say how it ends.
const unendedFor = 3 * time.Hour

// leftOver are the past days on which people are left in the queue, the earliest
// first, and how many. No day ends by itself while somebody is left; but who has
// gone home keeps their place in the queue, and can book no other, until it does.
func leftOver(s *queue.State, now time.Time) iter.Seq2[calendar.Date, int] {
	left := map[calendar.Date]int{}
	for _, t := range s.Tickets {
		if t.Date >= s.Today(now) || t.Status.Ended() || t.Status == queue.Booked {
			continue
		}
		if _, closes, open := s.Config.Calendar().Bounds(t.Date); !open || now.Sub(closes) > unendedFor {
			left[t.Date]++
		}
	}
	return func(yield func(calendar.Date, int) bool) {
		for _, date := range slices.Sorted(maps.Keys(left)) {
			if !yield(date, left[date]) {
				return
			}
		}
	}
}

// warnReadOnly says first of all that this node cannot write the office.
func warnReadOnly(card *static.AdminCard, office *ledger.Office) {
	err := office.ReadOnly()
	if err == nil {
		return
	}
	alert := static.AdminAlert{ID: "read_only"}
	if errors.Is(err, queue.ErrNewer) {
		alert.ID = "older_release"
	}
	card.Alerts = append([]static.AdminAlert{alert}, card.Alerts...)
}

// quietSince is for how much working time nobody was called though somebody
// could be.
func quietSince(s *queue.State, now time.Time) time.Duration {
	var since time.Time
	for _, stage := range s.Config.Stages {
		for _, t := range s.Waiting(stage.ID) {
			from := t.Since
			if t.NotBefore.After(from) {
				from = t.NotBefore
			}
			if from.Before(now) && (since.IsZero() || from.Before(since)) {
				since = from
			}
		}
	}
	if since.IsZero() {
		return 0
	}
	for _, call := range s.Calls {
		if !call.Withdrawn && call.At.After(since) {
			since = call.At
		}
	}
	return s.Config.Calendar().Worked(since, now, s.Pauses())
}

// pageSuspend stands the office still from the page.
func (a *App) pageSuspend(c *fiber.Ctx, v visit) error {
	ask := queue.Suspend{Reason: c.FormValue("reason")}
	err := error(nil)
	if text := c.FormValue("until"); text != "" {
		if ask.Until, err = a.todayAt(v, text); err != nil {
			err = invalidField("until", "format")
		}
	}
	if err == nil {
		err = a.adminAct(c, v, ask)
	}
	return a.afterOfficeAct(c, v, err, "suspended")
}

func (a *App) pageResume(c *fiber.Ctx, v visit) error {
	return a.afterOfficeAct(c, v, a.adminAct(c, v, queue.Resume{}), "resumed")
}

// pageMute keeps the hall silent for some minutes, or lets it sound again (0).
func (a *App) pageMute(c *fiber.Ctx, v visit) error {
	minutes, _, ok := wholeNumber(c.FormValue("minutes"))
	if !ok {
		return a.afterOfficeAct(c, v, invalidField("minutes", "mute_minutes"), "")
	}
	said := "muted"
	if minutes == 0 {
		said = "sounding"
	}
	return a.afterOfficeAct(c, v, a.adminAct(c, v, queue.MuteSound{Minutes: minutes}), said)
}

func (a *App) afterOfficeAct(c *fiber.Ctx, v visit, err error, said string) error {
	if err == nil {
		return c.Redirect("/admin/offices/"+v.id+"?said="+said, fiber.StatusSeeOther)
	}
	r, err := a.refusal(c, err)
	if err != nil {
		return err
	}
	return a.showOffice(c, v, r.status, func(p *static.OfficePage) {
		p.Key, p.Problem, p.Wrong, p.Typed = r.key, r.problem, r.wrong, typedIn(c, "reason", "until")
	})
}

// todayAt is a time of the office's day, "14:30".
func (a *App) todayAt(v visit, text string) (at time.Time, err error) {
	v.office.Read(func(s *queue.State) {
		today := s.Today(a.Offices.Now())
		at, err = time.ParseInLocation("2006-01-02 15:04", string(today)+" "+text, s.Config.Calendar().Zone())
	})
	return at.UTC(), err
}
