package notifier

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"antrean/internal/calendar"
	"antrean/internal/queue"
)

// Config is the file of channels (serve --channels FILE). Without one, people
// are reached by Web Push alone, with the usual rules.
type Config struct {
	Rules    Rules           `yaml:"rules"`
	Channels []ChannelConfig `yaml:"channels"`
}

// Rules are what an administrator may choose about what is said when.
type Rules struct {
	Reminders []calendar.Duration `yaml:"reminders"` // before the appointment; [7d, 1d, 2h] when left out
	Quiet     string              `yaml:"quiet"`     // local hours in which nothing is sent that can wait; "21:00-06:00" when left out, "off" for none
	Near      int                 `yaml:"near"`      // people ahead at which the turn is near; 5 when left out
	Off       []Kind              `yaml:"off"`       // what is never sent

	quietFrom, quietTo time.Duration // since midnight; equal: never
}

// ChannelConfig is one channel of the file. Channels are tried for a person in
// the order of the file; Web Push comes first unless it is listed elsewhere.
type ChannelConfig struct {
	Name string // of one's own choice: "whatsapp", "sms"
	Type string // which adapter: "push", …
	// Always sends whatever else a person was reached by, as is right for
	// webhooks. Such a channel is told about every ticket, also one without any
	// address.
	Always  bool
	Offices []string   // none: all
	Kinds   []Kind     // none: all
	Rate    queue.Rate // such as 20/1s; none: 50/1s
	// Settings are the adapter's own; see Settings.
	Settings ast.Node

	broken error // why the entry could not be read
}

// UnmarshalYAML reads one channel of the file. A mistake in it is kept for
// Build, so that the other channels work.
func (c *ChannelConfig) UnmarshalYAML(node ast.Node) error {
	var read struct {
		Name     string   `yaml:"name"`
		Type     string   `yaml:"type"`
		Always   bool     `yaml:"always"`
		Offices  []string `yaml:"offices"`
		Kinds    []Kind   `yaml:"kinds"`
		Rate     string   `yaml:"rate"` // of a wrong one the library would not say where it is
		Settings ast.Node `yaml:"settings"`
	}
	err := yaml.NodeToValue(node, &read, yaml.Strict())
	if err != nil {
		err = plainYAML(err)
	} else if read.Rate != "" {
		if err = c.Rate.UnmarshalText([]byte(read.Rate)); err != nil {
			err = fmt.Errorf("rate: %w", err)
		}
	}
	if err != nil {
		var named struct {
			Name string `yaml:"name"`
			Type string `yaml:"type"`
		}
		_ = yaml.NodeToValue(node, &named) // to name it, if that can be read
		*c = ChannelConfig{Name: named.Name, Type: named.Type, broken: err}
		return nil
	}
	c.Name, c.Type, c.Always, c.Offices, c.Kinds, c.Settings = read.Name, read.Type, read.Always, read.Offices, read.Kinds, read.Settings
	return nil
}

// Builder makes a channel of one type from its settings. It reads secrets and
// checks everything that can be checked without the network.
type Builder func(name string, settings Settings) (Channel, error)

// Settings are the part of the file that belongs to one adapter.
type Settings struct {
	node ast.Node
}

// Read fills the struct that v points to by its yaml tags. Unknown names and
// wrong types are errors that say where.
func (s Settings) Read(v any) error {
	if s.node == nil {
		return nil
	}
	if err := yaml.NodeToValue(s.node, v, yaml.Strict()); err != nil {
		return plainYAML(err)
	}
	return nil
}

// ReadSome is Read for an adapter that looks at a part of its settings first: what
// v does not know is passed over.
func (s Settings) ReadSome(v any) error {
	if s.node == nil {
		return nil
	}
	if err := yaml.NodeToValue(s.node, v); err != nil {
		return plainYAML(err)
	}
	return nil
}

// Secret names where a secret is: in an environment variable or in a file,
// never in the configuration itself. It prints as a placeholder.
type Secret struct {
	Env  string `yaml:"env"`
	File string `yaml:"file"`
}

// Read returns the secret without white space around it, or an error that names
// the place and never the value.
func (s Secret) Read() (string, error) {
	switch {
	case s.Env != "" && s.File != "":
		return "", errors.New("a secret is in the environment or in a file, not in both")
	case s.Env != "":
		if value := strings.TrimSpace(os.Getenv(s.Env)); value != "" {
			return value, nil
		}
		return "", fmt.Errorf("the environment variable %s is not set", s.Env)
	case s.File != "":
		f, err := os.Open(s.File)
		if err != nil {
			return "", err
		}
		defer f.Close()
		text, err := io.ReadAll(io.LimitReader(f, 64<<10))
		if value := strings.TrimSpace(string(text)); err != nil || value != "" {
			return value, err
		}
		return "", fmt.Errorf("the file %s is empty", s.File)
	}
	return "", errors.New("is missing (env: NAME or file: PATH)")
}

// Fault is a channel that was configured wrongly. The others work.
type Fault struct {
	Channel string `json:"channel"`
	Type    string `json:"type"`
	Message string `json:"message"`
}

// Error is one clear line.
func (f Fault) Error() string { return fmt.Sprintf("channel %q: %s", f.Channel, f.Message) }

// Route is a channel and when it is used.
type Route struct {
	Channel Channel
	Type    string // which adapter
	Always  bool
	Offices []string
	Kinds   []Kind
	Rate    queue.Rate
}

// pushType is the type, and the name when it is not listed, of Web Push.
const pushType = "push"

var channelName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,30}$`)

// ParseConfig reads a file of channels. An error is about the file as a whole
// or about the rules; mistakes of single channels are found by Build.
func ParseConfig(text []byte) (Config, error) {
	var c Config
	if err := yaml.UnmarshalWithOptions(text, &c, yaml.Strict()); err != nil && !errors.Is(err, io.EOF) {
		return Config{}, plainYAML(err)
	}
	return c, c.Rules.prepare()
}

// Build makes the channels of the configuration, in their order, with builders
// by type. A channel that cannot be made is a Fault and left out.
func (c Config) Build(builders map[string]Builder) (routes []Route, faults []Fault) {
	listed := c.Channels
	if !hasPush(listed) && builders[pushType] != nil {
		listed = append([]ChannelConfig{{Name: pushType, Type: pushType}}, listed...)
	}
	names := map[string]bool{}
	for i, one := range listed {
		channel, err := one.build(builders)
		switch {
		case err != nil:
		case names[one.Name]:
			err = errors.New("the name is used twice")
		}
		if err != nil {
			name := one.Name
			if name == "" {
				name = fmt.Sprintf("channels[%d]", i)
			}
			faults = append(faults, Fault{Channel: name, Type: one.Type, Message: err.Error()})
			continue
		}
		names[one.Name] = true
		rate := one.Rate
		if rate.Count == 0 {
			rate = queue.Rate{Count: 50, Per: time.Second}
		}
		_, programs := channel.(TellsPrograms)
		routes = append(routes, Route{Channel: channel, Type: one.Type, Always: one.Always || programs, Offices: one.Offices, Kinds: one.Kinds, Rate: rate})
	}
	return routes, faults
}

// TellsPrograms marks a channel that tells programs, not people: whoever is told
// by it was not reached, so that it is told always and besides the others.
type TellsPrograms interface{ TellsPrograms() }

func hasPush(listed []ChannelConfig) bool {
	for _, one := range listed {
		if one.Type == pushType {
			return true
		}
	}
	return false
}

func (c ChannelConfig) build(builders map[string]Builder) (Channel, error) {
	build := builders[c.Type]
	switch {
	case c.broken != nil:
		return nil, c.broken
	case !channelName.MatchString(c.Name):
		return nil, fmt.Errorf("name: %q is not a name (1 to 31 of a-z, 0-9 and -, a letter first)", c.Name)
	case build == nil:
		return nil, fmt.Errorf("type: %q is not known (%s)", c.Type, strings.Join(slices.Sorted(maps.Keys(builders)), ", "))
	}
	if err := knownKinds(c.Kinds); err != nil {
		return nil, fmt.Errorf("kinds: %w", err)
	}
	return build(c.Name, Settings{c.Settings})
}

func knownKinds(kinds []Kind) error {
	known := map[Kind]bool{}
	for _, k := range Kinds() {
		known[k] = true
	}
	for _, k := range kinds {
		if !known[k] {
			return fmt.Errorf("%q is no kind of message", k)
		}
	}
	return nil
}

// prepare fills what was left out and checks the rest.
func (r *Rules) prepare() error {
	if r.Reminders == nil {
		r.Reminders = []calendar.Duration{calendar.Duration(7 * 24 * time.Hour), calendar.Duration(24 * time.Hour), calendar.Duration(2 * time.Hour)}
	}
	for _, d := range r.Reminders {
		if d.D() < time.Minute || d.D() > 60*24*time.Hour {
			return fmt.Errorf("rules.reminders: %s is out of range (1m to 60d)", d)
		}
	}
	if r.Near == 0 {
		r.Near = 5
	}
	if r.Near < 1 || r.Near > 50 {
		return fmt.Errorf("rules.near: %d is out of range (1 to 50)", r.Near)
	}
	if err := knownKinds(r.Off); err != nil {
		return fmt.Errorf("rules.off: %w", err)
	}
	if r.Quiet == "" {
		r.Quiet = "21:00-06:00"
	}
	if r.Quiet == "off" {
		return nil
	}
	from, to, ok := strings.Cut(r.Quiet, "-")
	var errFrom, errTo error
	r.quietFrom, errFrom = clockTime(from)
	r.quietTo, errTo = clockTime(to)
	if !ok || errFrom != nil || errTo != nil {
		return fmt.Errorf("rules.quiet: %q is no range of hours (such as 21:00-06:00, or off)", r.Quiet)
	}
	return nil
}

func clockTime(text string) (time.Duration, error) {
	at, err := time.Parse("15:04", text)
	return time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute, err
}

// plainYAML is the library's error without its picture of the source.
func plainYAML(err error) error {
	var syntax yaml.Error
	if !errors.As(err, &syntax) {
		return err
	}
	if token := syntax.GetToken(); token != nil && token.Position != nil {
		return fmt.Errorf("line %d: %s", token.Position.Line, syntax.GetMessage())
	}
	return errors.New(syntax.GetMessage())
}
