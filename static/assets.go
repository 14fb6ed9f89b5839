package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
)

// assets holds what pages load, by URL and by name.
type assets struct {
	byURL  map[string]*asset
	byName map[string]*asset
}

type asset struct {
	url         string
	contentType string
	body        []byte
	variants    func() (br, gz []byte) // nil if compressing does not pay
}

// readAssets reads the fonts first, because styles name them by URL.
func readAssets(files fs.FS) (assets, error) {
	a := assets{byURL: map[string]*asset{}, byName: map[string]*asset{}}
	fonts := strings.NewReplacer()
	var pairs []string
	for _, dir := range []string{"fonts", "img", "dist"} {
		entries, err := fs.ReadDir(files, dir)
		if err != nil {
			return a, fmt.Errorf("list assets: %w", err)
		}
		for _, entry := range entries {
			body, err := fs.ReadFile(files, dir+"/"+entry.Name())
			if err != nil {
				return a, fmt.Errorf("read asset: %w", err)
			}
			if path.Ext(entry.Name()) == ".css" {
				body = []byte(fonts.Replace(string(body)))
			}
			added := a.add(entry.Name(), body)
			pairs = append(pairs, "../fonts/"+entry.Name(), added.url)
		}
		fonts = strings.NewReplacer(pairs...)
	}
	return a, nil
}

func (a assets) add(name string, body []byte) *asset {
	added := &asset{
		url:         addressOf(body, name),
		contentType: contentTypeOf(name),
		body:        body,
	}
	if path.Ext(name) != ".woff2" { // brotli inside already
		added.variants = sync.OnceValues(func() ([]byte, []byte) { return compress(body) })
	}
	a.byURL[added.url], a.byName[name] = added, added
	return added
}

// addressOf changes with the content, so that it may be kept for ever.
func addressOf(body []byte, name string) string {
	sum := sha256.Sum256(body)
	return "/a/" + hex.EncodeToString(sum[:8]) + "/" + name
}

func (a assets) url(name string) string {
	if found := a.byName[name]; found != nil {
		return found.url
	}
	return "/a/none/" + name
}

func (a assets) find(urlPath string) *asset { return a.byURL[urlPath] }

// encoded chooses the smallest form that the client says it reads. It looks
// for the names only: browsers send no q=0 for these.
func (a *asset) encoded(acceptEncoding string) (body []byte, encoding string) {
	if a.variants == nil {
		return a.body, ""
	}
	br, gz := a.variants()
	switch {
	case strings.Contains(acceptEncoding, "br"):
		return br, "br"
	case strings.Contains(acceptEncoding, "gzip"):
		return gz, "gzip"
	}
	return a.body, ""
}

// compress cannot fail: it writes to memory.
func compress(body []byte) (br, gz []byte) {
	var b, g bytes.Buffer
	bw := brotli.NewWriterLevel(&b, brotli.BestCompression)
	_, _ = bw.Write(body)
	_ = bw.Close()
	gw, _ := gzip.NewWriterLevel(&g, gzip.BestCompression)
	_, _ = gw.Write(body)
	_ = gw.Close()
	return b.Bytes(), g.Bytes()
}
