package trace

import "antrean/internal/queue"

// tellPeople tells who looked at personal data, and when they were erased.
func (t *Teller) tellPeople(fact queue.Fact) {
	switch f := fact.(type) {
	case *queue.PeopleLookedAt:
		for _, id := range f.Tickets {
			switch f.What {
			case queue.DataReported:
				t.of(id, "data pribadi ditulis untuk diserahkan", "personal data were written out")
			case queue.DataFound:
				t.of(id, "data pribadi dilihat di meja depan", "personal data were seen at the desk")
			default:
				t.of(id, "data pribadi dilihat", "personal data were looked at")
			}
		}
		if len(f.Tickets) == 0 {
			t.say("data pribadi %d orang didaftar", "personal data of %d people were listed", f.Count)
		}
	case *queue.PeopleErased:
		for _, id := range f.Tickets {
			t.of(id, "data pribadi dihapus", "personal data were erased")
		}
	}
}
