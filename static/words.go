package static

import (
	"fmt"
	"io/fs"
	"strings"

	"github.com/goccy/go-yaml"
)

var languages = []string{"id", "en"}

// catalogue holds the texts by language, then by dotted id. Placeholders are
// {name}; "<id>.one" is the singular of "<id>". The same rules are kept by
// src/words.js, because the same texts are shown by scripts: that is why they
// are not Go templates of an i18n library.
type catalogue map[string]map[string]string

func readWords(files fs.FS) (catalogue, error) {
	c := catalogue{}
	for _, lang := range languages {
		c[lang] = map[string]string{}
		names, err := fs.Glob(files, "lang/"+lang+"/*.yaml")
		if err != nil {
			return nil, fmt.Errorf("list words: %w", err)
		}
		for _, name := range names {
			raw, err := fs.ReadFile(files, name)
			if err != nil {
				return nil, fmt.Errorf("read words: %w", err)
			}
			var tree map[string]any
			if err := yaml.Unmarshal(raw, &tree); err != nil {
				return nil, fmt.Errorf("read words %s: %w", name, err)
			}
			if err := flatten(c[lang], "", tree); err != nil {
				return nil, fmt.Errorf("read words %s: %w", name, err)
			}
		}
	}
	return c, nil
}

func flatten(into map[string]string, prefix string, tree map[string]any) error {
	for key, value := range tree {
		switch value := value.(type) {
		case string:
			if _, twice := into[prefix+key]; twice {
				return fmt.Errorf("%s%s stands in two files", prefix, key)
			}
			into[prefix+key] = value
		case map[string]any:
			if err := flatten(into, prefix+key+".", value); err != nil {
				return err
			}
		default:
			return fmt.Errorf("%s%s is neither a text nor a group", prefix, key)
		}
	}
	return nil
}

func (c catalogue) say(lang, id string, args ...any) string {
	pairs := make([]string, 0, len(args))
	one := false
	for i := 0; i+1 < len(args); i += 2 {
		name, value := fmt.Sprint(args[i]), fmt.Sprint(args[i+1])
		one = one || name == "n" && value == "1"
		pairs = append(pairs, "{"+name+"}", value)
	}
	text, ok := "", false
	if one {
		text, ok = c[lang][id+".one"]
	}
	if !ok {
		text, ok = c[lang][id]
	}
	if !ok {
		text, ok = c[languages[0]][id]
	}
	if !ok {
		return id
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// under returns the texts whose ids begin with one of the prefixes, for a
// page's scripts.
func (c catalogue) under(lang string, prefixes []string) map[string]string {
	some := map[string]string{}
	for id, text := range c[lang] {
		for _, prefix := range prefixes {
			if strings.HasPrefix(id, prefix+".") {
				some[id] = text
				break
			}
		}
	}
	return some
}
