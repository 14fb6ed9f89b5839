package trace

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"antrean/internal/queue"
)

// tell adds the lines of a fact, before it is folded.
func (t *Teller) tell(fact queue.Fact) {
	switch f := fact.(type) {
	case *queue.OfficeConfigured:
		if t.state.Config == nil {
			t.say("kantor dibuat: %s", "the office is made: %s", f.Config.Name)
			return
		}
		t.say("konfigurasi diubah", "the configuration was changed")
	case *queue.EpochBegan:
		t.say("riwayat %s dimulai%s", "epoch %s began%s", f.Epoch, because(f.Why))
	case *queue.TicketsBooked:
		t.booked(f)
	case *queue.TicketIssued:
		t.about(f.Ticket, "nomor diambil di tempat: %s%s", "took a number at the door: %s%s", t.service(f.Ticket.Service), t.priority(f.Ticket.Lane))
	case *queue.TicketConfirmed:
		t.of(f.Ticket, "kedatangan dipastikan", "the coming is confirmed")
	case *queue.TicketsCheckedIn:
		for _, a := range f.Arrivals {
			t.of(a.Ticket, "tiba, menunggu di jalur %s sejak %s", "checked in, waits in the %s lane since %s", t.lane(a.Lane), t.clock(a.Since))
		}
	case *queue.CheckInUndone:
		t.of(f.Ticket, "lapor hadirnya dibatalkan, dinantikan lagi", "the check-in was a mistake, is expected again")
	case *queue.TicketReturned:
		t.of(f.Ticket, "kembali menunggu di jalur %s sejak %s", "is back, waits in the %s lane since %s", t.lane(f.Lane), t.clock(f.Since))
	case *queue.TicketCancelled:
		t.of(f.Ticket, "dibatalkan%s", "cancelled%s", t.heldUntil(f.Hold))
	case *queue.TicketsMoved, *queue.PlacesReturned, *queue.StandbyChanged, *queue.PlacesOffered, *queue.OffersLapsed, *queue.TicketsDeferred, *queue.HelpAsked, *queue.HelpEnded, *queue.NewDayAsked:
		t.tellLadder(f)
	case *queue.PlacesReleased:
		for _, id := range f.Tickets {
			t.of(id, "tempatnya dilepas, belum tiba%s", "the place is released, not come%s", t.deadline(id))
		}
	case *queue.TicketAmended:
		t.amended(f)
	case *queue.PartySplit:
		t.of(f.Ticket, "berpisah dari rombongan", "left its party")
	case *queue.PartyJoined, *queue.PersonCorrected, *queue.TicketCollected:
		t.tellDesk(f)
	case *queue.LinkReissued:
		t.of(f.Ticket, "tautan baru dibuat, yang lama tidak berlaku lagi", "a new link was made, older ones are dead")
	case *queue.TicketReady:
		t.of(f.Ticket, "paspor siap diambil", "the passport is ready")
	case *queue.TicketVoided:
		t.say("tiket %s tidak dapat dipesan lagi", "ticket %s can be booked no more", f.Ticket)
	case *queue.VoidsAged:
		t.say("kode tiket lama yang tidak dapat dipesan dilupakan", "old ticket ids that could be booked no more are forgotten")
	case *queue.TicketsForgotten:
		for _, id := range f.Tickets {
			t.of(id, "dihapus, masa simpannya berakhir", "forgotten, its retention has passed")
		}
	case *queue.PeopleLookedAt, *queue.PeopleErased:
		t.tellPeople(f)
	default:
		t.tellCounter(fact)
	}
}

func because(why string) string {
	if why == "" {
		return ""
	}
	return " (" + why + ")"
}

func (t *Teller) booked(f *queue.TicketsBooked) {
	for _, ticket := range f.Tickets {
		when := t.date(ticket.Date)
		if ticket.Slot != nil {
			when += " " + t.clock(ticket.Slot.Start) + "–" + t.clock(ticket.Slot.End)
		}
		party := ""
		if n := len(f.Tickets); n > 1 {
			party = fmt.Sprintf(t.in(", rombongan %d orang", ", a party of %d"), n)
		}
		t.about(ticket, "dipesan: %s, %s%s%s", "booked: %s, %s%s%s", t.service(ticket.Service), when, t.priority(ticket.Lane), party)
	}
}

func (t *Teller) deadline(id string) string {
	ticket := t.state.Tickets[id]
	if ticket == nil || ticket.ArriveBy.IsZero() {
		return ""
	}
	return t.in(" sampai ", " until ") + t.moment(ticket.ArriveBy)
}

func (t *Teller) amended(f *queue.TicketAmended) {
	var id, en []string
	if f.Service != "" {
		id, en = append(id, "layanan menjadi "+t.service(f.Service)), append(en, "the service is now "+t.service(f.Service))
	}
	if f.Lane != "" {
		id, en = append(id, "jalur menjadi "+t.lane(f.Lane)), append(en, "the lane is now "+t.lane(f.Lane))
	}
	why := ""
	if f.Note != "" {
		why = because(t.note(f.Note))
	}
	t.of(f.Ticket, "dikoreksi: %[1]s%[3]s", "corrected: %[2]s%[3]s", strings.Join(id, ", "), strings.Join(en, ", "), why)
}

// tellCounter tells what happens at counters.
func (t *Teller) tellCounter(fact queue.Fact) {
	switch f := fact.(type) {
	case *queue.TicketsCalled:
		for i, id := range f.Tickets {
			why := t.reason(id, f)
			if i > 0 {
				why = t.in("satu rombongan", "the same party")
			}
			t.of(id, "dipanggil ke %s (%s)", "called to %s (%s)", t.counter(f.Counter), why)
		}
	case *queue.TicketsRecalled:
		for _, id := range f.Tickets {
			t.of(id, "dipanggil ulang ke %s", "called again to %s", t.counter(f.Counter))
		}
	case *queue.ServingBegan:
		for _, id := range f.Tickets {
			t.of(id, "mulai dilayani di %s", "is being served at %s", t.counter(f.Counter))
		}
	case *queue.TicketsCompleted:
		for _, id := range f.Tickets {
			if f.To == "" {
				t.of(id, "selesai di %s", "done at %s", t.counter(f.Counter))
			} else {
				t.of(id, "selesai di %s, lanjut ke %s", "done at %s, goes on to %s", t.counter(f.Counter), t.stage(f.To))
			}
		}
	case *queue.TicketsMissed:
		for _, id := range f.Tickets {
			if f.NotBefore.IsZero() {
				t.of(id, "tidak hadir di %s, dicatat tidak datang", "not there at %s, a no-show", t.counter(f.Counter))
			} else {
				t.of(id, "tidak hadir di %s, dipanggil lagi mulai %s", "not there at %s, called again from %s", t.counter(f.Counter), t.moment(f.NotBefore))
			}
		}
	case *queue.TicketsParked:
		for _, id := range f.Tickets {
			t.of(id, "ditunda di %s", "parked at %s", t.counter(f.Counter))
		}
	case *queue.ActUndone:
		for _, ticket := range f.Tickets {
			t.about(ticket, "%s di %s dibatalkan, kembali %s", "%s at %s was undone, again %s", t.act(f.What), t.counter(f.Counter), t.status(ticket.Status))
		}
		if len(f.Tickets) == 0 {
			t.say("%s di %s dibatalkan", "%s at %s was undone", t.act(f.What), t.counter(f.Counter))
		}
	case *queue.CounterChanged:
		t.changed(f)
	default:
		t.tellDay(fact)
	}
}

func (t *Teller) changed(f *queue.CounterChanged) {
	text := map[queue.CounterState]string{
		queue.Open: t.in("dibuka", "is open"), queue.Paused: t.in("jeda", "pauses"), queue.Closed: t.in("ditutup", "is closed"),
	}[f.State]
	if f.Officer != "" && f.Officer != t.by {
		text += t.in(", petugas ", ", officer ") + f.Officer
	}
	if len(f.Vacated) > 0 {
		text += t.in(", meninggalkan ", ", leaving ") + t.counters(f.Vacated)
	}
	t.say("%s %s", "%s %s", t.counter(f.Counter), text)
}

// tellDay tells what happens to days and to the office.
func (t *Teller) tellDay(fact queue.Fact) {
	switch f := fact.(type) {
	case *queue.DayStarted:
		t.say("hari %s dimulai%s", "day %s started%s", t.date(f.Date), t.paper(f.Numbers))
		for _, made := range f.Tickets {
			t.of(made.ID, "nomor kertas %s masuk antrean", "paper number %s joins the queue", made.Number)
		}
	case *queue.DoorsClosed:
		t.say("pintu ditutup untuk %s%s", "the doors are closed for %s%s", t.date(f.Date), because(f.Why))
	case *queue.DayEnded:
		t.say("hari %s berakhir", "day %s ended", t.date(f.Date))
		for _, id := range slices.Sorted(maps.Keys(f.Tickets)) {
			t.of(id, "hari berakhir: %s", "the day ended: %s", t.status(f.Tickets[id]))
		}
	case *queue.DayReopened:
		t.say("hari %s dibuka kembali", "day %s was reopened", t.date(f.Date))
		for _, id := range slices.Sorted(maps.Keys(f.Tickets)) {
			t.of(id, "hari dibuka kembali: %s", "the day was reopened: %s", t.status(f.Tickets[id]))
		}
	case *queue.WalkinsSet:
		if f.Usual {
			t.say("%s pada %s: nomor datang langsung seperti biasa", "%s on %s: numbers at the door as usual", t.service(f.Service), t.date(f.Date))
			return
		}
		t.say("%s pada %s: %d nomor datang langsung", "%s on %s: %d numbers at the door", t.service(f.Service), t.date(f.Date), f.Numbers)
	case *queue.CapacitySet:
		t.capacity(f)
	case *queue.OfficeSuspended:
		until := ""
		if !f.Until.IsZero() {
			until = t.in(", sampai ", ", until ") + t.moment(f.Until)
		}
		t.say("antrean dihentikan sementara: %q%s", "the queue is suspended: %q%s", f.Reason, until)
	case *queue.OfficeResumed:
		t.resumed(f)
	case *queue.SoundMuted:
		if f.Until.IsZero() {
			t.say("suara dinyalakan lagi", "the sound is on again")
			return
		}
		t.say("suara dimatikan sampai %s", "the sound is off until %s", t.moment(f.Until))
	case *queue.NoticesSet:
		if len(f.Notices) == 0 {
			t.say("pengumuman dihapus", "the notices are gone")
			return
		}
		said := make([]string, len(f.Notices))
		for i, n := range f.Notices {
			if said[i] = fmt.Sprintf("%q", n.Text.In(t.in("id", "en"))); !n.From.IsZero() {
				said[i] += t.in(" mulai ", " from ") + t.moment(n.From)
			}
			if !n.Until.IsZero() {
				said[i] += t.in(" sampai ", " until ") + t.moment(n.Until)
			}
		}
		t.say("pengumuman: %s", "notices: %s", strings.Join(said, ", "))
	default:
		t.say("%s", "%s", (&queue.Event{Fact: fact}).Type())
	}
}

func (t *Teller) capacity(f *queue.CapacitySet) {
	when := t.date(f.Date)
	if f.Slot != nil {
		when = t.hour(*f.Slot)
	}
	places := fmt.Sprint(f.Places.Total())
	if n := f.Places.Priority; n > 0 {
		places += fmt.Sprintf(t.in(" (%d untuk prioritas)", " (%d for priority)"), n)
	}
	if f.Usual {
		t.say("%s pada %s: tempat seperti biasa", "%s on %s: places as usual", t.service(f.Service), when)
	} else {
		t.say("%s pada %s: %s tempat per jam temu", "%s on %s: %s places a slot", t.service(f.Service), when, places)
	}
	for _, id := range f.Kept {
		t.of(id, "tetap berlaku walau tempatnya dikurangi", "keeps its place though there are fewer now")
	}
	for _, id := range f.Settled {
		t.of(id, "jamnya kembali punya cukup tempat", "its hour has places enough again")
	}
}

func (t *Teller) paper(numbers map[string]int) string {
	if len(numbers) == 0 {
		return ""
	}
	var all []string
	for _, prefix := range slices.Sorted(maps.Keys(numbers)) {
		all = append(all, fmt.Sprintf("%s-%03d", prefix, numbers[prefix]))
	}
	return t.in(", sudah diberikan di kertas sampai ", ", given on paper up to ") + strings.Join(all, ", ")
}

func (t *Teller) resumed(f *queue.OfficeResumed) {
	t.say("antrean dilanjutkan", "the queue goes on")
	later := func(all map[string]time.Time, indonesian, english string) {
		for _, id := range slices.Sorted(maps.Keys(all)) {
			t.of(id, indonesian, english, t.moment(all[id]))
		}
	}
	later(f.ArriveBy, "batas tiba menjadi %s", "is to arrive by %s now")
	later(f.NotBefore, "dipanggil lagi mulai %s", "is called again from %s")
}
