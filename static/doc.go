// Package static holds what people see: the views of an office, and the pages
// (templates, styles, scripts, words and font, all embedded) that show them.
//
// The scripts and styles that pages load are bundled from src and css into
// dist by `go generate ./static`; dist is committed, so that building the
// product needs nothing but Go.
package static

//go:generate go run ./build
