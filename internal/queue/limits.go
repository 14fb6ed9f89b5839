package queue

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// usualLimits are the rate limits where an office sets none. A carrier hides
// thousands of people behind one address, so those of an address only stop
// machines; what one person does is counted under the person's identity, device
// or ticket, and strictly.
var usualLimits = map[string]Rate{
	"bookings":          {3000, time.Minute},    // for one address
	"forms":             {600, time.Minute},     // the booking form shown anew, for one address
	"bookings_device":   {60, 10 * time.Minute}, // for one browser
	"bookings_identity": {10, 10 * time.Minute}, // for one NIK, refusals for want of a place not counted
	"tickets":           {3000, time.Minute},    // what people do with their tickets, for one address
	"tickets_each":      {60, time.Minute},      // for one ticket
	"codes":             {10, 10 * time.Minute}, // given at check-in, for one ticket
	"pairing":           {30, time.Minute},      // for one address
	"setup":             {20, time.Minute},      // for one address
	"witnesses":         {30, time.Minute},      // live clients that know more than this node, for one address
	"login":             {5, 15 * time.Minute},  // free attempts for one name, then pauses that double up to so long
	"login_address":     {60, 15 * time.Minute}, // likewise for one address
}

// Limit is the office's rate limit of that name, or the usual one.
func (c *Config) Limit(name string) Rate {
	if set, ok := c.Limits[name]; ok {
		return set
	}
	return UsualLimit(name)
}

// UsualLimit is the rate limit of that name where an office sets none.
func UsualLimit(name string) Rate { return usualLimits[name] }

// checkLimits refuses names that limit nothing.
func (c *Config) checkLimits(bad func(field, format string, args ...any)) {
	for _, name := range sortedKeys(c.Limits) {
		if _, known := usualLimits[name]; !known {
			bad("limits."+name, "%q is not a limit (%s)", name, strings.Join(slices.Sorted(maps.Keys(usualLimits)), ", "))
		}
	}
}
