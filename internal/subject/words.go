package subject

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// words are what a person reads about their own data.
type words struct{ lang string }

func (w words) in(indonesian, english string) string {
	if w.lang == "en" {
		return english
	}
	return indonesian
}

// Write writes what is held as text that the person can read, in Indonesian or
// English ("en").
func (h Held) Write(out io.Writer, lang string) error {
	w := words{lang}
	var b strings.Builder
	fmt.Fprintf(&b, w.in("Data pribadi yang disimpan, per %s\n", "Personal data held, as of %s\n"), w.moment(h.At))
	for _, t := range h.Tickets {
		w.ticket(&b, t)
	}
	if h.Claimed {
		fmt.Fprintln(&b)
		fmt.Fprintln(&b, w.in(
			"Selain itu disimpan satu sidik (HMAC) dari NIK, yang hanya menyebut tiket terakhir;\nNIK tidak dapat dibaca darinya.",
			"Besides that, one fingerprint (HMAC) of the NIK is held, which names the last ticket\nonly; the NIK cannot be read from it."))
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func (w words) ticket(b *strings.Builder, t Ticket) {
	name := t.OfficeName
	if name == "" {
		name = t.Office
	}
	fmt.Fprintf(b, "\n%s, %s %s\n", name, w.in("tiket", "ticket"), strings.TrimSpace(t.Number+" ("+t.Ticket+")"))
	line := func(label, text string) {
		if text != "" {
			fmt.Fprintf(b, "  %-16s %s\n", label, text)
		}
	}
	at := func(label string, moment *time.Time) {
		if moment != nil {
			line(label, w.moment(*moment))
		}
	}
	if p := t.Person; p != nil {
		line(w.in("Nama", "Name"), p.Name)
		line("NIK", p.NIK)
		line(w.in("Telepon", "Phone"), p.Phone)
		line(w.in("Surel", "E-mail"), p.Email)
		line(w.in("Tanggal lahir", "Born"), p.Born)
		line(w.in("Bahasa", "Language"), p.Locale)
		line(w.in("Peringatan", "Warnings"), strings.Join(p.Warnings, ", "))
		at(w.in("Disimpan sampai", "Kept until"), t.KeptUntil)
	} else if t.Erased != nil {
		line(w.in("Nama", "Name"), w.in("terhapus", "erased")+" "+w.moment(*t.Erased))
	} else {
		line(w.in("Nama", "Name"), w.in("tidak disimpan", "not held"))
	}
	line(w.in("Layanan", "Service"), t.Service)
	line(w.in("Keadaan", "State"), t.Status)
	at(w.in("Dibuat", "Made"), t.Made)
	at(w.in("Jam kunjungan", "Appointment"), t.Slot)
	at(w.in("Tiba", "Arrived"), t.Arrived)
	at(w.in("Berakhir", "Ended"), t.Ended)
	line(w.in("Pengambilan", "Pickup from"), t.PickupFrom)
	for _, n := range t.Notes {
		line(w.in("Catatan", "Note"), w.moment(n.At)+"  "+n.Text)
	}
	line(w.in("Notifikasi ke", "Notified at"), strings.Join(t.Browsers, ", "))
	for _, n := range t.Notices {
		line(w.in("Pesan", "Message"), fmt.Sprintf("%s  %s, %s: %s", w.moment(n.At), n.Kind, n.Channel, n.Outcome))
	}
	if len(t.History) > 0 {
		fmt.Fprintf(b, "  %s\n", w.in("Riwayat", "History"))
	}
	for _, l := range t.History {
		fmt.Fprintf(b, "    %s  %s\n", w.moment(l.At), w.in(l.ID, l.EN))
	}
}

func (w words) moment(at time.Time) string { return at.Format("2006-01-02 15:04 MST") }
