package notifier

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"antrean/internal/queue"
)

// named is a channel that only has a name.
type named struct{ name string }

func (n named) Name() string                                 { return n.name }
func (named) Reaches(Contact) bool                           { return true }
func (named) Send(context.Context, Message) (Receipt, error) { return Receipt{}, nil }

// gateway reads settings as an adapter does.
func gateway(name string, s Settings) (Channel, error) {
	var given struct {
		URL   string `yaml:"url"`
		Token Secret `yaml:"token"`
	}
	if err := s.Read(&given); err != nil {
		return nil, err
	}
	if _, err := given.Token.Read(); err != nil {
		return nil, fmt.Errorf("token: %w", err)
	}
	return named{name}, nil
}

func push(name string, _ Settings) (Channel, error) { return named{name}, nil }

func TestOneWrongChannelLeavesTheOthers(t *testing.T) {
	t.Setenv("TEST_NOTICE_TOKEN", "secret")
	c, err := ParseConfig([]byte(`
rules: {reminders: [1d], near: 3, quiet: "22:30-05:00"}
channels:
  - {name: wa, type: gateway, rate: 20/1s, settings: {url: "https://gateway.example", token: {env: TEST_NOTICE_TOKEN}}}
  - {name: sms, type: gateway, settings: {token: {env: TEST_NOTICE_ABSENT}}}
  - {name: typo, type: gateway, settings: {uri: x}}
  - {name: fax, type: fax}
  - {name: slow, type: gateway, rate: fast}
  - {name: wa, type: push, kinds: [called]}
  - {name: hook, type: gateway, always: true, kinds: [shouted], settings: {token: {env: TEST_NOTICE_TOKEN}}}
`))
	if err != nil {
		t.Fatal(err)
	}
	if c.Rules.quietFrom != 22*time.Hour+30*time.Minute || c.Rules.quietTo != 5*time.Hour {
		t.Errorf("quiet is %s to %s", c.Rules.quietFrom, c.Rules.quietTo)
	}
	routes, faults := c.Build(map[string]Builder{"gateway": gateway, pushType: push})
	var made []string
	for _, r := range routes {
		made = append(made, r.Channel.Name())
	}
	if diff := cmp.Diff([]string{"wa"}, made); diff != "" {
		t.Error(diff)
	}
	if routes[0].Rate != (queue.Rate{Count: 20, Per: time.Second}) {
		t.Errorf("rate is %v", routes[0].Rate)
	}
	var said []string
	for _, f := range faults {
		said = append(said, f.Error())
	}
	want := []string{
		`channel "sms": token: the environment variable TEST_NOTICE_ABSENT is not set`,
		`channel "typo": line 6: unknown field "uri"`,
		`channel "fax": type: "fax" is not known (gateway, push)`,
		`channel "slow": rate: "fast" is not a rate (count/duration, such as 30/1m)`,
		`channel "wa": the name is used twice`,
		`channel "hook": kinds: "shouted" is no kind of message`,
	}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Error(diff)
	}
}

func TestPushComesFirstUnlessListed(t *testing.T) {
	for text, want := range map[string]string{
		"":                                      "push",
		"channels: [{name: wa, type: gateway}]": "push wa",
		"channels: [{name: wa, type: gateway}, {name: p, type: push}]": "wa p",
	} {
		c, err := ParseConfig([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		routes, _ := c.Build(map[string]Builder{"gateway": push, pushType: push})
		var made []string
		for _, r := range routes {
			made = append(made, r.Channel.Name())
		}
		if got := strings.Join(made, " "); got != want {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
	}
}

func TestRulesSayWhatIsAllowed(t *testing.T) {
	for text, want := range map[string]string{
		`rules: {reminders: [30s]}`: `rules.reminders: 30s is out of range (1m to 60d)`,
		`rules: {quiet: "nine"}`:    `rules.quiet: "nine" is no range of hours (such as 21:00-06:00, or off)`,
		`rules: {near: 99}`:         `rules.near: 99 is out of range (1 to 50)`,
		`rules: {off: [shouted]}`:   `rules.off: "shouted" is no kind of message`,
		`rulez: {}`:                 `line 1: unknown field "rulez"`,
	} {
		if _, err := ParseConfig([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%s\n got %v\nwant %s", text, err, want)
		}
	}
}
