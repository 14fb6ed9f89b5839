package trace

import (
	"strings"

	"antrean/internal/queue"
)

// tellDesk tells what only the front desk does.
func (t *Teller) tellDesk(fact queue.Fact) {
	switch f := fact.(type) {
	case *queue.PartyJoined:
		for _, id := range f.Tickets {
			t.of(id, "bergabung dalam rombongan", "joined a party")
		}
	case *queue.PersonCorrected:
		names := map[string]string{"name": t.in("nama", "name"), "phone": t.in("telepon", "phone"), "email": t.in("surel", "e-mail")}
		fields := make([]string, len(f.Fields))
		for i, field := range f.Fields {
			if fields[i] = names[field]; fields[i] == "" {
				fields[i] = field
			}
		}
		t.of(f.Ticket, "data pribadi diperbaiki: %s", "personal data were corrected: %s", strings.Join(fields, ", "))
	case *queue.TicketCollected:
		t.of(f.Ticket, "paspor sudah diambil", "the passport was picked up")
	}
}
