package browsertest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// patience is how long a page may take for what should be at once; the machine
// may be busy.
const patience = 30 * time.Second

// browser is a Chromium. Each person in it has cookies of their own.
type browser struct{ ctx context.Context }

func open(t *testing.T, more ...chromedp.ExecAllocatorOption) *browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("autoplay-policy", "no-user-gesture-required"), chromedp.Flag("mute-audio", true),
		chromedp.Flag("lang", "id"), chromedp.Flag("accept-lang", "id-ID,id"),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	options = append(options, more...)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return &browser{ctx}
}

// tab is one page that somebody looks at.
type tab struct {
	t   *testing.T
	who string
	ctx context.Context

	mu      sync.Mutex
	faults  []string
	allowed []string
}

// person opens a tab with cookies of its own. Script errors, refused resources
// and violations of the content policy in it fail the test.
func (b *browser) person(t *testing.T, who string) *tab {
	t.Helper()
	return b.tab(t, who, chromedp.WithNewBrowserContext())
}

func (b *browser) tab(t *testing.T, who string, options ...chromedp.ContextOption) *tab {
	t.Helper()
	p := &tab{t: t, who: who}
	options = append(options, chromedp.WithListener(p.listen))
	ctx, cancel := chromedp.NewContext(b.ctx, options...)
	p.ctx = ctx
	t.Cleanup(func() {
		cancel()
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, fault := range p.faults {
			t.Errorf("%s: %s", who, fault)
		}
	})
	for end := time.Now().Add(patience); ; <-time.After(50 * time.Millisecond) {
		err := chromedp.Do(ctx)
		if err == nil {
			return p
		}
		if time.Now().After(end) { // before, the page may just be replacing another
			t.Fatal(err)
		}
	}
}

// another opens a second tab of the same person.
func (p *tab) another(who string) *tab {
	p.t.Helper()
	id := chromedp.FromContext(p.ctx).BrowserContextID
	return (&browser{p.ctx}).tab(p.t, who, chromedp.WithExistingBrowserContext(id))
}

// expect makes a fault that contains the words no failure of the test.
func (p *tab) expect(words string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.allowed = append(p.allowed, words)
}

func (p *tab) listen(event any) {
	var fault string
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		fault = e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			fault += " " + e.ExceptionDetails.Exception.Description
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			fault = fmt.Sprintf("console.%s %v", e.Type, e.Args)
		}
	case *cdplog.EventEntryAdded:
		if e.Entry.Source == "intervention" {
			return // advice, as that a phone vibrates only once it was touched
		}
		if e.Entry.Level == cdplog.EntryLevelError || e.Entry.Level == cdplog.EntryLevelWarning {
			fault = fmt.Sprintf("%s %s: %s %s", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL)
		}
	}
	if fault == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, words := range p.allowed {
		if strings.Contains(fault, words) {
			return
		}
	}
	p.faults = append(p.faults, fault)
}

// do acts, within the patience of a person.
func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatalf("%s: %v\n%s", p.who, err, p.words())
	}
}

func (p *tab) goTo(url string) { p.t.Helper(); p.do(chromedp.Navigate(url)) }

func (p *tab) size(width, height int64, options ...chromedp.EmulateViewportOption) {
	p.t.Helper()
	p.do(chromedp.EmulateViewport(width, height, options...))
}

// press clicks. While a page is still being read, its nodes are not the ones
// that will be there.
func (p *tab) press(selector string) {
	p.t.Helper()
	p.sees(`document.readyState === "complete"`)
	p.do(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

func (p *tab) write(selector, text string) {
	p.t.Helper()
	p.do(chromedp.SendKeys(chromedp.CSS(selector), text, chromedp.NodeVisible))
}

// withoutScript reads pages as a browser does whose scripts do not run.
func (p *tab) withoutScript() {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	if err != nil {
		p.t.Fatal(err)
	}
}

// sees waits until the expression, about the page, is true.
func (p *tab) sees(expression string) {
	p.t.Helper()
	p.seesWithin(patience, expression)
}

func (p *tab) seesWithin(limit time.Duration, expression string) {
	p.t.Helper()
	end := time.Now().Add(limit)
	for {
		// A page that is just being replaced has nothing to evaluate in.
		ok, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		if err == nil && ok {
			return
		}
		if time.Now().After(end) {
			p.t.Fatalf("%s never sees %s (%v); the page says:\n%s", p.who, expression, err, p.words())
		}
		select {
		case <-p.ctx.Done():
			p.t.Fatalf("%s: %v", p.who, p.ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// words is what the page says.
func (p *tab) words() string {
	text, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](`location.pathname + "\n" + document.body.innerText.slice(0, 1500)`))
	if err != nil {
		return err.Error()
	}
	return text
}

// read evaluates an expression about the page.
func read[T any](p *tab, expression string) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		p.t.Fatalf("%s: %s: %v", p.who, expression, err)
	}
	return v
}

// text is an expression for what an element shows, "" while it is hidden.
func text(selector string) string {
	return fmt.Sprintf(`((e) => e && e.offsetParent !== null ? e.innerText.trim() : "")(document.querySelector(%q))`, selector)
}

// signIn signs somebody in on the page for it and waits for the next page.
func (p *tab) signIn(base, name, password, next string) {
	p.t.Helper()
	p.goTo(base + "/login?next=" + next)
	p.write("#username", name)
	p.write("#password", password)
	p.press("form button")
	p.sees(`location.pathname.indexOf("/login") < 0 && document.readyState === "complete"`)
}

// take opens a counter on the officer's tablet.
func (p *tab) take(counter string) {
	p.t.Helper()
	p.sees(`document.readyState === "complete" && document.querySelector("[data-counter=\"` + counter + `\"]")`)
	p.press(`[data-counter="` + counter + `"]`)
	p.sees(`location.search.indexOf("counter=` + counter + `") > 0 && !document.querySelector("#act-big").disabled && ` + text("#live") + ` === "Tersambung"`)
}

// close closes the tab.
func (p *tab) close() {
	p.t.Helper()
	if err := chromedp.Cancel(p.ctx); err != nil {
		p.t.Fatal(err)
	}
}

func targetID(id string) target.ID { return target.ID(id) }
