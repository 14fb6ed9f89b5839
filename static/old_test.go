package static

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
)

// The bundler lowers syntax for Chromium 53, which televisions of 2018 still
// run, but not what is missing there otherwise. The tablet may be newer.
func TestTheHallsScreenAsksOldEnginesForNothingTheyLack(t *testing.T) {
	lacking := map[string]*regexp.Regexp{
		"tv.js": regexp.MustCompile(`Object\.(entries|values|fromEntries)|\.(padStart|padEnd|flat|flatMap|replaceAll|replaceWith|toggleAttribute|finally|at|append|prepend|matchAll|closest\?)\(|AbortController|structuredClone|queueMicrotask|globalThis|\?\.[a-zA-Z(\[]|\?\?|async |await |import\(|\*\*`),
		// Flex gaps, grids and functions that would void a declaration.
		"tv.css": regexp.MustCompile(`[;{](gap|inset|aspect-ratio|display:grid|place-[a-z]+)[:;}]|:(is|where|has|focus-visible)\b|\b(min|max|clamp)\(`),
	}
	for name, pattern := range lacking {
		body, err := fs.ReadFile(files, "dist/"+name)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range pattern.FindAllStringIndex(string(body), -1) {
			from, to := max(found[0]-40, 0), min(found[1]+40, len(body))
			t.Errorf("%s: …%s…", name, strings.TrimSpace(string(body[from:to])))
		}
	}
}
