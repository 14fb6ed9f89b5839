// Command look serves every page in every sampled state, for drawing them:
// `go run ./static/look`, then open what it prints.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"log"
	"net/http"
	"strings"

	"antrean/static"
	"antrean/static/sample"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8090", "where to listen")
	flag.Parse()
	pages, err := static.New()
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("http://%s/", *addr)
	log.Fatal(http.ListenAndServe(*addr, handler(pages)))
}

// handler serves "/" as the list, "/<state>" as a page and the assets, under
// the policy that the product itself uses.
func handler(pages *static.Pages) http.Handler {
	all := sample.All()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if body, contentType, ok := pages.Open(r.URL.Path); ok {
			w.Header().Set("Content-Type", contentType)
			_, _ = w.Write(body)
			return
		}
		if r.URL.Path == "/sample-qr.svg" {
			w.Header().Set("Content-Type", "image/svg+xml")
			fmt.Fprint(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 21 21"><path d="M1 1h7v7H1zM13 1h7v7h-7zM1 13h7v7H1zM10 2h2v3h-2zM10 9h5v2h-5zM14 14h2v2h-2zM17 16h3v4h-3zM10 15h2v5h-2z"/></svg>`)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'")
		name := strings.TrimPrefix(r.URL.Path, "/")
		for _, p := range all {
			if p.Name != name {
				continue
			}
			var b bytes.Buffer
			if err := pages.Render(&b, p.Template, r.URL.Query().Get("lang"), p.Data); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			_, _ = w.Write(b.Bytes())
			return
		}
		if name != "" {
			http.NotFound(w, r)
			return
		}
		for _, p := range all {
			fmt.Fprintf(w, "<li><a href=%q>%s</a> <a href=%q>en</a>", p.Name, p.Name, p.Name+"?lang=en")
		}
	})
}
