package queue

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"antrean/internal/calendar"
)

// Config is everything that one office decides for itself. Its JSON and YAML
// names are the contract with administrators. A Config in a State is prepared
// and never changed; a new one replaces it.
type Config struct {
	ID        string   `json:"id" yaml:"id"`
	Name      string   `json:"name" yaml:"name"`
	Address   string   `json:"address,omitempty" yaml:"address,omitempty"`
	Timezone  string   `json:"timezone" yaml:"timezone"`
	Languages []string `json:"languages,omitempty" yaml:"languages,omitempty"`

	Hours    map[string][]string `json:"hours" yaml:"hours"`
	Special  map[string]Special  `json:"special,omitempty" yaml:"special,omitempty"`
	Closures []string            `json:"closures,omitempty" yaml:"closures,omitempty"`

	Booking   Booking         `json:"booking" yaml:"booking"`
	NoShow    NoShowRules     `json:"noshow" yaml:"noshow"`
	Calling   Calling         `json:"calling" yaml:"calling"`
	Stages    []Stage         `json:"stages" yaml:"stages"`
	Services  []Service       `json:"services" yaml:"services"`
	Counters  []CounterConfig `json:"counters" yaml:"counters"`
	Limits    map[string]Rate `json:"limits,omitempty" yaml:"limits,omitempty"`
	Retention Retention       `json:"retention" yaml:"retention"`
	// Messages are the office's own words of what people are told, by language
	// and kind of message.
	Messages map[string]map[string]Wording `json:"messages,omitempty" yaml:"messages,omitempty"`
	Privacy  Privacy                       `json:"privacy,omitzero" yaml:"privacy,omitempty"`

	hours *calendar.Hours
	dated map[calendar.Date]map[string]Capacity // of dates with a capacity of their own, by service
	auto  map[string]int                        // places a slot that the counters allow, by service
}

// Text is a name in several languages, by language tag.
type Text map[string]string

// In returns the text in the language, else in Indonesian, else any.
func (t Text) In(language string) string {
	for _, l := range []string{language, "id", "en"} {
		if s := t[l]; s != "" {
			return s
		}
	}
	for _, s := range t {
		return s
	}
	return ""
}

// Booking holds the rules of booking an hour.
type Booking struct {
	Slot            calendar.Duration `json:"slot,omitempty" yaml:"slot,omitempty"`
	Horizon         calendar.Duration `json:"horizon,omitempty" yaml:"horizon,omitempty"`
	PerIdentity     int               `json:"per_identity,omitempty" yaml:"per_identity,omitempty"`
	PartyMax        int               `json:"party_max,omitempty" yaml:"party_max,omitempty"`
	Reschedules     *int              `json:"reschedules,omitempty" yaml:"reschedules,omitempty"`
	RescheduleUntil calendar.Duration `json:"reschedule_until,omitempty" yaml:"reschedule_until,omitempty"`
	PaymentWithin   calendar.Duration `json:"payment_within,omitempty" yaml:"payment_within,omitempty"`
	ConfirmBy       calendar.Duration `json:"confirm_by,omitempty" yaml:"confirm_by,omitempty"`
}

// NoShowRules say what happens to people who do not come.
type NoShowRules struct {
	CheckInGrace       calendar.Duration      `json:"check_in_grace,omitempty" yaml:"check_in_grace,omitempty"`
	AbsentReturns      *int                   `json:"absent_returns,omitempty" yaml:"absent_returns,omitempty"`
	AbsentAfter        *calendar.Duration     `json:"absent_after,omitempty" yaml:"absent_after,omitempty"`
	StandbyOffer       calendar.Duration      `json:"standby_offer,omitempty" yaml:"standby_offer,omitempty"`
	FutureReleaseDelay calendar.DurationRange `json:"future_release_delay,omitempty" yaml:"future_release_delay,omitempty"`
	SelfCheckIn        string                 `json:"self_check_in,omitempty" yaml:"self_check_in,omitempty"` // "open" or "code"
}

// Calling holds the parameters of the calling policy.
type Calling struct {
	PriorityShare     Ratio             `json:"priority_share,omitempty" yaml:"priority_share,omitempty"`
	Ceiling           calendar.Duration `json:"ceiling,omitempty" yaml:"ceiling,omitempty"`
	Offsets           Offsets           `json:"offsets,omitempty" yaml:"offsets,omitempty"`
	OfficersMayChoose bool              `json:"officers_may_choose,omitempty" yaml:"officers_may_choose,omitempty"`
	UndoWithin        calendar.Duration `json:"undo_within,omitempty" yaml:"undo_within,omitempty"`
	LockAfter         calendar.Duration `json:"lock_after,omitempty" yaml:"lock_after,omitempty"`     // a tablet that nobody touched asks for the PIN
	PriorityFor       Text              `json:"priority_for,omitempty" yaml:"priority_for,omitempty"` // who may take a priority number, as people are asked
}

// Offsets are the waits that each lane is given before it is due.
type Offsets struct {
	Priority    *calendar.Duration `json:"priority,omitempty" yaml:"priority,omitempty"`
	Appointment *calendar.Duration `json:"appointment,omitempty" yaml:"appointment,omitempty"`
	Walkin      *calendar.Duration `json:"walkin,omitempty" yaml:"walkin,omitempty"`
}

// Stage is one step of a visit, such as the document check.
type Stage struct {
	ID   string `json:"id" yaml:"id"`
	Name Text   `json:"name" yaml:"name"`
}

// Service is what people come for. Its prefix begins every number.
type Service struct {
	ID             string               `json:"id" yaml:"id"`
	Prefix         string               `json:"prefix" yaml:"prefix"`
	Name           Text                 `json:"name" yaml:"name"`
	Fee            int64                `json:"fee,omitempty" yaml:"fee,omitempty"` // whole rupiah
	Stages         []string             `json:"stages" yaml:"stages"`
	SlotCapacity   Capacity             `json:"slot_capacity,omitzero" yaml:"slot_capacity,omitempty"`      // places a slot; none: not booked
	ServiceTime    calendar.Duration    `json:"service_time,omitempty" yaml:"service_time,omitempty"`       // at one counter; what capacity "auto" counts with
	WalkinCapacity *int                 `json:"walkin_capacity,omitempty" yaml:"walkin_capacity,omitempty"` // numbers a day; nil: no limit
	PickupAfter    calendar.WorkingDays `json:"pickup_after,omitempty" yaml:"pickup_after,omitempty"`
	Bring          Text                 `json:"bring,omitempty" yaml:"bring,omitempty"`
}

// CounterConfig is one counter (loket) of the hall. Empty lists do not limit.
type CounterConfig struct {
	ID       string   `json:"id" yaml:"id"`
	Name     string   `json:"name" yaml:"name"`
	Spoken   string   `json:"spoken,omitempty" yaml:"spoken,omitempty"`
	Stages   []string `json:"stages,omitempty" yaml:"stages,omitempty"`
	Services []string `json:"services,omitempty" yaml:"services,omitempty"`
	Lanes    []Lane   `json:"lanes,omitempty" yaml:"lanes,omitempty"`
}

// Retention says how long personal records and the log are kept.
type Retention struct {
	Personal calendar.Duration `json:"personal,omitempty" yaml:"personal,omitempty"`
	Log      calendar.Duration `json:"log,omitempty" yaml:"log,omitempty"`
}

// Ratio is a fraction written "1/3". The zero Ratio means "not given".
type Ratio struct{ Num, Den int }

func (r Ratio) MarshalText() ([]byte, error) {
	if r.Den == 0 {
		return nil, nil
	}
	return fmt.Appendf(nil, "%d/%d", r.Num, r.Den), nil
}

func (r *Ratio) UnmarshalText(text []byte) error {
	num, den, ok := strings.Cut(string(text), "/")
	n, err1 := strconv.Atoi(num)
	d, err2 := strconv.Atoi(den)
	if !ok || err1 != nil || err2 != nil || n < 0 || d <= 0 || n > d || d > 1_000_000 {
		return fmt.Errorf("%q is not a share (a fraction from 0/1 to 1/1, such as 1/3)", text)
	}
	*r = Ratio{n, d}
	return nil
}

// IsZero reports whether the ratio was not given.
func (r Ratio) IsZero() bool { return r.Den == 0 }

// Rate is a limit written "30/1m": so many in that time.
type Rate struct {
	Count int
	Per   time.Duration
}

func (r Rate) MarshalText() ([]byte, error) {
	per, err := calendar.Duration(r.Per).MarshalText()
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "%d/%s", r.Count, per), nil
}

func (r *Rate) UnmarshalText(text []byte) error {
	count, per, ok := strings.Cut(string(text), "/")
	n, err := strconv.Atoi(count)
	var d calendar.Duration
	if !ok || err != nil || n < 1 || d.UnmarshalText([]byte(per)) != nil || d <= 0 {
		return fmt.Errorf("%q is not a rate (count/duration, such as 30/1m)", text)
	}
	*r = Rate{n, d.D()}
	return nil
}

var (
	idPattern     = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)
	prefixPattern = regexp.MustCompile(`^[A-Z]{1,2}$`)
)

// Prepare fills what was left out with the usual values and checks the rest.
// A Config with errors must not be used. Fields are named as in the file.
func (c *Config) Prepare() []calendar.FieldError {
	var errs []calendar.FieldError
	bad := func(field, format string, args ...any) {
		errs = append(errs, calendar.FieldError{Field: field, Message: fmt.Sprintf(format, args...)})
	}
	c.fill()

	if !idPattern.MatchString(c.ID) {
		bad("id", "%q is not an id (1 to 40 of a-z, 0-9 and -)", c.ID)
	}
	if strings.TrimSpace(c.Name) == "" {
		bad("name", "is missing")
	}
	hours, hourErrs := calendar.Compile(c.plan())
	errs = append(errs, hourErrs...)
	c.hours = hours

	c.checkDurations(bad)
	c.checkLimits(bad)
	c.checkMessages(bad)
	c.checkPrivacy(bad)
	if c.Booking.PartyMax < 1 || c.Booking.PartyMax > 20 {
		bad("booking.party_max", "%d is out of range (1 to 20)", c.Booking.PartyMax)
	}
	if c.Booking.PerIdentity < 1 || c.Booking.PerIdentity > 20 {
		bad("booking.per_identity", "%d is out of range (1 to 20)", c.Booking.PerIdentity)
	}
	if *c.Booking.Reschedules < 0 {
		bad("booking.reschedules", "%d is out of range (0 or more)", *c.Booking.Reschedules)
	}
	if *c.NoShow.AbsentReturns < 0 {
		bad("noshow.absent_returns", "%d is out of range (0 or more)", *c.NoShow.AbsentReturns)
	}
	if s := c.NoShow.SelfCheckIn; s != "open" && s != "code" {
		bad("noshow.self_check_in", "%q is not allowed (open, code)", s)
	}

	stages := map[string]bool{}
	if len(c.Stages) == 0 {
		bad("stages", "at least one stage is needed")
	}
	for i, s := range c.Stages {
		at := fmt.Sprintf("stages[%d]", i)
		if !idPattern.MatchString(s.ID) {
			bad(at+".id", "%q is not an id (1 to 40 of a-z, 0-9 and -)", s.ID)
		}
		if stages[s.ID] {
			bad(at+".id", "%q is named twice", s.ID)
		}
		if s.Name.In("id") == "" {
			bad(at+".name", "is missing")
		}
		stages[s.ID] = true
	}
	services, prefixes := map[string]bool{}, map[string]bool{}
	if len(c.Services) == 0 {
		bad("services", "at least one service is needed")
	}
	for i, s := range c.Services {
		at := fmt.Sprintf("services[%d]", i)
		if !idPattern.MatchString(s.ID) {
			bad(at+".id", "%q is not an id (1 to 40 of a-z, 0-9 and -)", s.ID)
		}
		if services[s.ID] {
			bad(at+".id", "%q is named twice", s.ID)
		}
		if !prefixPattern.MatchString(s.Prefix) {
			bad(at+".prefix", "%q is not a prefix (one or two letters A-Z)", s.Prefix)
		} else if prefixes[s.Prefix] {
			bad(at+".prefix", "%q is used twice; numbers would not be unique", s.Prefix)
		}
		if s.Name.In("id") == "" {
			bad(at+".name", "is missing")
		}
		if s.Fee < 0 {
			bad(at+".fee", "%d is below 0", s.Fee)
		}
		if !s.SlotCapacity.inRange() {
			bad(at+".slot_capacity", "%s is out of range (0 to %d)", s.SlotCapacity, maxCapacity)
		}
		if s.ServiceTime != 0 && (s.ServiceTime.D() < time.Second || s.ServiceTime.D() > longestService) {
			bad(at+".service_time", "%s is out of range (1s to 1d)", s.ServiceTime)
		} else if s.SlotCapacity.Auto && s.ServiceTime == 0 {
			bad(at+".service_time", "is missing (like 8m; slot_capacity: auto counts with it)")
		}
		if s.WalkinCapacity != nil && *s.WalkinCapacity < 0 {
			bad(at+".walkin_capacity", "%d is below 0", *s.WalkinCapacity)
		}
		if len(s.Stages) == 0 {
			bad(at+".stages", "at least one stage is needed")
		}
		route := map[string]bool{}
		for j, id := range s.Stages {
			if !stages[id] {
				bad(fmt.Sprintf("%s.stages[%d]", at, j), "%q is not a stage of this office (%s)", id, strings.Join(c.stageIDs(), ", "))
			}
			if route[id] {
				bad(fmt.Sprintf("%s.stages[%d]", at, j), "%q is named twice", id)
			}
			route[id] = true
		}
		services[s.ID], prefixes[s.Prefix] = true, true
	}
	counters := map[string]bool{}
	for i, k := range c.Counters {
		at := fmt.Sprintf("counters[%d]", i)
		if !idPattern.MatchString(k.ID) {
			bad(at+".id", "%q is not an id (1 to 40 of a-z, 0-9 and -)", k.ID)
		}
		if counters[k.ID] {
			bad(at+".id", "%q is named twice", k.ID)
		}
		counters[k.ID] = true
		if strings.TrimSpace(k.Name) == "" {
			bad(at+".name", "is missing")
		}
		for j, id := range k.Stages {
			if !stages[id] {
				bad(fmt.Sprintf("%s.stages[%d]", at, j), "%q is not a stage of this office (%s)", id, strings.Join(c.stageIDs(), ", "))
			}
		}
		for j, id := range k.Services {
			if !services[id] {
				bad(fmt.Sprintf("%s.services[%d]", at, j), "%q is not a service of this office", id)
			}
		}
		for j, lane := range k.Lanes {
			if lane != Priority && lane != Appointment && lane != Walkin {
				bad(fmt.Sprintf("%s.lanes[%d]", at, j), "%q is not a lane (priority, appointment, walkin)", lane)
			}
		}
	}
	c.countPlaces()
	c.datePlaces()
	c.checkSpecial(bad)
	for i := range c.Services {
		s := &c.Services[i]
		if n := narrowest(c.CountedPlaces(s)); s.SlotCapacity.Auto && s.ServiceTime > 0 && s.ServiceTime.D() <= longestService && n.Places == 0 {
			bad(fmt.Sprintf("services[%d].slot_capacity", i), "the counters have no time for the stage %q (more counters, a longer slot, a shorter service_time, or a number)", n.Stage)
		}
	}
	return errs
}

// longestService is the longest service time that makes sense.
const longestService = 24 * time.Hour

// checkDurations holds each within what makes sense; what is 0 where only more
// is allowed was left out and has been filled.
func (c *Config) checkDurations(bad func(field, format string, args ...any)) {
	const day = 24 * time.Hour
	for _, d := range []struct {
		field             string
		is                calendar.Duration
		shortest, longest time.Duration
	}{
		{"booking.slot", c.Booking.Slot, time.Second, day},
		{"booking.horizon", c.Booking.Horizon, time.Second, 366 * day},
		{"booking.reschedule_until", c.Booking.RescheduleUntil, 0, 366 * day},
		{"booking.confirm_by", c.Booking.ConfirmBy, 0, 30 * day},
		{"booking.payment_within", c.Booking.PaymentWithin, time.Second, 366 * day},
		{"noshow.check_in_grace", c.NoShow.CheckInGrace, time.Second, day},
		{"noshow.absent_after", *c.NoShow.AbsentAfter, 0, day},
		{"noshow.standby_offer", c.NoShow.StandbyOffer, time.Second, day},
		{"noshow.future_release_delay", c.NoShow.FutureReleaseDelay.Max, 0, 30 * day},
		{"calling.ceiling", c.Calling.Ceiling, time.Second, 7 * day},
		{"calling.offsets.priority", *c.Calling.Offsets.Priority, 0, 7 * day},
		{"calling.offsets.appointment", *c.Calling.Offsets.Appointment, 0, 7 * day},
		{"calling.offsets.walkin", *c.Calling.Offsets.Walkin, 0, 7 * day},
		{"calling.undo_within", c.Calling.UndoWithin, time.Second, time.Hour},
		{"calling.lock_after", c.Calling.LockAfter, 0, day},
		{"retention.personal", c.Retention.Personal, time.Second, 3660 * day},
		{"retention.log", c.Retention.Log, time.Second, 3660 * day},
	} {
		if d.is.D() < d.shortest || d.is.D() > d.longest {
			bad(d.field, "%s is out of range (%s to %s)", d.is, calendar.Duration(d.shortest), calendar.Duration(d.longest))
		}
	}
}

// revive makes a configuration that was in force once fit for use again. It
// accepts what a later release would refuse: the log stays readable for ever.
func (c *Config) revive() error {
	c.fill()
	hours, errs := calendar.Compile(c.plan())
	if len(errs) > 0 {
		return fmt.Errorf("configuration: %w", errs[0])
	}
	if c.Booking.Slot.D() < time.Second {
		return fmt.Errorf("configuration: a slot of %s", c.Booking.Slot.D())
	}
	c.hours = hours
	c.countPlaces()
	c.datePlaces()
	return nil
}

// fill sets what the file left out.
func (c *Config) fill() {
	duration := func(d *calendar.Duration, usual time.Duration) {
		if *d == 0 {
			*d = calendar.Duration(usual)
		}
	}
	offset := func(d **calendar.Duration, usual time.Duration) {
		if *d == nil {
			u := calendar.Duration(usual)
			*d = &u
		}
	}
	one := func(n **int, usual int) {
		if *n == nil {
			*n = &usual
		}
	}
	if c.Timezone == "" {
		c.Timezone = "Asia/Jakarta"
	}
	if len(c.Languages) == 0 {
		c.Languages = []string{"id", "en"}
	}
	duration(&c.Booking.Slot, time.Hour)
	duration(&c.Booking.Horizon, 30*24*time.Hour)
	duration(&c.Booking.RescheduleUntil, 24*time.Hour)
	duration(&c.Booking.PaymentWithin, 2*time.Hour)
	if c.Booking.PerIdentity == 0 {
		c.Booking.PerIdentity = 1
	}
	if c.Booking.PartyMax == 0 {
		c.Booking.PartyMax = 5
	}
	one(&c.Booking.Reschedules, 1)
	duration(&c.NoShow.CheckInGrace, 30*time.Minute)
	one(&c.NoShow.AbsentReturns, 1)
	offset(&c.NoShow.AbsentAfter, 10*time.Minute)
	duration(&c.NoShow.StandbyOffer, 5*time.Minute)
	if c.NoShow.FutureReleaseDelay == (calendar.DurationRange{}) {
		c.NoShow.FutureReleaseDelay = calendar.DurationRange{Min: calendar.Duration(10 * time.Minute), Max: calendar.Duration(2 * time.Hour)}
	}
	if c.NoShow.SelfCheckIn == "" {
		c.NoShow.SelfCheckIn = "code"
	}
	if c.Calling.PriorityShare.IsZero() {
		c.Calling.PriorityShare = Ratio{1, 3}
	}
	duration(&c.Calling.Ceiling, time.Hour)
	duration(&c.Calling.UndoWithin, time.Minute)
	offset(&c.Calling.Offsets.Priority, 5*time.Minute)
	offset(&c.Calling.Offsets.Appointment, 20*time.Minute)
	offset(&c.Calling.Offsets.Walkin, 45*time.Minute)
	duration(&c.Retention.Personal, 30*24*time.Hour)
	duration(&c.Retention.Log, 365*24*time.Hour)
}

// LeftOut names the fields whose zero stands for the usual value, and that are
// zero. Who wrote a zero there did not mean that value. Call it before Prepare.
func (c *Config) LeftOut() []string {
	var names []string
	for _, f := range []struct {
		name string
		zero bool
	}{
		{"booking.slot", c.Booking.Slot == 0},
		{"booking.horizon", c.Booking.Horizon == 0},
		{"booking.reschedule_until", c.Booking.RescheduleUntil == 0},
		{"booking.payment_within", c.Booking.PaymentWithin == 0},
		{"booking.per_identity", c.Booking.PerIdentity == 0},
		{"booking.party_max", c.Booking.PartyMax == 0},
		{"noshow.check_in_grace", c.NoShow.CheckInGrace == 0},
		{"noshow.standby_offer", c.NoShow.StandbyOffer == 0},
		{"noshow.future_release_delay", c.NoShow.FutureReleaseDelay == (calendar.DurationRange{})},
		{"calling.ceiling", c.Calling.Ceiling == 0},
		{"calling.undo_within", c.Calling.UndoWithin == 0},
		{"retention.personal", c.Retention.Personal == 0},
		{"retention.log", c.Retention.Log == 0},
	} {
		if f.zero {
			names = append(names, f.name)
		}
	}
	return names
}

// Calendar is the office's own calendar. The Config must be prepared.
func (c *Config) Calendar() *calendar.Hours { return c.hours }

// Service returns the service with the id.
func (c *Config) Service(id string) (*Service, bool) { return find(c.Services, id, serviceID) }

// Stage returns the stage with the id.
func (c *Config) Stage(id string) (*Stage, bool) { return find(c.Stages, id, stageID) }

// Counter returns the counter with the id.
func (c *Config) Counter(id string) (*CounterConfig, bool) { return find(c.Counters, id, counterID) }

func serviceID(s *Service) string       { return s.ID }
func stageID(s *Stage) string           { return s.ID }
func counterID(k *CounterConfig) string { return k.ID }

func find[T any](all []T, id string, of func(*T) string) (*T, bool) {
	for i := range all {
		if of(&all[i]) == id {
			return &all[i], true
		}
	}
	return nil, false
}

func (c *Config) stageIDs() []string {
	ids := make([]string, len(c.Stages))
	for i, s := range c.Stages {
		ids[i] = s.ID
	}
	return ids
}

// LocksAfter is how long a tablet may lie untouched. It is not filled in as
// the others are, because the logs of former releases do not hold it.
func (c *Calling) LocksAfter() time.Duration {
	if c.LockAfter == 0 {
		return 10 * time.Minute
	}
	return c.LockAfter.D()
}

// offset is the wait that a lane is given before it is due.
func (c *Calling) offset(lane Lane) time.Duration {
	switch lane {
	case Priority:
		return c.Offsets.Priority.D()
	case Appointment:
		return c.Offsets.Appointment.D()
	default:
		return c.Offsets.Walkin.D()
	}
}
