package browsertest

import (
	"net/http"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Somebody whose phone runs no scripts moves to another hour, says that they
// come, goes on standby and off it again, and cancels.
func TestTheTicketNeedsNoScript(t *testing.T) {
	t.Parallel()
	s := serve(t, offices())
	var booked struct{ Tickets []ticket }
	signedIn(t, s, "admin").do(http.MethodPost, "/api/v1/offices/bandung/bookings", map[string]any{
		"service": "paspor-baru", "slot": time.Now().UTC().Truncate(time.Hour).Add(48 * time.Hour),
		"people": []any{map[string]string{"name": "Siti", "nik": nik(1)}},
	}, &booked)
	p := open(t).person(t, "applicant")
	p.size(360, 740, chromedp.EmulateMobile)
	p.withoutScript()
	p.goTo(booked.Tickets[0].URL)
	if reloads := read[bool](p, `!!document.querySelector("noscript meta, meta[http-equiv=refresh]")`); reloads {
		t.Error("the page reloads while an hour is chosen")
	}
	before := read[string](p, text("#hour-day"))
	p.press(`[data-can=reschedule] summary`)
	p.press(`.hours label:nth-of-type(3)`)
	p.press(`[data-can=reschedule] button`)
	p.sees(text("#hour-day") + ` !== "` + before + `"`)

	p.press(`[data-can=confirm] button`)
	p.sees(text("#confirmed") + ` !== ""`)
	p.press(`[data-can=standby] summary`)
	p.press(`[data-can=standby] button`)
	p.sees(text("#standing-by") + `.indexOf("daftar tunggu") > 0`)
	p.press(`#standing-by button`)
	p.sees(text("#standing-by") + ` === ""`)
	p.press(`[data-can=cancel] summary`)
	p.press(`[data-can=cancel] button`)
	p.sees(text("#state-title") + ` === "Pemesanan dibatalkan"`)
	p.press(`.acts a[href="/"]`)
	p.sees(`location.pathname === "/"`)
}
