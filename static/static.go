package static

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"path"
	"slices"
	"strings"
)

//go:embed templates lang dist img fonts/*.woff2 voice/*.txt voice/*/*.mp3
var files embed.FS

// Pages renders every page and serves their assets. It is safe for concurrent
// use and never changes after New, AddVoices and AddPictures.
type Pages struct {
	words     catalogue
	assets    assets
	templates map[string]map[string]*template.Template // by language, then page
	voices    voices
	bundled   map[string]clips    // by language
	pictures  map[string][]string // addresses, by office
}

// partials are the templates that every page may use.
var partials = []string{"templates/layout.html", "templates/shell.html", "templates/confirm.html", "templates/people.html", "templates/replay.html"}

// New parses the embedded words, assets and templates. An error means that
// the program was built from broken files.
func New() (*Pages, error) {
	p := &Pages{templates: map[string]map[string]*template.Template{}, pictures: map[string][]string{}}
	var err error
	if p.words, err = readWords(files); err != nil {
		return nil, err
	}
	if p.assets, err = readAssets(files); err != nil {
		return nil, err
	}
	if p.voices, p.bundled, err = p.assets.readVoices(files); err != nil {
		return nil, err
	}
	names, err := files.ReadDir("templates")
	if err != nil {
		return nil, fmt.Errorf("list templates: %w", err)
	}
	for _, lang := range languages {
		p.templates[lang] = map[string]*template.Template{}
		base, err := template.New("layout").Funcs(p.functions(lang)).ParseFS(files, partials...)
		if err != nil {
			return nil, fmt.Errorf("parse layout: %w", err)
		}
		for _, entry := range names {
			if slices.Contains(partials, "templates/"+entry.Name()) {
				continue
			}
			t, err := base.Clone()
			if err == nil {
				t, err = t.ParseFS(files, "templates/"+entry.Name())
			}
			if err != nil {
				return nil, fmt.Errorf("parse page %s: %w", entry.Name(), err)
			}
			p.templates[lang][strings.TrimSuffix(entry.Name(), ".html")] = t
		}
	}
	return p, nil
}

// Languages are those that every page exists in, the default first.
func (p *Pages) Languages() []string { return append([]string(nil), languages...) }

// Render writes a page as a whole HTML document in lang (Indonesian if it is
// not one of Languages). The struct that each page reads is in pages.go. What
// was written before an error is not a whole page: render into a buffer.
func (p *Pages) Render(w io.Writer, page string, lang string, data any) error {
	t := p.templates[known(lang)][page]
	if t == nil {
		return fmt.Errorf("render: no page %q", page)
	}
	if err := t.ExecuteTemplate(w, "document", data); err != nil {
		return fmt.Errorf("render page %s: %w", page, err)
	}
	return nil
}

// Words returns a text for people, such as "problem.slot_full" or
// "field.nik", in lang, else in Indonesian; an id without words comes back as
// it is. Args are pairs of a placeholder's name and its value; with an "n" of
// 1 the text's singular is taken if it has one.
func (p *Pages) Words(lang, id string, args ...any) string {
	return p.words.say(known(lang), id, args...)
}

// HasWords reports whether there is a text with that id.
func (p *Pages) HasWords(id string) bool {
	_, ok := p.words[languages[0]][id]
	return ok
}

// Asset returns the URL of a style, script or font, "/a/<hash>/<name>": it
// changes with the content, so that it may be kept for ever. An unknown name
// gives a URL that Open does not find.
func (p *Pages) Asset(name string) string { return p.assets.url(name) }

// Open returns what is behind a URL given by Asset, to be sent with
// "Cache-Control: public, max-age=31536000, immutable". The body must not be
// changed.
func (p *Pages) Open(urlPath string) (body []byte, contentType string, ok bool) {
	a := p.assets.find(urlPath)
	if a == nil {
		return nil, "", false
	}
	return a.body, a.contentType, true
}

// OpenEncoded is Open for a client with this Accept-Encoding header: encoding
// is "br", "gzip" or "". Send it with "Vary: Accept-Encoding".
func (p *Pages) OpenEncoded(urlPath, acceptEncoding string) (body []byte, contentType, encoding string, ok bool) {
	a := p.assets.find(urlPath)
	if a == nil {
		return nil, "", "", false
	}
	body, encoding = a.encoded(acceptEncoding)
	return body, a.contentType, encoding, true
}

// Worker is the service worker's script. It is not among the assets, because
// its address, which decides what it may serve, never changes: send it with
// "Cache-Control: no-cache".
func (p *Pages) Worker() []byte {
	script := string(p.assets.byName["sw.js"].body)
	for _, picture := range []string{"icon-192.png", "badge-96.png"} {
		script = strings.ReplaceAll(script, "/a/"+picture, p.Asset(picture))
	}
	return []byte(script)
}

func known(lang string) string {
	for _, l := range languages {
		if l == lang {
			return l
		}
	}
	return languages[0]
}

func contentTypeOf(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".woff2":
		return "font/woff2"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	}
	return "application/octet-stream"
}
