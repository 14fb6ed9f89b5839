package main

import (
	"math"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
)

// simulatedClock is a clock that a simulation sets. It runs at its speed from
// where it was set; speed 0 lets it stand.
type simulatedClock struct {
	mu    sync.Mutex
	at    time.Time
	set   time.Time
	speed float64
}

func newSimulatedClock(at time.Time, speed float64) *simulatedClock {
	return &simulatedClock{at: at, set: time.Now(), speed: speed}
}

// Now is the simulated time.
func (c *simulatedClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *simulatedClock) now() time.Time {
	return c.at.Add(time.Duration(float64(time.Since(c.set)) * c.speed))
}

// Set moves the clock forward and changes its speed. It never goes back: the
// log's time does not either.
func (c *simulatedClock) Set(at time.Time, speed float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.now(); at.Before(now) {
		at = now
	}
	c.at, c.set, c.speed = at, time.Now(), speed
}

// realAge is the time as far back from now as at really is.
func (c *simulatedClock) realAge(at time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if c.speed == 0 {
		return now
	}
	return now.Add(-time.Duration(float64(now.Sub(at)) / c.speed))
}

// reading is the clock as the simulator asks for it and sets it.
type reading struct {
	Now   time.Time `json:"now"`
	Speed float64   `json:"speed"`
}

// routes lets a simulator set the clock. moved is called after it did.
func (c *simulatedClock) routes(app fiber.Router, moved func()) {
	app.Get("/api/v1/clock", func(ctx *fiber.Ctx) error {
		c.mu.Lock()
		defer c.mu.Unlock()
		return ctx.JSON(reading{c.now(), c.speed})
	})
	app.Put("/api/v1/clock", func(ctx *fiber.Ctx) error {
		var in reading
		if err := ctx.BodyParser(&in); err != nil || in.Now.IsZero() || math.IsNaN(in.Speed) || in.Speed < 0 || in.Speed > 100_000 {
			return fiber.NewError(fiber.StatusUnprocessableEntity, "now is a time, speed a number from 0 to 100000")
		}
		c.Set(in.Now, in.Speed)
		moved()
		return ctx.SendStatus(fiber.StatusNoContent)
	})
}
