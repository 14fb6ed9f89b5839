package ledger

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"antrean/internal/ledger/redistest"
	"antrean/internal/queue"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"
)

// Rule 1: a position is (version, tag).

// The server crashes, its file has lost the last appends, and another node
// goes on before this one looks again: the log is longer than what the node
// knows, and another.
func TestALogThatLostItsTailIsLoadedAnewInANewEpoch(t *testing.T) {
	server := redistest.Start(t)
	near, far := openRedis(t, server.URL()), openRedis(t, server.URL())
	quiet := &shim{Log: near}
	f := openOffice(t, startNode(t, quiet, near, Options{}), "bandung")
	watcher := wakeOffice(t, startNode(t, near, near, Options{}), "bandung")
	defer f.Watch()()
	must(t, f.Do(t.Context(), issue("kept"), nil))
	file, err := server.AppendOnlyFile()
	must(t, err)
	whole, err := os.Stat(file)
	must(t, err)
	for i := range 3 {
		must(t, f.Do(t.Context(), issue(fmt.Sprintf("lost%d", i)), nil))
	}
	was := epoch(f)
	hear := quiet.deafen()
	defer hear()
	must(t, server.Kill())
	must(t, os.Truncate(file, whole.Size()))
	must(t, server.Restart())
	end, err := far.Read(t.Context(), "bandung", version(f)-3, 9)
	must(t, err)
	if len(end) != 1 {
		t.Fatalf("%d entries are left from version %d on, want 1", len(end), version(f)-3)
	}
	at := end[0].Position()
	for i := range 6 {
		at = appendIssue(t, far, at, fmt.Sprintf("other%d", i))
	}
	hear()
	eventually(t, func() bool { return epoch(f) != was && epoch(watcher) == epoch(f) && version(watcher) == version(f) })
	f.Read(func(s *queue.State) {
		if s.Tickets["lost0"] != nil || s.Tickets["kept"] == nil || s.Tickets["other5"] == nil {
			t.Errorf("the node shows %d tickets of a lost history", len(s.Tickets))
		}
	})
	sameAsLog(t, f, far)
	if n := count(types(t, wholeLog(t, far, "bandung")), "epoch_began"); n != 2 {
		t.Errorf("%d epochs were begun, want the first and one more", n)
	}
	must(t, f.Do(t.Context(), issue("after"), nil))
}

// appendIssue appends another node's event, whose fold is not at hand.
func appendIssue(t testing.TB, log Log, at Position, id string) Position {
	t.Helper()
	e := &queue.Event{At: time.Now().UTC().Truncate(time.Millisecond), By: "other", Fact: &queue.TicketIssued{Ticket: &queue.Ticket{
		ID: id, Number: "B-" + fmt.Sprint(900+at.Version), Seq: 900 + int(at.Version), Service: "penggantian",
		Route: []string{"wawancara"}, Stage: "wawancara", Status: queue.Waiting, Lane: queue.Walkin, Date: "2026-11-24",
	}}}
	data, err := queue.Encode(e)
	must(t, err)
	tag := random()
	must(t, log.Append(context.Background(), "bandung", at, tag, [][]byte{data}))
	return Position{at.Version + 1, tag}
}

// The same version, another tag, and no connection broke.
func TestAForeignEntryAtTheSameVersionIsNoticed(t *testing.T) {
	server := redistest.Start(t)
	s := openRedis(t, server.URL())
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer client.Close()
	f := openOffice(t, startNode(t, s, s, Options{}), "bandung")
	must(t, f.Do(t.Context(), issue("lost"), nil))
	was, last := epoch(f), wholeLog(t, s, "bandung")[2]
	must(t, client.XTrimMaxLen(t.Context(), logKey("bandung"), 10).Err())
	must(t, client.XDel(t.Context(), logKey("bandung"), entryID(last.Version)).Err())
	must(t, client.Do(t.Context(), "XSETID", logKey("bandung"), entryID(last.Version-1)).Err())
	appendIssue(t, s, wholeLog(t, s, "bandung")[1].Position(), "other")
	eventually(t, func() bool { return epoch(f) != was })
	sameAsLog(t, f, s)
}

func TestAShorterLogIsNoticedByAPress(t *testing.T) {
	server := redistest.Start(t)
	s := openRedis(t, server.URL())
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer client.Close()
	quiet := &shim{Log: s}
	f := openOffice(t, startNode(t, quiet, s, Options{}), "bandung")
	must(t, f.Do(t.Context(), issue("kept"), nil))
	must(t, f.Do(t.Context(), issue("lost"), nil))
	was := epoch(f)
	must(t, client.XDel(t.Context(), logKey("bandung"), entryID(4)).Err())
	must(t, f.Do(t.Context(), issue("new"), func(s *queue.State, _ []*queue.Event) {
		if s.Tickets["lost"] != nil {
			t.Error("decided on what the log has lost")
		}
	}))
	if epoch(f) == was {
		t.Error("no new epoch")
	}
	sameAsLog(t, f, s)
}

// The log falls back into an epoch that was over before this node woke: its
// versions are given a second time, and clients know the first.
func TestALogThatFallsBackIntoAnOldEpochBeginsAnother(t *testing.T) {
	server := redistest.Start(t)
	s := openRedis(t, server.URL())
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer client.Close()
	node := startNode(t, s, s, Options{})
	_, err := node.Create(t.Context(), roundTheClock(t, "bandung"))
	must(t, err)
	log := wholeLog(t, s, "bandung")
	first := decodeAll(log)[0].event.Fact.(*queue.EpochBegan).Epoch
	data, err := queue.Encode(&queue.Event{At: time.Now().UTC().Add(time.Second).Truncate(time.Millisecond), Fact: &queue.EpochBegan{Epoch: "second"}})
	must(t, err)
	must(t, s.Append(t.Context(), "bandung", log[1].Position(), "other", [][]byte{data}))
	f := wakeOffice(t, node, "bandung")
	if epoch(f) != "second" {
		t.Fatal("the test shows nothing")
	}
	must(t, client.XDel(t.Context(), logKey("bandung"), entryID(3)).Err())
	must(t, f.Do(t.Context(), issue("new"), nil))
	if e := epoch(f); e == first || e == "second" {
		t.Errorf("epoch %s goes on", e)
	}
	sameAsLog(t, f, s)
}

// Rule 2: an answer lost is an outcome unknown.

func TestABatchWhoseAnswerIsLostLandsOnce(t *testing.T) {
	other := func(t *testing.T, s store) {
		entries := wholeLog(t, s, "bandung")
		appendIssue(t, s, entries[len(entries)-1].Position(), "other")
	}
	for name, lose := range map[string]func(t *testing.T, s store, send func() error) error{
		"after it landed": func(t *testing.T, _ store, send func() error) error { must(t, send()); return errLost },
		"before it was sent": func(*testing.T, store, func() error) error {
			return errLost
		},
		"after it landed, and another node went on": func(t *testing.T, s store, send func() error) error {
			must(t, send())
			other(t, s)
			return errLost
		},
		"before it was sent, and another node was faster": func(t *testing.T, s store, _ func() error) error {
			other(t, s)
			return errLost
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachBackend(t, func(t *testing.T, s store) {
				net := &shim{Log: deafTail{s}} // else the tail would find the batch
				f := openOffice(t, startNode(t, net, s, Options{}), "bandung")
				net.set(once(func(send func() error) error { return lose(t, s, send) }))
				answered := 0
				must(t, f.Do(t.Context(), issue("mine"), func(s *queue.State, events []*queue.Event) {
					if answered++; s.Tickets["mine"] == nil || s.Tickets["mine"].Version != s.Version || len(events) != 1 {
						t.Error("answered with another state")
					}
				}))
				if answered != 1 {
					t.Errorf("answered %d times", answered)
				}
				landed := 0
				for _, e := range decodeAll(wholeLog(t, s, "bandung")) {
					if issued, ok := e.event.Fact.(*queue.TicketIssued); ok && issued.Ticket.ID == "mine" {
						landed++
					}
				}
				if landed != 1 {
					t.Errorf("landed %d times", landed)
				}
				must(t, f.readOn(t.Context()))
				sameAsLog(t, f, s)
			})
		})
	}
}

// The script of the first attempt was under way all the time and runs after
// the second attempt was sent, or after its commands were decided again.
func TestADelayedScriptDoesNoHarm(t *testing.T) {
	eachBackend(t, func(t *testing.T, s store) {
		net := &shim{Log: s}
		f := openOffice(t, startNode(t, net, s, Options{}), "bandung")
		var late func() error
		attempt := 0
		net.set(func(send func() error) error {
			attempt++
			switch attempt {
			case 1:
				late = send
				return errLost
			case 2: // another node is faster than both
				entries := wholeLog(t, s, "bandung")
				appendIssue(t, s, entries[len(entries)-1].Position(), "other")
				return send()
			case 3: // decided again; now the first one arrives
				if moved := (*Moved)(nil); !errors.As(late(), &moved) {
					t.Error("the delayed batch was taken")
				}
				return send()
			}
			return send()
		})
		must(t, f.Do(t.Context(), issue("mine"), nil))
		if attempt != 3 {
			t.Errorf("%d attempts", attempt)
		}
		if diff := cmp.Diff([]string{"epoch_began", "office_configured", "ticket_issued", "ticket_issued"}, types(t, wholeLog(t, s, "bandung"))); diff != "" {
			t.Error(diff)
		}
		sameAsLog(t, f, s)
	})
}

func TestACallerWhoCannotWaitIsToldThatTheOutcomeIsUnknown(t *testing.T) {
	eachBackend(t, func(t *testing.T, s store) {
		net := &shim{Log: s}
		f := openOffice(t, startNode(t, net, s, Options{}), "bandung")
		ctx, leave := context.WithCancel(t.Context())
		left := make(chan struct{})
		net.set(once(func(send func() error) error {
			must(t, send())
			leave()
			<-left
			return errLost
		}))
		c := issue("mine")
		c.Key, c.Body = "key", "body"
		err := f.Do(ctx, c, func(*queue.State, []*queue.Event) { t.Error("answered somebody who has left") })
		close(left)
		if !errors.Is(err, ErrUnavailable) {
			t.Fatalf("got %v", err)
		}
		c.ID = random()
		must(t, f.Do(t.Context(), c, func(s *queue.State, events []*queue.Event) {
			if s.Tickets["mine"] == nil || len(events) != 1 {
				t.Error("the repetition got another answer")
			}
		}))
		if n := len(wholeLog(t, s, "bandung")); n != 3 {
			t.Errorf("the log holds %d events, want 3", n)
		}
	})
}

// Rule 3: no answer leaves before the log has decided.

func TestANodeThatLagsDoesNotRefuseOnWhatItKnows(t *testing.T) {
	eachBackend(t, func(t *testing.T, s store) {
		ahead := openOffice(t, startNode(t, s, s, Options{}), "bandung")
		must(t, ahead.Do(t.Context(), command(queue.OpenCounter{Counter: "1"}), nil))
		behind := wakeOffice(t, startNode(t, deafTail{s}, s, Options{}), "bandung")
		if err := behind.Do(t.Context(), command(queue.Next{Counter: "1"}), nil); !refusedWith(err, queue.QueueEmpty) {
			t.Fatalf("got %v", err)
		}
		must(t, ahead.Do(t.Context(), issue("mine"), nil))
		if version(behind) >= version(ahead) {
			t.Fatal("the node does not lag; the test shows nothing")
		}
		must(t, behind.Do(t.Context(), command(queue.Next{Counter: "1"}), func(s *queue.State, _ []*queue.Event) {
			if s.Tickets["mine"].Status != queue.Called {
				t.Errorf("the ticket is %s", s.Tickets["mine"].Status)
			}
		}))
		c := issue("again")
		c.Key, c.Body = "key", "body"
		number := ""
		note := func(s *queue.State, _ []*queue.Event) { number = s.Tickets["again"].Number }
		must(t, ahead.Do(t.Context(), c, note))
		first := number
		must(t, behind.Do(t.Context(), c, note))
		if number != first {
			t.Errorf("%s on one node, %s on the other", first, number)
		}
	})
}

func refusedWith(err error, code queue.Code) bool {
	refusal := (*queue.Refusal)(nil)
	return errors.As(err, &refusal) && refusal.Code == code
}

// A refusal made on what an own batch would do must not be told before that
// batch has landed.
func TestARefusalWaitsForTheBatchItWasDecidedOn(t *testing.T) {
	eachBackend(t, func(t *testing.T, s store) {
		net := &shim{Log: s}
		f := openOffice(t, startNode(t, net, s, Options{}), "bandung")
		must(t, f.Do(t.Context(), issue("mine"), nil))
		must(t, f.Do(t.Context(), command(queue.OpenCounter{Counter: "1"}), nil))
		hold, release := make(chan struct{}), make(chan struct{})
		first := true
		net.set(func(send func() error) error {
			if first { // a batch that only holds the writer until both presses wait
				first = false
				close(hold)
				<-release
			}
			return send()
		})
		answers := make(chan error, 3)
		press := func() { answers <- f.Do(t.Context(), command(queue.Next{Counter: "1"}), nil) }
		go func() { answers <- f.Do(t.Context(), command(queue.SetNotices{}), nil) }()
		<-hold
		go press()
		go press()
		eventually(t, func() bool { return len(f.staff) == 2 })
		sent := make(chan struct{})
		let := make(chan struct{})
		net.set(once(func(send func() error) error {
			close(sent)
			<-let
			return send()
		}))
		close(release)
		must(t, <-answers)
		<-sent
		select {
		case err := <-answers:
			t.Errorf("an answer left before the log had decided: %v", err)
		default:
		}
		close(let)
		one, two := <-answers, <-answers
		if one != nil {
			one, two = two, one
		}
		if one != nil || !refusedWith(two, queue.CounterBusy) {
			t.Errorf("got %v and %v", one, two)
		}
	})
}

// The log holds the batch, and every tail sees it; but replicas may not yet,
// and then the append has not succeeded.
func TestNobodyIsAnsweredBeforeTheStoreAcknowledges(t *testing.T) {
	eachBackend(t, func(t *testing.T, s store) {
		net := &shim{Log: s}
		f := openOffice(t, startNode(t, net, s, Options{}), "bandung")
		other := wakeOffice(t, startNode(t, s, s, Options{}), "bandung")
		answered := make(chan struct{})
		net.set(once(func(send func() error) error {
			must(t, send())
			eventually(t, func() bool { return version(other) == 3 })
			must(t, waitOut(t, f)) // a whole round of the tail
			select {
			case <-answered:
				t.Error("answered by the tail")
			default:
			}
			return errLost
		}))
		must(t, f.Do(t.Context(), issue("mine"), func(*queue.State, []*queue.Event) { close(answered) }))
		must(t, f.readOn(t.Context()))
		sameAsLog(t, f, s)
	})
}

// waitOut reads on until the batch in flight stands in the way.
func waitOut(t *testing.T, f *Office) error {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := f.readOn(ctx); !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("the tail went past the batch in flight: %w", err)
	}
	return nil
}

// Rule 4: two folds.

func TestFoldPassesOverTheOldAndRefusesGaps(t *testing.T) {
	s := openEmbedded(t, t.TempDir()+"/antrean.db")
	f := openOffice(t, startNode(t, s, s, Options{}), "bandung")
	must(t, f.Do(t.Context(), issue("mine"), nil))
	was := settledText(t, f)
	log := decodeAll(wholeLog(t, s, "bandung"))
	must(t, f.fold(Position{}, log))
	gap := log[2]
	gap.Version += 2
	if err := f.fold(f.at, []folded{gap}); !errors.Is(err, errGap) {
		t.Errorf("got %v", err)
	}
	foreign := log[2]
	foreign.Version++
	if err := f.fold(Position{f.at.Version, "of a lost history"}, []folded{foreign}); !errors.Is(err, errGap) {
		t.Errorf("what continues another history was taken: %v", err)
	}
	if diff := cmp.Diff(was, settledText(t, f)); diff != "" {
		t.Error(diff)
	}
}

// Whoever reads sees durable events only, however long the store takes.
func TestWhatIsNotDurableIsNotShown(t *testing.T) {
	s := openEmbedded(t, t.TempDir()+"/antrean.db")
	net := &shim{Log: s}
	f := openOffice(t, startNode(t, net, s, Options{}), "bandung")
	was := settledText(t, f)
	net.set(once(func(send func() error) error {
		if settledText(t, f) != was {
			t.Error("shown before it was sent")
		}
		return send()
	}))
	must(t, f.Do(t.Context(), issue("mine"), nil))
	if settledText(t, f) == was {
		t.Error("not shown after it landed")
	}
}

// Rule 5: a crash in the middle is completed by the retry.

func TestARetryAfterACrashGetsTheFirstAnswer(t *testing.T) {
	eachBackend(t, func(t *testing.T, s store) {
		net := &shim{Log: s}
		crashing := New(net, s, Options{})
		ctx, crash := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() { defer close(done); _ = crashing.Run(ctx) }()
		f := openOffice(t, crashing, "bandung")
		c := command(queue.Book{Service: "paspor-baru", IDs: []string{"a", "b"}})
		c.Key, c.Body = "key", "body"
		net.set(func(send func() error) error {
			must(t, send())
			crash()
			return errLost
		})
		if err := f.Do(t.Context(), c, nil); !errors.Is(err, ErrUnavailable) {
			t.Fatalf("got %v", err)
		}
		<-done
		var answers []string
		answer := func(s *queue.State, events []*queue.Event) {
			answers = append(answers, fmt.Sprint(s.Version, len(events), events[0].Type(), text(t, s)))
		}
		next := openOffice(t, startNode(t, s, s, Options{}), "bandung")
		c.ID = random()
		must(t, next.Do(t.Context(), c, answer))
		for i := range 5 {
			must(t, next.Do(t.Context(), issue(fmt.Sprint("t", i)), nil))
		}
		must(t, next.Do(t.Context(), command(queue.Cancel{Ticket: "a"}), nil))
		must(t, next.Do(t.Context(), c, answer))
		if len(answers) != 2 || answers[0] != answers[1] {
			t.Errorf("%d answers, which differ: %s", len(answers), cmp.Diff(answers[0], answers[len(answers)-1]))
		}
		if n := count(types(t, wholeLog(t, s, "bandung")), "tickets_booked"); n != 1 {
			t.Errorf("booked %d times", n)
		}
		c.Body = "another"
		if err := next.Do(t.Context(), c, nil); !refusedWith(err, queue.Invalid) {
			t.Errorf("the same key with another body: %v", err)
		}
	})
}

// Between finding the first answer and reading its events the log may have
// lost them: what another command made must not be told.
func TestARepetitionIsNotAnsweredWithAnothersEvents(t *testing.T) {
	s := openEmbedded(t, t.TempDir()+"/antrean.db")
	f := openOffice(t, startNode(t, s, s, Options{}), "bandung")
	c := issue("another's")
	c.Key, c.Body = "another's key", "body"
	must(t, f.Do(t.Context(), c, nil))
	answer := queue.Answer{First: version(f), Count: 1}
	err := f.answerAgain(t.Context(), "mine", answer, func(*queue.State, []*queue.Event) { t.Error("answered with another's events") })
	if !errors.Is(err, ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	must(t, f.answerAgain(t.Context(), c.Key, answer, func(*queue.State, []*queue.Event) {}))
}

// Rule 7: epochs are events.

func TestAClientThatHasSeenMoreIsTheWitnessOfALoss(t *testing.T) {
	eachBackend(t, func(t *testing.T, s store) {
		f := openOffice(t, startNode(t, s, s, Options{}), "bandung")
		other := wakeOffice(t, startNode(t, s, s, Options{}), "bandung")
		was := epoch(f)
		must(t, f.CatchUp(t.Context(), was, version(f)))
		must(t, f.CatchUp(t.Context(), "of another history", 99))
		if epoch(f) != was {
			t.Fatal("an epoch was begun though nothing is lost")
		}
		must(t, f.CatchUp(t.Context(), was, version(f)+7))
		must(t, other.CatchUp(t.Context(), was, version(f)+7))
		if epoch(f) == was || epoch(other) != epoch(f) {
			t.Errorf("epochs %s and %s after %s", epoch(f), epoch(other), was)
		}
		if n := count(types(t, wholeLog(t, s, "bandung")), "epoch_began"); n != 2 {
			t.Errorf("%d epochs", n)
		}
		// Nothing can have been lost since.
		is := epoch(f)
		must(t, f.CatchUp(t.Context(), is, version(f)+7))
		if epoch(f) != is {
			t.Error("a client's word alone began epoch after epoch")
		}
		// The store fails: what it lost meanwhile, clients may know.
		f.mu.Lock()
		f.looking, f.witnessed = time.Now(), false
		f.mu.Unlock()
		must(t, f.CatchUp(t.Context(), is, version(f)+7))
		if epoch(f) == is {
			t.Error("a witness after a failure of the store is not believed")
		}
	})
}

func TestWhoNamesAPositionThatNeverWasBeginsNoEpoch(t *testing.T) {
	eachBackend(t, func(t *testing.T, s store) {
		f := openOffice(t, startNode(t, s, s, Options{}), "bandung")
		f.mu.Lock()
		f.looking = f.looking.Add(-witnessWithin)
		f.mu.Unlock()
		was := epoch(f)
		for range 3 {
			must(t, f.Do(t.Context(), issue(random()), nil))
			must(t, f.CatchUp(t.Context(), was, version(f)+1000))
		}
		if epoch(f) != was {
			t.Error("a made-up position began an epoch")
		}
	})
}

func TestANodeThatLagsCatchesUpWithItsClient(t *testing.T) {
	eachBackend(t, func(t *testing.T, s store) {
		ahead := openOffice(t, startNode(t, s, s, Options{}), "bandung")
		// Tails are lost, reads are not.
		behind := wakeOffice(t, startNode(t, deafTail{s}, s, Options{}), "bandung")
		must(t, ahead.Do(t.Context(), issue("mine"), nil))
		if version(behind) == version(ahead) {
			t.Fatal("the node does not lag; the test shows nothing")
		}
		was := epoch(ahead)
		must(t, behind.CatchUp(t.Context(), was, version(ahead)))
		if version(behind) != version(ahead) || epoch(behind) != was {
			t.Errorf("version %d of epoch %s, want %d of %s", version(behind), epoch(behind), version(ahead), was)
		}
	})
}

type deafTail struct{ Log }

func (deafTail) Tail(ctx context.Context, _ string, _ uint64, _ int) ([]Entry, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}
