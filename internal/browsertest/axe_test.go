package browsertest

import (
	"encoding/json"
	"os"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// axe is the script of axe-core, which make tools puts beside .ci/tools.
var axe = sync.OnceValues(func() (string, error) {
	script, err := os.ReadFile("../../.ci/web/node_modules/axe-core/axe.min.js")
	return string(script), err
})

// accessible holds the page as it stands now against the rules of axe-core:
// WCAG 2.2 to level AA, and its best practices.
func (p *tab) accessible() {
	p.t.Helper()
	script, err := axe()
	if err != nil {
		p.t.Fatalf("axe-core is missing (make tools installs it): %v", err)
	}
	found, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](script+`;
		axe.run(document, {resultTypes: ["violations"]}).then((r) => JSON.stringify(r.violations.map((v) =>
			({rule: v.id, help: v.help, nodes: v.nodes.map((n) => n.target.join(" ") + ": " + n.failureSummary)}))))`, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: axe: %v", p.who, err)
	}
	var violations []struct {
		Rule, Help string
		Nodes      []string
	}
	if err := json.Unmarshal([]byte(found), &violations); err != nil {
		p.t.Fatalf("%s: axe: %v", p.who, err)
	}
	for _, v := range violations {
		for _, node := range v.Nodes {
			p.t.Errorf("%s: %s: %s\n%s", p.who, v.Rule, v.Help, node)
		}
	}
}

func TestPublicPagesBreakNoRuleOfAccessibility(t *testing.T) {
	s := serve(t, offices())
	visitor := open(t).person(t, "visitor")
	visitor.size(360, 740)
	for _, path := range []string{"/", "/?office=bandung&service=paspor-baru", "/login", "/display/bandung", "/nowhere"} {
		if path == "/nowhere" {
			visitor.expect("404")
		}
		visitor.goTo(s.url + path)
		visitor.sees(`document.readyState === "complete"`)
		visitor.accessible()
	}
}
