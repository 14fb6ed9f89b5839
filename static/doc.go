// Package static holds what people see: the views of an office, and the pages
// (templates, styles, scripts, words and font, all embedded) that show them.
package static
