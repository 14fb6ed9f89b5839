package main

import (
	"bytes"
	"fmt"
)

// chart draws the figures as bars, one group each.
func (f hubFigures) chart() []byte {
	groups := []struct {
		title string
		of    func(hubServer) float64
	}{
		{"Press of Next to the last subscriber, ms", func(s hubServer) float64 { return s.Last }},
		{"Ten calls within 10 ms to the last subscriber, ms", func(s hubServer) float64 { return s.Burst }},
		{"Server CPU per frame, µs", func(s hubServer) float64 { return s.CPU }},
		{"Idle socket, KB resident", func(s hubServer) float64 { return s.Socket }},
	}
	names := map[string]string{"antrean": "Antrean", "raw": "bare TCP, one write each", "chat": "gorilla's chat pattern"}
	colours := map[string]string{"antrean": "#0b6e4f", "raw": "#8a8f98", "chat": "#c8753d"}
	const left, width, bar, step = 190, 420, 16, 22
	height := 40
	for range groups {
		height += 34 + step*len(f.Servers)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="13">`+"\n", left+width+90, height)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" fill="#fff"/><text x="16" y="24" font-size="15" font-weight="bold">antrean bench hub, %d subscribers, %d rounds</text>`+"\n", f.Subscribers, f.Rounds)
	y := 54
	for _, g := range groups {
		most := 0.0
		for _, s := range f.Servers {
			most = max(most, g.of(s))
		}
		fmt.Fprintf(&b, `<text x="16" y="%d" font-weight="bold">%s</text>`+"\n", y, g.title)
		y += 8
		for _, s := range f.Servers {
			long := g.of(s) / max(most, 1e-9) * width
			fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text><rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/><text x="%.1f" y="%d">%.1f</text>`+"\n",
				left-8, y+bar-3, names[s.Name], left, y, max(long, 1), bar, colours[s.Name], left+long+6, y+bar-3, g.of(s))
			y += step
		}
		y += 26
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}
