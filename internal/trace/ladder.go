package trace

import "antrean/internal/queue"

// tellLadder tells how places find other people.
func (t *Teller) tellLadder(fact queue.Fact) {
	switch f := fact.(type) {
	case *queue.TicketsMoved:
		for _, m := range f.Moves {
			t.of(m.Ticket, "pindah ke %s, nomor %s%s", "moves to %s, number %s%s", t.hour(m.Slot.Start), m.Number, t.heldUntil(m.Hold))
		}
	case *queue.StandbyChanged:
		if f.Standby == nil {
			t.of(f.Ticket, "keluar dari daftar tunggu", "is on standby no more")
			return
		}
		t.of(f.Ticket, "di daftar tunggu, dapat tiba dalam %d menit", "is on standby, can come within %d minutes", f.Standby.Minutes)
	case *queue.PlacesOffered:
		for _, o := range f.Offers {
			t.of(o.Ticket, "ditawari tempat pada %s sampai %s", "is offered the place at %s until %s", t.hour(o.Slot.Start), t.moment(o.Expires))
		}
	case *queue.TicketsDeferred:
		for _, a := range f.Tickets {
			t.of(a.Ticket, "mempersilakan %d orang lebih dahulu", "lets %d people pass", f.Places)
		}
	case *queue.HelpAsked:
		t.of(f.Ticket, "meminta bantuan", "asks for help")
	case *queue.HelpEnded:
		t.of(f.Ticket, "sudah dibantu", "was helped")
	case *queue.NewDayAsked:
		for _, id := range f.Tickets {
			if f.Settled {
				t.of(id, "harinya jadi dilayani", "its day takes place after all")
			} else {
				t.of(id, "harinya ditutup, boleh memilih hari lain", "its day is closed, may choose another")
			}
		}
	case *queue.OffersLapsed:
		for _, id := range f.Tickets {
			t.of(id, "tidak menjawab tawaran", "did not answer the offer")
		}
	case *queue.PlacesReturned:
		for _, p := range f.Places {
			t.of(p.Ticket, "tempat yang ditinggalkan pada %s dibuka lagi", "the place that it left at %s is free again", t.hour(p.Start))
		}
	}
}

// heldUntil says until when a place that was given back is not free.
func (t *Teller) heldUntil(h *queue.Hold) string {
	if h == nil {
		return ""
	}
	return t.in(", tempatnya ditahan sampai ", ", the place is held until ") + t.moment(h.Until)
}
