package display

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"antrean/internal/queue"
	"antrean/internal/staff"
	"antrean/internal/vault"
)

// What was done is done: a repetition is answered as the first time, whatever
// would stand against it by now.
func TestARepetitionIsAnsweredAlsoWhenItWouldBeWrongByNow(t *testing.T) {
	h := embedded(t)
	t.Run("whom somebody joins", func(t *testing.T) {
		var first, second bookedAnswer
		slot := "2026-11-24T09:30:00+07:00"
		h.bookAt(bookingOf("paspor-baru", slot, 1)).is(201, &first)
		h.bookAt(bookingOf("paspor-baru", slot, 2)).is(201, &second)
		_, number, _ := strings.Cut(first.Tickets[0].Number, "-")
		join := func(with string, key string) answer {
			return h.at(staff.Desk, "tickets/"+second.Tickets[0].ID+"/join", map[string]any{"with": with}, keyHeader, key)
		}
		join(number, "once").is(200)
		other := ""
		for n := 10; other != number; n += 5 {
			var more bookedAnswer
			h.bookAt(bookingOf("penggantian", "2026-11-24T10:30:00+07:00", n, n+1, n+2, n+3, n+4)).is(201, &more)
			for _, one := range more.Tickets {
				if _, other, _ = strings.Cut(one.Number, "-"); other == number {
					break
				}
			}
		}
		join(number, "once").is(200)
		join(number, "another").problem(422, "invalid")
	})
	t.Run("a name, of somebody who was erased since", func(t *testing.T) {
		var booked bookedAnswer
		h.bookAt(bookingOf("paspor-baru", "2026-11-26T09:30:00+07:00", 3)).is(201, &booked)
		correct := func(key string) answer {
			return h.at(staff.Desk, "tickets/"+booked.Tickets[0].ID+"/correct", map[string]any{"name": "Ujang Rahasia"}, keyHeader, key)
		}
		correct("name").is(200)
		h.person("erase", map[string]any{"nik": nikOf(3), "cancel": true}).is(200)
		correct("name").is(200)
		correct("another").problem(409, "wrong_state")
	})
	t.Run("settings that name what is gone", func(t *testing.T) {
		admin, at := h.as(staff.Administrator), adminAt+"/config"
		change := func(change func(*queue.Config)) {
			t.Helper()
			var made *queue.Config
			h.read(func(s *queue.State) { made = copyConfig(s.Config) })
			change(made)
			h.ask("PUT", "/api/v1/offices/bandung/config", made, admin...).is(200)
		}
		change(func(c *queue.Config) {
			foto := c.Stages[1]
			foto.ID = "foto"
			c.Stages = append(c.Stages, foto)
			c.Counters[0].Stages = append(c.Counters[0].Stages, "foto")
		})
		form := filled(h.see(at+"?topic=services", admin...).is(200), "services")
		form.Add("services[1].stages", "foto")
		h.form(at, form, admin...).is(303)
		change(func(c *queue.Config) {
			c.Services[1].Stages = c.Services[1].Stages[:1]
			c.Stages = c.Stages[:2]
			c.Counters[0].Stages = c.Counters[0].Stages[:len(c.Counters[0].Stages)-1]
		})
		h.form(at, form, admin...).leadsTo(at + "?topic=services&said=config")
		form.Set("key", "another")
		h.form(at, form, admin...).is(422)
	})
}

func TestTwoWhoWriteTheNoticeDoNotOverwriteEachOther(t *testing.T) {
	h := embedded(t)
	me := h.signIn("ibu-kepala", staff.Administrator)
	const at = "/admin/offices/bandung/privacy"
	mine, theirs := h.see(at, me...).is(200), h.see(at, me...).is(200)
	h.form(at, fill(theirs, "text-id", "Yang pertama."), me...).is(303)
	h.form(at, fill(mine, "text-id", "Yang kedua."), me...).is(409).shows("Yang kedua.")
	h.form(at, fill(theirs, "text-id", "Yang pertama."), me...).is(303) // pressed twice
	h.see(at, me...).is(200).shows("Yang pertama.").hides("Yang kedua.")
	h.form(at, url.Values{"key": {"none"}, "text-id": {"Tanpa versi."}}, me...).is(409)
}

func TestMovingSomebodyKeepsWhatIsCorrectedMeanwhile(t *testing.T) {
	h := embedded(t)
	var booked bookedAnswer
	h.bookAt(bookingOf("paspor-baru", "2026-11-26T09:30:00+07:00", 1)).is(201, &booked)
	id := booked.Tickets[0].ID
	office, err := h.open(t.Context(), "bandung")
	if err != nil {
		t.Fatal(err)
	}
	// The correction comes between the reading of the record and its writing.
	between := &between{store: h.store}
	h.Vault = vault.New(between, h.Ring, h.clock.Now)
	between.then = func() {
		err := vault.New(h.store, h.Ring, h.clock.Now).Change(t.Context(), "bandung", id, time.Hour, func(p *vault.Person) { p.Name = "Nama Baru" })
		if err != nil {
			t.Error(err)
		}
	}
	if err := h.keepPerson(t.Context(), office, "bandung", id, morning.AddDate(0, 0, 20)); err != nil {
		t.Fatal(err)
	}
	if person, err := h.Vault.Get(t.Context(), "bandung", id); err != nil || person.Name != "Nama Baru" {
		t.Errorf("kept is %q, %v", person.Name, err)
	}
}

func TestTheOtherOfficeIsFoundByTheCode(t *testing.T) {
	h := embedded(t)
	var booked bookedAnswer
	h.ask("POST", "/api/v1/offices/soekarno-hatta/bookings", bookingOf("paspor-baru", "earliest", 1)).is(201, &booked)
	var found struct {
		Tickets   []foundTicket
		Elsewhere *struct{ ID, Name string }
	}
	h.ask("GET", "/api/v1/offices/bandung/find?q="+booked.Tickets[0].Code, nil, h.as(staff.Desk)...).is(200, &found)
	if found.Elsewhere == nil || found.Elsewhere.ID != "soekarno-hatta" || len(found.Tickets) != 0 {
		t.Errorf("found %+v", found)
	}
}

// What is read of an office holds up its next press: nothing in there may ask the
// vault or the accounts, hash for every ticket, or try a policy out.
func TestWhileAnOfficeIsReadNothingTakesLong(t *testing.T) {
	slow := map[string]bool{"Codes": true, "Coming": true, "Under": true, "Vault": true, "Staff": true, "previewConfig": true}
	files := token.NewFileSet()
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	readings := 0
	look := func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if name, ok := call.Fun.(*ast.SelectorExpr); !ok || name.Sel.Name != "Read" && name.Sel.Name != "eachOffice" {
			return true
		}
		for _, argument := range call.Args {
			reading, ok := argument.(*ast.FuncLit)
			if !ok {
				continue
			}
			readings++
			ast.Inspect(reading, func(n ast.Node) bool {
				if name, ok := n.(*ast.SelectorExpr); ok && slow[name.Sel.Name] {
					t.Errorf("%s: %s while an office is read", files.Position(name.Pos()), name.Sel.Name)
				}
				return true
			})
		}
		return true
	}
	for _, source := range sources {
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, source, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, look)
	}
	if readings < 40 {
		t.Errorf("only %d readings were looked at", readings)
	}
}

// between is a store in which something happens once, after a record was read.
type between struct {
	store
	then func()
}

func (b *between) Get(ctx context.Context, key string) ([]byte, error) {
	value, err := b.store.Get(ctx, key)
	if then := b.then; then != nil {
		b.then = nil
		then()
	}
	return value, err
}
