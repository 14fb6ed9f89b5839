package display

import (
	"crypto/rand"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/ledger"
	"antrean/internal/queue"
)

const keyHeader = "Idempotency-Key"

// order is a command before it says what it asks: who gives it, and how a
// repetition of it is known.
type order struct {
	by      queue.Actor
	key     string // digest of caller, path and idempotency key; "" without a key
	body    string // digest of the body
	request string // what ids are derived from: the same for a repetition
}

// orderOf reads the idempotency key. It is scoped to the caller and the path.
func (a *App) orderOf(c *fiber.Ctx, caller string, by queue.Actor) (order, error) {
	key := c.Get(keyHeader)
	if key == "" && len(c.Request().Header.Peek(keyHeader)) == 0 && !has(c, keyHeader) {
		return order{by: by, request: rand.Text()}, nil
	}
	return a.orderWith(caller, c.Path(), key, c.Request().Body(), by)
}

func (a *App) orderWith(caller, path, key string, body []byte, by queue.Actor) (order, error) {
	if !visible(key, 200) {
		return order{}, invalidField(keyHeader, "key_shape")
	}
	o := order{by: by, key: a.Ring.Key(caller, path, key), body: a.Ring.Body(body)}
	// The body is part of it: the same key with another body must never reach
	// the records of the first.
	o.request = o.key + o.body
	return o, nil
}

// asks makes the command.
func (o order) asks(ask queue.Ask) queue.Command {
	id := o.request
	if len(id) > 12 {
		id = id[:12]
	}
	return queue.Command{Ask: ask, By: o.by, Key: o.key, Body: o.body, ID: id}
}

// answeredAt says whether the office, as far as this node knows it, has answered
// an order with this key.
func (o order) answeredAt(office *ledger.Office) (yes bool) {
	office.Read(func(s *queue.State) { _, yes = s.Answered[o.key] })
	return yes && o.key != ""
}

// remembered says whether an order was answered before, also where this node has
// yet to hear of it: then whatever stands against it by now is no reason to refuse
// it. Nobody's ticket has the empty id, so that what is asked is refused unless it
// is a repetition.
func (a *App) remembered(c *fiber.Ctx, v visit, o order) bool {
	return o.key != "" && a.do(c, v.office, o, queue.Amend{}, func(*queue.State, []*queue.Event) {}) == nil
}

// do decides a command at the office. answer is given the office as the
// command left it, also when this is a repetition: what it reads there gives
// the same answer again.
func (a *App) do(c *fiber.Ctx, office *ledger.Office, o order, ask queue.Ask, answer func(s *queue.State, events []*queue.Event)) error {
	return office.Do(c.UserContext(), o.asks(ask), answer)
}

// has says whether a header came at all, even an empty one.
func has(c *fiber.Ctx, header string) bool {
	found := false
	c.Request().Header.VisitAll(func(name, _ []byte) { found = found || string(name) == header })
	return found
}

// visible says whether a text is 1 to limit visible ASCII characters.
func visible(text string, limit int) bool {
	if text == "" || len(text) > limit {
		return false
	}
	for _, b := range []byte(text) {
		if b <= ' ' || b > '~' {
			return false
		}
	}
	return true
}
