package ledger

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"antrean/internal/ledger/redistest"
	"antrean/internal/queue"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
)

func TestThereIsNoOfficeBeforeItIsCreated(t *testing.T) {
	eachBackend(t, func(t *testing.T, s store) {
		o := startNode(t, s, s, Options{})
		for _, id := range []string{"bandung", "", "x/y"} {
			if _, err := o.Office(t.Context(), id); !errors.Is(err, ErrNoOffice) {
				t.Errorf("%q: %v", id, err)
			}
		}
		for i, id := range []string{"bandung", "ambon", "bandung"} {
			created, err := o.Create(t.Context(), roundTheClock(t, id))
			if err != nil || created != (i < 2) {
				t.Errorf("create %s: %t, %v", id, created, err)
			}
		}
		ids, err := o.IDs(t.Context())
		must(t, err)
		if diff := cmp.Diff([]string{"ambon", "bandung"}, ids); diff != "" {
			t.Error(diff)
		}
		if n := len(wholeLog(t, s, "bandung")); n != 2 {
			t.Errorf("%d events after creating twice", n)
		}
		wakeOffice(t, o, "bandung")
		eventually(t, func() bool { return o.Ready() == nil })
	})
}

func TestOnlyOfficesThatAreAwakeAreListedAwake(t *testing.T) {
	s := openEmbedded(t, filepath.Join(t.TempDir(), "antrean.db"))
	o := startNode(t, s, s, Options{})
	openOffice(t, o, "bandung")
	openOffice(t, o, "ambon")
	ids := func(o *Offices) (all []string) {
		for _, f := range o.Awake() {
			f.Read(func(s *queue.State) { all = append(all, s.Office) })
		}
		return all
	}
	if diff := cmp.Diff([]string{"ambon", "bandung"}, ids(o)); diff != "" {
		t.Error(diff)
	}
	another := startNode(t, s, s, Options{})
	wakeOffice(t, another, "bandung")
	if diff := cmp.Diff([]string{"bandung"}, ids(another)); diff != "" {
		t.Error(diff)
	}
}

func TestAnEventFromANewerReleaseMakesTheOfficeReadOnly(t *testing.T) {
	for name, data := range map[string]string{
		"type":            `{"v":1,"type":"ticket_teleported","at":"2026-11-24T01:00:00Z","fact":{}}`,
		"schema":          `{"v":99,"type":"ticket_issued","at":"2026-11-24T01:00:00Z","fact":{}}`,
		"no event at all": `[]`,
	} {
		t.Run(name, func(t *testing.T) {
			eachBackend(t, func(t *testing.T, s store) {
				o := startNode(t, s, s, Options{})
				f := openOffice(t, o, "bandung")
				must(t, f.Do(t.Context(), issue("mine"), nil))
				at, _ := f.Confirmed()
				must(t, s.Append(t.Context(), "bandung", at, "newer", texts(data)))
				eventually(t, func() bool { return errors.Is(o.Ready(), ErrReadOnly) })
				if err := f.Do(t.Context(), issue("late"), nil); !errors.Is(err, ErrReadOnly) {
					t.Errorf("got %v", err)
				}
				anew := wakeOffice(t, startNode(t, s, s, Options{}), "bandung")
				for _, f := range []*Office{f, anew} {
					f.Read(func(s *queue.State) {
						if s.Version != 3 || s.Tickets["mine"] == nil {
							t.Errorf("shows version %d", s.Version)
						}
					})
				}
				if err := anew.Do(t.Context(), issue("late"), nil); !errors.Is(err, ErrReadOnly) {
					t.Errorf("after a restart: %v", err)
				}
			})
		})
	}
}

// What this release cannot read from its first events on has no configuration:
// nobody may be handed a state without one.
func TestAnOfficeThatANewerReleaseMadeIsNotShown(t *testing.T) {
	s := openEmbedded(t, t.TempDir()+"/antrean.db")
	must(t, s.Append(t.Context(), "bandung", Position{}, "newer", texts(`{"v":2,"type":"office_configured","at":"2026-11-24T01:00:00Z","fact":{}}`)))
	if _, err := startNode(t, s, s, Options{}).Office(t.Context(), "bandung"); !errors.Is(err, ErrReadOnly) {
		t.Errorf("got %v", err)
	}
}

// A press that meets the newer event is refused, not lost.
func TestAPressThatMeetsANewerEventIsReadOnly(t *testing.T) {
	s := openEmbedded(t, t.TempDir()+"/antrean.db")
	f := openOffice(t, startNode(t, deafTail{s}, s, Options{}), "bandung")
	at, _ := f.Confirmed()
	must(t, s.Append(t.Context(), "bandung", at, "newer", texts(`{"v":1,"type":"ticket_teleported","at":"2026-11-24T01:00:00Z","fact":{}}`)))
	if err := f.Do(t.Context(), issue("mine"), nil); !errors.Is(err, ErrReadOnly) {
		t.Errorf("got %v", err)
	}
}

func TestWhileTheStoreIsAwayPagesStayReadableAndAllComesBack(t *testing.T) {
	server := redistest.Start(t)
	s := openRedis(t, server.URL())
	o := startNode(t, s, s, Options{})
	f := openOffice(t, o, "bandung")
	must(t, f.Do(t.Context(), issue("before"), nil))
	eventually(t, func() bool { return o.Ready() == nil })
	must(t, server.Kill())
	eventually(t, func() bool { return o.Ready() != nil })
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	c := issue("during")
	c.Key = "key"
	if err := f.Do(ctx, c, nil); !errors.Is(err, ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	_, stale := f.Confirmed()
	f.Read(func(s *queue.State) {
		if s.Tickets["before"] == nil {
			t.Error("what was known is not shown")
		}
	})
	must(t, server.Restart())
	eventually(t, func() bool { return o.Ready() == nil })
	must(t, f.Do(t.Context(), c, nil))
	if _, at := f.Confirmed(); !at.After(stale) {
		t.Error("the end was not confirmed again")
	}
	sameAsLog(t, f, s)
}

// A frozen store keeps its connections open and silent.
func TestAFrozenStoreIsNoticed(t *testing.T) {
	server := redistest.Start(t)
	s := openRedis(t, server.URL())
	o := startNode(t, s, s, Options{})
	f := openOffice(t, o, "bandung")
	eventually(t, func() bool { return o.Ready() == nil })
	must(t, server.Stop())
	done := make(chan error, 1)
	go func() { done <- f.Do(t.Context(), issue("during"), nil) }()
	eventually(t, func() bool { return o.Ready() != nil })
	must(t, server.Cont())
	must(t, <-done)
	eventually(t, func() bool { return o.Ready() == nil })
	sameAsLog(t, f, s)
}

func TestStaffGoFirstAndThePublicIsTurnedAwayWhenTooManyWait(t *testing.T) {
	s := openEmbedded(t, t.TempDir()+"/antrean.db")
	net := &shim{Log: s}
	f := openOffice(t, startNode(t, net, s, Options{}), "bandung")
	held, release := make(chan struct{}), make(chan struct{})
	net.set(once(func(send func() error) error {
		close(held)
		<-release
		return send()
	}))
	done := make(chan error, 3)
	go func() { done <- f.Do(t.Context(), issue("first"), nil) }()
	<-held
	public := func(id string) queue.Command {
		return queue.Command{Ask: queue.Issue{ID: id, Service: "penggantian"}, By: queue.Actor{Name: "applicant", Public: true}, ID: random()}
	}
	go func() { done <- f.Do(t.Context(), public("public"), nil) }()
	eventually(t, func() bool { return len(f.public) == 1 })
	go func() { done <- f.Do(t.Context(), issue("staff"), nil) }()
	eventually(t, func() bool { return len(f.staff) == 1 })
	gone, leave := context.WithCancel(t.Context())
	leave()
	for i := 1; i < publicBox; i++ {
		if err := f.Do(gone, public(fmt.Sprint(i)), nil); !errors.Is(err, ErrUnavailable) {
			t.Fatalf("caller %d: %v", i, err)
		}
	}
	if err := f.Do(gone, public("late"), nil); !errors.Is(err, ErrBusy) {
		t.Errorf("got %v", err)
	}
	close(release)
	for range 3 {
		must(t, <-done)
	}
	f.Read(func(s *queue.State) {
		if len(s.Tickets) != 3 || s.Tickets["staff"].Version > s.Tickets["public"].Version {
			t.Errorf("%d tickets; staff at %d, public at %d", len(s.Tickets), s.Tickets["staff"].Version, s.Tickets["public"].Version)
		}
	})
}

func TestAnOfficeSleepsWhenNobodyUsesItAndWakesWhenSomebodyDoes(t *testing.T) {
	s := openEmbedded(t, t.TempDir()+"/antrean.db")
	o := startNode(t, s, s, Options{IdleAfter: 40 * time.Millisecond})
	f := openOffice(t, o, "bandung")
	release := f.Watch()
	if awake := f.sleep(0); awake {
		t.Fatal("it slept while somebody watched")
	}
	release()
	eventually(t, func() bool { return f.life.Err() != nil })
	must(t, f.Do(t.Context(), issue("mine"), nil))
	other := wakeOffice(t, o, "bandung")
	if other == f {
		t.Error("the same Office woke again")
	}
	other.Read(func(s *queue.State) {
		if s.Tickets["mine"] == nil {
			t.Error("what was done in sleep is not there")
		}
	})
}

func TestOneNodeHasTheDuty(t *testing.T) {
	eachBackend(t, func(t *testing.T, s store) {
		ctx, stop := context.WithCancel(context.Background())
		one, two := New(s, s, Options{Node: "one"}), startNode(t, s, s, Options{Node: "two"})
		done := make(chan struct{})
		go func() { defer close(done); _ = one.Run(ctx) }()
		openOffice(t, one, "bandung")
		has := func(o *Offices, want bool) {
			t.Helper()
			if got, err := o.Duty(t.Context(), "bandung"); err != nil || got != want {
				t.Errorf("the duty is %t, %v; want %t", got, err, want)
			}
		}
		has(one, true)
		has(two, false)
		has(one, true)
		stop()
		<-done
		eventually(t, func() bool { got, err := two.Duty(t.Context(), "bandung"); return err == nil && got })
	})
}

func TestAGapInTheLogIsNotFoldedOver(t *testing.T) {
	server := redistest.Start(t)
	s := openRedis(t, server.URL())
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer client.Close()
	f := openOffice(t, startNode(t, s, s, Options{}), "bandung")
	for i := range 5 {
		must(t, f.Do(t.Context(), issue(fmt.Sprint(i)), nil))
	}
	must(t, client.XDel(t.Context(), logKey("bandung"), entryID(5)).Err())
	_, err := startNode(t, s, s, Options{}).Office(t.Context(), "bandung")
	if !errors.Is(err, errGap) {
		t.Errorf("a gap in the middle: %v", err)
	}
	must(t, client.XTrimMinID(t.Context(), logKey("bandung"), entryID(6)).Err())
	_, err = startNode(t, s, s, Options{}).Office(t.Context(), "bandung")
	if !errors.Is(err, errGap) {
		t.Errorf("a log without its beginning and no snapshot: %v", err)
	}
}

func TestChangesAreTold(t *testing.T) {
	eachBackend(t, func(t *testing.T, s store) {
		told := make(chan string, 100)
		f := openOffice(t, startNode(t, s, s, Options{}), "bandung")
		other := wakeOffice(t, startNode(t, s, s, Options{OnChange: func(office string) { told <- office }}), "bandung")
		must(t, f.Do(t.Context(), issue("mine"), nil))
		if office := <-told; office != "bandung" {
			t.Errorf("told of %s", office)
		}
		other.Read(func(s *queue.State) {
			if s.Tickets["mine"] == nil {
				t.Error("told before it was settled")
			}
		})
	})
}
