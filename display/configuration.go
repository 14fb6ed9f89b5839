package display

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/queue"
)

// showConfig answers the configuration; its ETag is what a change must name.
func (a *App) showConfig(c *fiber.Ctx, v visit) error {
	var (
		config  *queue.Config
		version uint64
	)
	v.office.Read(func(s *queue.State) { config, version = s.Config, s.ConfigVersion })
	c.Set(fiber.HeaderETag, etag(version))
	return c.JSON(viewConfig(config))
}

// configView is a configuration and what follows from it.
type configView struct {
	*queue.Config
	// Counted are the places of a slot that the counters allow, by service and
	// stage: what slot_capacity "auto" amounts to. A change may send it back; it
	// is worked out anew.
	Counted map[string][]queue.StagePlaces `json:"counted"`
}

func viewConfig(config *queue.Config) configView {
	v := configView{Config: config, Counted: map[string][]queue.StagePlaces{}}
	for i := range config.Services {
		if s := &config.Services[i]; s.ServiceTime > 0 {
			v.Counted[s.ID] = config.CountedPlaces(s)
		}
	}
	return v
}

func etag(version uint64) string { return `"` + strconv.FormatUint(version, 10) + `"` }

// replaceConfig gives the office another configuration. With If-Match only if
// nobody has changed it meanwhile.
func (a *App) replaceConfig(c *fiber.Ctx, v visit) error {
	config := queue.Config{}
	if err := decode(c, &configView{Config: &config}); err != nil {
		return err
	}
	if config.ID != v.id {
		return invalidField("id", "other_id")
	}
	if zeros := written(c, config.LeftOut()); len(zeros) > 0 {
		return invalid(zeros...)
	}
	if wrong := config.Prepare(); len(wrong) > 0 {
		faults := make([]fault, len(wrong))
		for i, w := range wrong {
			faults[i] = fault{field: w.Field, said: w.Message}
		}
		return invalid(faults...)
	}
	if wrong := a.wrongTexts(&config, ""); len(wrong) > 0 {
		return invalid(wrong...)
	}
	named, err := ifMatch(c)
	if err != nil {
		return err
	}
	ask := queue.Configure{Config: &config, IfVersion: named}
	o, err := a.order(c, v)
	if err != nil {
		return err
	}
	var (
		now     *queue.Config
		version uint64
	)
	err = a.do(c, v.office, o, ask, func(s *queue.State, _ []*queue.Event) { now, version = s.Config, s.ConfigVersion })
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderETag, etag(version))
	return c.JSON(viewConfig(now))
}

// written are those of the fields that the body holds all the same: a zero
// where the usual value comes in place of nothing.
func written(c *fiber.Ctx, fields []string) (zeros []fault) {
	var body map[string]json.RawMessage
	if json.Unmarshal(c.Request().Body(), &body) != nil {
		return nil
	}
	for _, field := range fields {
		section, name, _ := strings.Cut(field, ".")
		var members map[string]json.RawMessage
		if json.Unmarshal(body[section], &members) == nil && len(members[name]) > 0 && string(members[name]) != "null" {
			zeros = append(zeros, fault{field: field, reason: "number_range"})
		}
	}
	return zeros
}

// ifMatch is the version of the configuration that a change is for; 0 if it is
// for any.
func ifMatch(c *fiber.Ctx) (uint64, error) {
	match := c.Get(fiber.HeaderIfMatch)
	if match == "" || match == "*" {
		return 0, nil
	}
	version, err := strconv.ParseUint(strings.Trim(strings.TrimPrefix(match, "W/"), `"`), 10, 64) // proxies that pack weaken it
	if err != nil || version == 0 {
		return 0, conflict(queue.WrongState, "config_changed")
	}
	return version, nil
}
