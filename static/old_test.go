package static

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
)

// The bundler lowers syntax for Chromium 53, which televisions of 2018 still
// run, but not what is missing there otherwise. These patterns are what came
// with later releases, by caniuse.com and MDN; the tablet may be newer.
var lackingIn53 = map[string][]*regexp.Regexp{
	".js": {
		// Syntax that the bundler should have lowered.
		regexp.MustCompile(`\?\.[a-zA-Z(\[]|\?\?|\basync\b\s*[(a-z]|\bawait |\bimport\(|\*\*|\bcatch\s*\{|\.\.\.[a-z]+\}|\d_\d{3}|/\(\?<[=!]|\\p\{|\bstatic\s*\{`),
		regexp.MustCompile(`\bObject\.(entries|values|fromEntries|getOwnPropertyDescriptors|hasOwn)\b`),
		regexp.MustCompile(`\.(padStart|padEnd|trimStart|trimEnd|flat|flatMap|replaceAll|matchAll|finally|at|findLast|toSorted|toReversed|allSettled|formatToParts)\(`),
		regexp.MustCompile(`\.(append|prepend|before|after|replaceWith|replaceChildren|toggleAttribute|getAnimations|scrollIntoViewIfNeeded)\(`),
		regexp.MustCompile(`\b(AbortController|AbortSignal|ResizeObserver|PerformanceObserver|BroadcastChannel|WeakRef|structuredClone|queueMicrotask|globalThis|createImageBitmap|requestIdleCallback\.)\b`),
		regexp.MustCompile(`\bnew (EventTarget|AudioBuffer|GainNode|OscillatorNode|AudioBufferSourceNode)\b|\bcrypto\.randomUUID|\bIntl\.(PluralRules|RelativeTimeFormat|ListFormat)|\bPromise\.any\b`),
		regexp.MustCompile(`\.isConnected\b|\bnavigator\.(share|locks|storage\.persist)\b|\bstorage\.estimate\b`),
	},
	".css": {
		regexp.MustCompile(`[;{](gap|row-gap|column-gap|grid-gap|inset|aspect-ratio|place-[a-z]+|accent-color|scroll-[a-z-]+|overscroll-[a-z-]+|backdrop-filter|contain|(margin|padding|border)-(inline|block)[a-z-]*|inset-[a-z-]+|text-decoration-(thickness|color)|translate|rotate|scale|overflow-anchor):`),
		regexp.MustCompile(`[;{]display:(grid|inline-grid|flow-root|contents)|overflow:clip|position:sticky`),
		regexp.MustCompile(`:(is|where|has|not\([^)]*,|focus-visible|focus-within|any-link)\b`),
		regexp.MustCompile(`[^a-z-](min|max|clamp|env|color-mix|conic-gradient)\(|\d(dvh|svh|lvh|lh|cqw|cqh)\b|@(layer|container|property|scope)\b`),
		regexp.MustCompile(`#[0-9a-fA-F]{8}\b|#[0-9a-fA-F]{4}\b|rgba?\([^,)]* [^,)]*\)`),
	},
}

// lacking are the places of a bundle that an old engine would stumble over.
func lacking(extension, body string) (found []string) {
	for _, pattern := range lackingIn53[extension] {
		for _, at := range pattern.FindAllStringIndex(body, -1) {
			from, to := max(at[0]-40, 0), min(at[1]+40, len(body))
			found = append(found, strings.TrimSpace(body[from:to]))
		}
	}
	return found
}

func TestTheHallsScreensAskOldEnginesForNothingTheyLack(t *testing.T) {
	for _, page := range []string{"tv", "pair"} {
		for extension := range lackingIn53 {
			body, err := fs.ReadFile(files, "dist/"+page+extension)
			if err != nil {
				t.Fatal(err)
			}
			for _, place := range lacking(extension, string(body)) {
				t.Errorf("%s%s: …%s…", page, extension, place)
			}
		}
	}
}

func TestWhatOldEnginesLackIsFound(t *testing.T) {
	for extension, bundles := range map[string][]string{
		".js": {
			`a?.b()`, `x=a??b`, `async()=>1`, `try{a()}catch{b()}`, `Object.entries(a)`, `"1".padStart(2)`, `p.finally(f)`,
			`e.append(f)`, `new AbortController`, `new GainNode(c)`, `crypto.randomUUID()`, `e.isConnected`, `/(?<=a)b/`, `a**2`,
		},
		".css": {
			`.a{gap:1px}`, `.a{color:red;inset:0}`, `.a{display:grid}`, `.a:is(b,c){}`, `.a:focus-visible{}`, `.a{width:min(1px,2vw)}`,
			`.a{height:100dvh}`, `.a{color:#00000080}`, `.a{color:rgb(0 0 0/50%)}`, `.a{aspect-ratio:1}`, `.a{margin-inline:0}`, `@layer a{}`,
		},
	} {
		for _, bundle := range bundles {
			if len(lacking(extension, bundle)) == 0 {
				t.Errorf("not found: %s", bundle)
			}
		}
	}
	for extension, bundle := range map[string]string{
		".js":  `if(a&&a.b){c.textContent=String(a.b.indexOf(1))}`,
		".css": `@media (max-aspect-ratio:16/9){.a{display:flex;margin:0 auto;color:#fff;background:#0b1f33;width:calc(100% - 2rem)}}`,
	} {
		if found := lacking(extension, bundle); len(found) > 0 {
			t.Errorf("found in %s: %q", bundle, found)
		}
	}
}
