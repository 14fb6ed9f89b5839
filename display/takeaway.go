package display

import (
	"fmt"
	"strings"

	ics "github.com/arran4/golang-ical"
	"github.com/gofiber/fiber/v2"
	"github.com/skip2/go-qrcode"

	"antrean/internal/queue"
)

// ticketQR is the ticket's check-in code as a picture. It holds no token: a
// photograph of it checks the ticket in and opens nothing.
func (a *App) ticketQR(c *fiber.Ctx) error {
	h, err := a.viewer(c)
	if err != nil {
		return err
	}
	svg, err := qrSVG(a.Ring.QRCode(h.id, h.ticket))
	if err != nil {
		return fault500(err)
	}
	c.Set(fiber.HeaderContentType, "image/svg+xml")
	private(c)
	return c.SendString(svg)
}

// private keeps an answer that hangs on a token out of caches and referrers.
func private(c *fiber.Ctx) {
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
}

// qrSVG draws black modules on white, one unit each, the quiet zone included.
func qrSVG(text string) (string, error) {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return "", fmt.Errorf("draw QR code: %w", err)
	}
	bits := code.Bitmap()
	var path strings.Builder
	for y, row := range bits {
		for x := 0; x < len(row); x++ {
			from := x
			for x < len(row) && row[x] {
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
			}
		}
	}
	n := len(bits)
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges">`+
		`<path fill="#fff" d="M0 0h%dv%dH0z"/><path d="%s"/></svg>`, n, n, n, n, path.String()), nil
}

// ticketCalendar is the appointment for the applicant's own calendar.
func (a *App) ticketCalendar(c *fiber.Ctx) error {
	h, err := a.viewer(c)
	if err != nil {
		return err
	}
	lang, cal := a.language(c), ics.NewCalendar()
	cal.SetMethod(ics.MethodPublish)
	cal.SetProductId("-//Antrean//" + strings.ToUpper(lang))
	found := false
	h.office.Read(func(s *queue.State) {
		t := s.Tickets[h.ticket]
		if t == nil || t.Slot == nil {
			return
		}
		found = true
		e := cal.AddEvent(h.ticket + "@" + h.id + ".antrean")
		e.SetDtStampTime(t.Made.UTC())
		e.SetSequence(int(t.Version)) // a newer file replaces an older one in the calendar
		e.SetStartAt(t.Slot.Start.UTC())
		e.SetEndAt(t.Slot.End.UTC())
		e.SetSummary(t.Number + " · " + s.Config.Name)
		e.SetLocation(s.Config.Address)
		e.SetDescription(serviceName(s, t.Service).In(lang))
		if t.Status == queue.Cancelled {
			e.SetStatus(ics.ObjectStatusCancelled)
		}
	})
	if !found {
		return notFound("ticket")
	}
	c.Set(fiber.HeaderContentType, "text/calendar; charset=utf-8")
	private(c)
	c.Attachment("antrean.ics")
	c.Set(fiber.HeaderContentType, "text/calendar; charset=utf-8")
	return c.SendString(cal.Serialize(ics.WithNewLineWindows))
}
