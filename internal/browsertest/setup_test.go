package browsertest

import "testing"

// The printed link makes the first administrator, once; that account signs in.
func TestFirstAdministratorIsMadeOnce(t *testing.T) {
	t.Parallel()
	s := unopened(t, offices())
	s.start(t)
	if s.link == "" {
		t.Fatal("no link was printed")
	}
	b := open(t)
	p := b.person(t, "administrator")
	p.goTo(s.link)
	p.write("#username", "ibu-kepala")
	p.write("#password", password)
	p.press("form button")
	p.sees(`location.pathname === "/staff" && document.body.innerText.indexOf("ibu-kepala") >= 0`)

	late := b.person(t, "somebody with the same link")
	late.expect("Failed to load resource")
	late.goTo(s.link)
	if read[bool](late, `!!document.querySelector("#password")`) {
		late.write("#username", "tamu")
		late.write("#password", password)
		late.press("form button")
	}
	late.sees(`document.body.innerText.indexOf("sudah dipakai") >= 0`)

	wrong := b.person(t, "somebody who mistypes")
	wrong.expect("401")
	wrong.goTo(s.url + "/login")
	wrong.write("#username", "ibu-kepala")
	wrong.write("#password", "bukan-sandinya")
	wrong.press("form button")
	wrong.sees(text("[role=alert]") + ` !== ""`)
	if name := read[string](wrong, `document.querySelector("#username").value`); name != "ibu-kepala" {
		t.Errorf("the name was lost: %q", name)
	}
	wrong.write("#password", password)
	wrong.press("form button")
	wrong.sees(`location.pathname === "/staff"`)
}
