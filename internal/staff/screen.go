package staff

import (
	"context"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"

	"antrean/internal/ledger"
)

// Screen is how a lobby's screen is set up. A device without it is as
// UsualScreen says.
type Screen struct {
	Lobby     string   `json:"lobby,omitempty"`     // screens of an office with the same name share one voice
	Services  []string `json:"services,omitempty"`  // shown; empty: all
	Counters  []string `json:"counters,omitempty"`  // shown and called; empty: all
	Languages []string `json:"languages,omitempty"` // shown by turns and spoken one after the other; empty: the office's first
	Sound     bool     `json:"sound"`
	Volume    int      `json:"volume"` // percent

	Brightness []Brightness `json:"brightness,omitempty"` // in the order of the day; empty: full all day
	Shift      bool         `json:"shift"`                // moves the picture by some pixels, so that it does not burn in
	Pictures   bool         `json:"pictures"`             // the server's pictures beside the numbers

	Depth float64 `json:"depth,omitempty"` // of the hall in metres: how far away people read it; 0: not said
}

// Brightness is how bright a screen is from a time of the day on, until the
// next.
type Brightness struct {
	From    string `json:"from"`    // "17:00"
	Percent int    `json:"percent"` // 20 to 100
}

// UsualScreen is what a screen does that nobody has set up.
func UsualScreen() Screen { return Screen{Sound: true, Volume: 100, Shift: true} }

// SetUp is how the device's screen is set up.
func (d Device) SetUp() Screen {
	if d.Screen == nil {
		return UsualScreen()
	}
	return *d.Screen
}

// Flaw is what is wrong with a field of a screen's settings. Reason is the id
// of the words for it.
type Flaw struct{ Field, Reason string }

var (
	lobbyName = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N} ._-]*$`)
	dayTime   = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d$`)
)

// Flaws are what is wrong with the settings for an office with those services,
// counters and languages.
func (s Screen) Flaws(services, counters, languages []string) []Flaw {
	var flaws []Flaw
	bad := func(field, reason string) { flaws = append(flaws, Flaw{field, reason}) }
	if s.Lobby != "" && (utf8.RuneCountInString(s.Lobby) > 40 || !lobbyName.MatchString(s.Lobby)) {
		bad("lobby", "lobby")
	}
	among := func(field string, chosen, known []string) {
		for i, id := range chosen {
			if !slices.Contains(known, id) || slices.Contains(chosen[:i], id) {
				bad(fmt.Sprintf("%s[%d]", field, i), "unknown_choice")
			}
		}
	}
	among("services", s.Services, services)
	among("counters", s.Counters, counters)
	among("languages", s.Languages, languages)
	if s.Volume < 0 || s.Volume > 100 {
		bad("volume", "percent")
	}
	if len(s.Brightness) > 24 {
		bad("brightness", "too_many")
	}
	for i, b := range s.Brightness {
		field := fmt.Sprintf("brightness[%d]", i)
		switch {
		case !dayTime.MatchString(b.From), i > 0 && b.From <= s.Brightness[i-1].From:
			bad(field+".from", "day_time")
		case b.Percent < 20 || b.Percent > 100:
			bad(field+".percent", "brightness")
		}
	}
	if s.Depth != 0 && !(s.Depth >= 1 && s.Depth <= 100) {
		bad("depth", "depth")
	}
	return flaws
}

// SetScreen sets a lobby's screen up. It returns ErrUnpaired for a device that
// is not there.
func (s *Staff) SetScreen(ctx context.Context, id string, screen Screen) (Device, error) {
	for {
		d, raw, err := s.device(ctx, id)
		if err != nil {
			return Device{}, err
		}
		d.Screen = &screen
		stands, err := s.replace(ctx, devicePrefix+id, raw, d, 0)
		if err != nil {
			return Device{}, fmt.Errorf("set up device %s: %w", id, err)
		}
		if stands {
			return d, nil
		}
		// A report of the device was faster; it may not swallow the settings.
	}
}

const (
	voicePrefix = "staff/voice/" // staff/voice/<office>/<lobby>
	// voiceLent is for how long a screen has a lobby's voice after it asked;
	// screen.js asks every five seconds.
	voiceLent  = 20 * time.Second
	voiceRenew = 8 * time.Second
	voiceKept  = 2 * time.Minute // what was spoken last is known for longer than a call is fresh
)

// voice is who speaks in a lobby.
type voice struct {
	Device string    `json:"device"` // "": nobody
	Until  time.Time `json:"until"`
	Spoken string    `json:"spoken"` // id of the call that was spoken last
}

// Speak asks for the voice of the device's lobby. The device gets it if it can
// be heard and nobody else has it; one that cannot be heard any more gives it
// back. Two devices never have it at the same time by this node's clock. spoken
// is the call that the device spoke last; last is the one that was spoken last
// in the lobby.
func (s *Staff) Speak(ctx context.Context, d Device, canBeHeard bool, spoken string) (speaks bool, last string, err error) {
	record := voicePrefix + d.Office + "/" + d.SetUp().Lobby
	canBeHeard = canBeHeard && d.SetUp().Sound
	for {
		var v voice
		raw, err := s.load(ctx, record, &v)
		if err != nil && !errors.Is(err, ledger.ErrAbsent) {
			return false, "", fmt.Errorf("ask for the voice: %w", err)
		}
		now := s.now().UTC()
		next := v
		mine := v.Device == d.ID
		switch {
		case mine && !canBeHeard:
			next.Device = ""
		case canBeHeard && (mine || v.Device == "" || !now.Before(v.Until)):
			next.Device = d.ID
		default:
			return false, v.Spoken, nil
		}
		if mine && spoken != "" {
			next.Spoken = clip(spoken)
		}
		if next == v && mine && v.Until.Sub(now) > voiceLent-voiceRenew {
			return true, v.Spoken, nil
		}
		next.Until = now.Add(voiceLent)
		stands, err := s.replace(ctx, record, raw, next, voiceKept)
		if err != nil {
			return false, "", fmt.Errorf("ask for the voice: %w", err)
		}
		if stands {
			return next.Device == d.ID, v.Spoken, nil
		}
	}
}

// How high the digits of the called number are, in hundredths of the picture's
// height, alone and beside pictures; page-tv.css draws them.
const (
	numberHeight       = 24.4
	numberHeightBeside = numberHeight * 0.62
)

// DiagonalFor is the smallest 16:9 screen, in whole inches, whose called number
// is at least 1/50 of the hall's depth in metres high, as far as people read it.
func DiagonalFor(depth float64, pictures bool) int {
	const inches, diagonal = 39.37, 2.0397 // of a metre; of the height
	of := numberHeight
	if pictures {
		of = numberHeightBeside
	}
	return int(math.Ceil(depth / 50 / (of / 100) * diagonal * inches))
}
