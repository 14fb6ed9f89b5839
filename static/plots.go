package static

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The plots of reports, drawn by the server: numbers become the coordinates of
// an SVG of plotWidth, and what they mean stands in a table beside it.

const (
	plotWidth  = 900
	plotHeight = 230
	plotLeft   = 44 // room for what the lines of the grid say
	plotRight  = 26
	plotTop    = 12
	plotBottom = 28
	rowHeight  = 30 // of a counter's line
	rowLabel   = 110
)

// drawing is a plot, ready to be written down.
type drawing struct {
	Width, Height                int
	GridLeft, GridRight, GridTop float64
	GridBottom                   float64
	Across                       []tick // lines of the grid from left to right
	Along                        []tick // moments
	Area, Line                   string // path data
	Bars                         []bar
	Labels                       []tick
}

// figure is a drawing with its name and what it shows.
type figure struct {
	Drawing     drawing
	Title, Text string
}

func newFigure(d drawing, title, text string) figure { return figure{d, title, text} }

type tick struct {
	X, Y  float64
	Words string
}

type bar struct {
	X, Y, W, H float64
	Class      string
}

func newDrawing(height int) drawing {
	return drawing{Width: plotWidth, Height: height, GridLeft: plotLeft, GridRight: plotWidth - plotRight, GridTop: plotTop, GridBottom: float64(height - plotBottom)}
}

// across draws the grid of amounts, and returns the scale.
func (d *drawing) across(most int) func(n float64) float64 {
	step := 1
	for _, s := range []int{1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2500, 5000, 10000} {
		if step = s; most <= 5*s {
			break
		}
	}
	top := max((most+step-1)/step*step, step)
	scale := func(n float64) float64 {
		return d.GridBottom - n/float64(top)*(d.GridBottom-d.GridTop)
	}
	for n := 0; n <= top; n += step {
		d.Across = append(d.Across, tick{X: d.GridLeft, Y: scale(float64(n)), Words: strconv.Itoa(n)})
	}
	return scale
}

// along draws the hours, and returns the scale of seconds.
func (d *drawing) along(f formatter, begin, end int) func(second int) float64 {
	end = max(end, begin+3600)
	scale := func(second int) float64 {
		return d.GridLeft + float64(min(max(second, begin), end)-begin)/float64(end-begin)*(d.GridRight-d.GridLeft)
	}
	step := 3600
	for (end-begin)/step > 12 {
		step *= 2
	}
	for at := (begin + step - 1) / step * step; at <= end; at += step {
		d.Along = append(d.Along, tick{X: scale(at), Y: d.GridBottom, Words: f.hourWords(at / 3600 % 24)})
	}
	return scale
}

func (f formatter) drawWaiting(p *WaitingPlot) drawing {
	d := newDrawing(plotHeight)
	most := 0
	for _, point := range p.Points {
		most = max(most, point.N)
	}
	y, x := d.across(most), d.along(f, p.Begin, p.End)
	var line strings.Builder
	for i, point := range p.Points {
		move := "L"
		if i == 0 {
			move = "M"
		}
		fmt.Fprintf(&line, "%s%.1f %.1f", move, x(point.At), y(float64(point.N)))
	}
	d.Line = line.String()
	if n := len(p.Points); n > 0 {
		d.Area = fmt.Sprintf("%sL%.1f %.1fL%.1f %.1fZ", d.Line, x(p.Points[n-1].At), d.GridBottom, x(p.Points[0].At), d.GridBottom)
	}
	return d
}

func (f formatter) drawLoad(p *LoadPlot) drawing {
	d := newDrawing(plotHeight)
	most := 0
	for _, h := range p.Hours {
		most = max(most, h.Places, h.Arrived, h.Served)
	}
	y := d.across(most)
	width := (d.GridRight - d.GridLeft) / float64(max(len(p.Hours), 1))
	for i, h := range p.Hours {
		left := d.GridLeft + width*float64(i)
		place := func(n int, from, part float64, class string) {
			if n > 0 {
				d.Bars = append(d.Bars, bar{left + width*from, y(float64(n)), width * part, d.GridBottom - y(float64(n)), class})
			}
		}
		place(h.Places, 0.08, 0.84, "places")
		place(h.Arrived, 0.16, 0.32, "came")
		place(h.Served, 0.52, 0.32, "served")
		d.Along = append(d.Along, tick{X: left + width/2, Y: d.GridBottom, Words: f.hourWords(h.Hour)})
	}
	return d
}

func (f formatter) drawCounters(p *CountersPlot) drawing {
	d := newDrawing(plotTop + rowHeight*len(p.Rows) + plotBottom)
	d.GridLeft = rowLabel
	x := d.along(f, p.Begin, p.End)
	for i, row := range p.Rows {
		top := float64(plotTop + i*rowHeight)
		d.Labels = append(d.Labels, tick{X: rowLabel - 8, Y: top + rowHeight/2 + 4, Words: shortened(row.Name, 14)})
		for _, s := range row.Open {
			d.Bars = append(d.Bars, bar{x(s.From), top + 4, max(x(s.To)-x(s.From), 0.5), rowHeight - 8, s.Kind})
		}
		for _, s := range row.Calls {
			d.Bars = append(d.Bars, bar{x(s.From), top + 8, max(x(s.To)-x(s.From)-0.6, 0.6), rowHeight - 16, s.Kind})
		}
	}
	return d
}

func shortened(name string, letters int) string {
	if all := []rune(name); len(all) > letters {
		return strings.TrimSpace(string(all[:letters-1])) + "…"
	}
	return name
}

func (f formatter) drawPeriods(p *PeriodsPlot) drawing {
	d := newDrawing(plotHeight)
	most := 0
	for _, r := range p.Rows {
		most = max(most, r.Arrived, r.Done)
	}
	y := d.across(most)
	width := (d.GridRight - d.GridLeft) / float64(max(len(p.Rows), 1))
	every := max(1, (len(p.Rows)+11)/12)
	for i, r := range p.Rows {
		left := d.GridLeft + width*float64(i)
		for _, b := range []struct {
			n     int
			from  float64
			class string
		}{{r.Arrived, 0.12, "came"}, {r.Done, 0.5, "served"}} {
			if b.n > 0 {
				d.Bars = append(d.Bars, bar{left + width*b.from, y(float64(b.n)), width * 0.36, d.GridBottom - y(float64(b.n)), b.class})
			}
		}
		if i%every == 0 {
			d.Along = append(d.Along, tick{X: left + width/2, Y: d.GridBottom, Words: f.shortDate(r.From)})
		}
	}
	return d
}

// shortDate is "24/11".
func (f formatter) shortDate(t time.Time) string { return t.Format("2/1") }
