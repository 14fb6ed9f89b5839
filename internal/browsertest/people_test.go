package browsertest

import (
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

// An administrator who must have a second factor sets it up, lets a colleague in
// by a link, and looks at every page about accounts, devices and people.
func TestAnAdministratorSetsUpTheSecondStepAndLetsAColleagueIn(t *testing.T) {
	t.Parallel()
	s := serve(t, offices(), "--require-totp")
	b := open(t)
	admin := b.person(t, "administrator")
	admin.size(1280, 800)
	admin.signIn(s.url, "admin", password, "/admin/users")
	admin.sees(`location.pathname === "/account/second-factor" && document.querySelector("img.qr").naturalWidth > 0`)
	admin.accessible()
	secret := strings.ReplaceAll(read[string](admin, `document.querySelector("main code").textContent`), " ", "")
	code := func(steps int) string {
		code, err := totp.GenerateCode(secret, time.Now().Add(time.Duration(steps)*30*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	admin.write("#code", code(-1)) // each counts once, and nobody waits here for the next
	admin.write("#again-password", password)
	admin.press("form button")
	admin.sees(`document.querySelectorAll(".codes li").length === 10`)
	admin.accessible()

	admin.goTo(s.url + "/admin/users")
	admin.accessible()
	admin.write("#username", "wati")
	admin.press(`input[name=office]`)
	admin.press(`main form .acts button`)
	admin.sees(`location.pathname === "/admin/users" && document.querySelector("code.once")`)
	admin.accessible()
	link := read[string](admin, `document.querySelector("code.once").textContent`)

	wati := b.person(t, "wati")
	wati.goTo(link)
	wati.accessible()
	wati.write("#password", "kuda benar baterai")
	wati.press("form button")
	wati.sees(`location.pathname === "/login"`)
	wati.write("#username", "wati")
	wati.write("#password", "kuda benar baterai")
	wati.press("form button")
	wati.sees(`location.pathname === "/counter"`)

	for _, path := range []string{"/admin/sessions", "/admin/tokens", "/admin/devices", "/admin/privacy", "/admin/offices/bandung/privacy", "/account"} {
		admin.goTo(s.url + path)
		admin.sees(`document.readyState === "complete" && document.querySelector("h1")`)
		admin.accessible()
	}
	admin.size(360, 740)
	admin.sees(`document.documentElement.scrollWidth <= 360`)

	again := b.person(t, "administrator elsewhere")
	again.goTo(s.url + "/login?next=/admin/users")
	again.write("#username", "admin")
	again.write("#password", password)
	again.press("form button")
	again.sees(`document.querySelector("#code")`)
	again.accessible()
	again.write("#code", code(0))
	again.press("form button")
	again.sees(`location.pathname === "/admin/users" && document.body.innerText.indexOf("wati") >= 0`)
}
