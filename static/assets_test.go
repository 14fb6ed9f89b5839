package static_test

import (
	"bytes"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"antrean/static"
)

func TestAssetsAreFoundByTheirChecksummedURLOnly(t *testing.T) {
	pages, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"tv.css", "tv.js", "paper.css", "ticket.js", "counter.css", "counter.js", "ahn.woff2"} {
		url := pages.Asset(name)
		body, contentType, ok := pages.Open(url)
		if !ok || len(body) == 0 || contentType == "application/octet-stream" {
			t.Errorf("%s at %s: %v, %d bytes, %q", name, url, ok, len(body), contentType)
		}
		if _, _, ok := pages.Open("/a/0000000000000000/" + name); ok {
			t.Errorf("%s answers under a foreign checksum", name)
		}
		if strings.HasSuffix(name, ".css") {
			for _, font := range regexp.MustCompile(`url\(([^)]*)\)`).FindAllStringSubmatch(string(body), -1) {
				if _, _, ok := pages.Open(font[1]); !ok {
					t.Errorf("%s names %s, which is not there", name, font[1])
				}
			}
		}
		packed, _, encoding, ok := pages.OpenEncoded(url, "gzip, deflate, br")
		if !ok {
			t.Errorf("%s is not there for a client that reads brotli", name)
		}
		if encoding == "br" {
			unpacked, err := io.ReadAll(brotli.NewReader(bytes.NewReader(packed)))
			if err != nil || !bytes.Equal(unpacked, body) {
				t.Errorf("%s does not unpack to itself: %v", name, err)
			}
		}
	}
}

// Kilobytes that each page costs a phone on a slow line, compressed, without
// the fonts.
func TestPagesStayLight(t *testing.T) {
	pages, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	for page, limit := range map[string]int{"ticket": 30, "booking": 30, "tv": 40, "counter": 50} {
		names := map[string][]string{"ticket": {"paper.css", "ticket.js"}, "booking": {"paper.css", "booking.css", "booking.js"}, "tv": {"tv.css", "tv.js"}, "counter": {"counter.css", "counter.js"}}[page]
		total := 0
		for _, name := range names {
			body, _, encoding, _ := pages.OpenEncoded(pages.Asset(name), "gzip")
			if encoding != "gzip" {
				t.Errorf("%s is not compressed", name)
			}
			total += len(body)
		}
		t.Logf("%s: %d bytes", page, total)
		if total > limit*1024*2/3 { // the rest is for the document itself
			t.Errorf("%s: %d bytes of scripts and styles", page, total)
		}
	}
}
