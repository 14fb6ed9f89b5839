package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"antrean/internal/queue"
	"antrean/internal/vault"
	"antrean/notifier"
	"antrean/notifier/channels"
	"antrean/static"
)

// notifyFlags choose how people are told what happens.
type notifyFlags struct {
	Channels         string `help:"Channels by which people are told, as YAML; Web Push alone otherwise." placeholder:"FILE" type:"existingfile"`
	Texts            string `help:"Directory with <language>.yaml files that add a language of messages, or replace built-in texts." placeholder:"DIR" type:"existingdir"`
	PushAllowPrivate bool   `help:"Allow push services on private addresses and over plain HTTP."`
}

// builders make channels by their type.
func builders(push notifier.PushOptions) map[string]notifier.Builder {
	all := channels.Builders()
	all["push"] = notifier.PushBuilder(push)
	return all
}

// newNotifier wires how people are told. A channel that is configured wrongly
// is named and left out; a mistake of the file itself is misuse.
func (s *server) newNotifier(ctx context.Context, people *vault.Vault, metrics prometheus.Registerer) (*notifier.Notifier, notifier.VAPID, error) {
	fail := func(err error) (*notifier.Notifier, notifier.VAPID, error) { return nil, notifier.VAPID{}, err }
	keys, err := notifier.LoadVAPID(ctx, s.store.records, s.store.ring)
	if err != nil {
		return fail(err)
	}
	var text []byte
	if s.Channels != "" {
		if text, err = os.ReadFile(s.Channels); err != nil {
			return fail(misuse{err})
		}
	}
	config, err := notifier.ParseConfig(text)
	if err != nil {
		return fail(misused("%s: %w", s.Channels, err))
	}
	if s.words, err = s.texts(); err != nil {
		return fail(err)
	}
	sender := s.PublicURL
	if !strings.HasPrefix(sender, "https://") {
		sender = ""
	}
	routes, faults := config.Build(builders(notifier.PushOptions{
		Keys: keys, Sender: sender, Private: s.PushAllowPrivate, Forget: people.Unsubscribe,
	}))
	for _, f := range faults {
		s.log.Error("a channel is configured wrongly and left out", "file", s.Channels, "channel", f.Channel, "error", f.Message)
	}
	clock := s.ledger.Now
	if s.clock != nil {
		clock = time.Now // claims end in real time, which a simulated one leaves behind
	}
	n, err := notifier.New(notifier.Options{
		Offices: s.ledger, Store: s.store.log, Records: s.store.records, Vault: people, Ring: s.store.ring,
		Routes: routes, Faults: faults, Rules: config.Rules, Texts: s.words, PublicURL: s.PublicURL,
		Log: s.log, Registerer: metrics, Clock: clock,
	})
	if err != nil {
		return fail(fmt.Errorf("tell people: %w", err))
	}
	return n, keys, nil
}

// texts are the words that people are told. Those of an office in its own
// configuration must fit them.
func (s *server) texts() (notifier.Texts, error) {
	words := notifier.DefaultTexts()
	if s.Texts != "" {
		var err error
		if words, err = notifier.ReadTexts(os.DirFS(s.Texts)); err != nil {
			return nil, misused("--texts %s: %w", s.Texts, err)
		}
	}
	for i := range s.offices {
		for _, wrong := range words.Check(&s.offices[i]) {
			return nil, misused("%s: offices[%d].%s: %s", s.Config, i, wrong.Field, wrong.Message)
		}
	}
	return words, nil
}

// wordings are the texts as the administrator's pages know them.
type wordings struct{ notifier.Texts }

func (w wordings) Sample(c *queue.Config, language, kind string) (static.TextSample, bool) {
	s, ok := w.Texts.Sample(c, language, notifier.Kind(kind))
	return static.TextSample{
		Language: s.Language, Kind: string(s.Kind), Wording: wording(s.Text), Own: s.Own, Placeholders: s.Placeholders,
		Preview: static.TextPreview{Wording: wording(s.Preview), SMS: static.SMSLength(s.SMS)}, Template: s.Template,
	}, ok
}

func wording(t notifier.Text) static.Wording {
	return static.Wording{Title: t.Title, Body: t.Body, Short: t.Short}
}
