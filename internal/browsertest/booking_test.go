package browsertest

import (
	"regexp"
	"testing"

	"github.com/chromedp/chromedp"
)

// Somebody whose phone runs no scripts books, corrects a wrong NIK without
// typing anything else again, and reaches the ticket.
func TestBookingNeedsNoScript(t *testing.T) {
	t.Parallel()
	s := serve(t, offices())
	p := open(t).person(t, "applicant")
	p.size(360, 740, chromedp.EmulateMobile)
	p.withoutScript()
	p.expect("422") // the browser reports the refused form itself

	p.goTo(s.url + "/?office=bandung")
	p.press(`.choices a`)
	p.sees(`document.querySelector("form input[name=nik]")`)
	// A phone's own check of the pattern would stop it; old ones have none.
	p.do(chromedp.SetAttributeValue(chromedp.CSS("form[action='/']"), "novalidate", ""))
	p.write("[name=name]", "Siti Nurhaliza Kartadiningrat")
	p.write("[name=nik]", "3273016503990")
	p.write("[name=phone]", "0812 3456 7890")
	p.write("[name=email]", "siti@example.com")
	p.press("form .primary, form button")

	p.sees(text("#e-nik") + ` !== ""`)
	wrong := read[string](p, text("#e-nik"))
	if !regexp.MustCompile(`16 (angka|digit)`).MatchString(wrong) {
		t.Errorf("the field says %q", wrong)
	}
	if lang := read[string](p, `document.documentElement.lang`); lang != "id" {
		t.Errorf("the page turned to %q", lang)
	}
	for field, typed := range map[string]string{
		"name": "Siti Nurhaliza Kartadiningrat", "nik": "3273016503990", "phone": "0812 3456 7890", "email": "siti@example.com",
	} {
		if kept := read[string](p, `document.querySelector("[name=`+field+`]").value`); kept != typed {
			t.Errorf("%s kept %q of %q", field, kept, typed)
		}
	}

	p.do(chromedp.SetValue(chromedp.CSS("[name=nik]"), "3273016503990001"))
	p.press("form .primary, form button")
	p.sees(`document.body.classList.contains("booked") && /^A-\d+$/.test(` + text(".number") + `)`)
	number := read[string](p, text(".number"))
	p.press(".acts .primary")
	p.sees(`location.pathname === "/t" && ` + text("#number") + ` === "` + number + `"`)
	if shown := read[string](p, `document.body.innerText`); regexp.MustCompile(`Siti|3273016503990001|0812`).MatchString(shown) {
		t.Errorf("the ticket shows personal data:\n%s", shown)
	}
}
