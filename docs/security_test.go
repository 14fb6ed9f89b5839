package docs

import (
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestSecurityNamesTestsThatExist holds security.md against the sources, and its
// own sums against its table.
func TestSecurityNamesTestsThatExist(t *testing.T) {
	page, err := os.ReadFile("security.md")
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	root := os.DirFS("..")
	err = fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && len(path) > 1 && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		source, err := fs.ReadFile(root, path)
		for _, m := range declared.FindAllSubmatch(source, -1) {
			there[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`(Test\\w+)`").FindAllSubmatch(page, -1)
	if len(named) < 100 {
		t.Errorf("the page names %d tests", len(named))
	}
	for _, m := range named {
		if !there[string(m[1])] {
			t.Errorf("there is no test %s", m[1])
		}
	}
	rows := regexp.MustCompile(`(?m)^\| (\d+\.\d+\.\d+) \| [^|]+ \| (met|partly|n/a|no) \| [^|]+ \|$`).FindAllSubmatch(page, -1)
	seen, sums := map[string]bool{}, map[string]int{}
	for _, row := range rows {
		if seen[string(row[1])] {
			t.Errorf("%s stands there twice", row[1])
		}
		seen[string(row[1])] = true
		sums[string(row[2])]++
	}
	said := regexp.MustCompile(`of (\d+) requirements (\d+) are met, (\d+)\s+partly, (\d+) not, and (\d+) do not apply`).FindSubmatch(page)
	if said == nil {
		t.Fatal("the page does not sum up")
	}
	for i, n := range []int{len(rows), sums["met"], sums["partly"], sums["no"], sums["n/a"]} {
		if string(said[i+1]) != strconv.Itoa(n) {
			t.Errorf("the page says %s where its table has %d", said[i+1], n)
		}
	}
}
