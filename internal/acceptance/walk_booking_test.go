package acceptance

import (
	"net/http"
	"time"
)

// books makes appointments, checks in and is refused where it must be.
func (w *walk) books() {
	var slots struct {
		Earliest *slot `json:"earliest"`
		Days     []struct {
			Date  string `json:"date"`
			Open  bool   `json:"open"`
			Slots []struct {
				slot
				Capacity int `json:"capacity"`
				Free     int `json:"free"`
			} `json:"slots"`
		} `json:"days"`
	}
	w.nobody.get(at("/slots?service=baru&days=2")).is(w.T, 200).into(w.T, &slots)
	if slots.Earliest == nil || len(slots.Days) != 2 || !slots.Days[1].Open || len(slots.Days[1].Slots) != 24 || slots.Days[1].Slots[0].Free != 50 {
		w.Fatalf("slots: %+v", slots)
	}
	tomorrow := slots.Days[1].Slots[9].Start
	book := func(body any) []ticket {
		w.Helper()
		var made struct {
			Tickets []ticket `json:"tickets"`
		}
		w.journal.post(w.nobody, at("/bookings"), body).is(w.T, 201).into(w.T, &made)
		return made.Tickets
	}

	ahead := book(booking("baru", tomorrow.Format(time.RFC3339), 1))[0]
	if ahead.Slot == nil || !ahead.Slot.Start.Equal(tomorrow) || ahead.Fee != 350000 || ahead.ArriveBy == nil ||
		!ahead.ArriveBy.Equal(tomorrow.Add(30*time.Minute)) || ahead.PaymentDue == nil || ahead.PickupFrom == nil || ahead.Token == "" {
		w.Fatalf("a booking: %+v", ahead)
	}
	w.expect("booked", w.at(ahead).State, "booked")
	w.nobody.post("/api/v1/tickets/"+ahead.Token+"/check-in", nothing{}).refuses(w.T, 409, "too_early")
	w.desk.post(at("/check-ins"), map[string]string{"code": ahead.Code}).refuses(w.T, 409, "too_early")
	w.nobody.post(at("/bookings"), booking("ganti", "earliest", 1)).refuses(w.T, 409, "already_booked", "people[0].nik")
	w.nobody.post(at("/bookings"), booking("ganti", "earliest", 2, 1)).refuses(w.T, 409, "already_booked", "people[1].nik")
	w.journal.post(w.nobody, "/api/v1/tickets/"+ahead.Token+"/cancel", nothing{}).is(w.T, 200)

	// The place is free again, and so is the person: today, with a child.
	family := book(booking("baru", "earliest", 1, 2))
	if len(family) != 2 || len(family[0].Party) != 2 || family[0].Token == family[1].Token {
		w.Fatalf("a family: %+v", family)
	}
	pocket := w.phone(family[1])
	pocket.until(soon, "booked", shows(func(p phone) bool { return p.State == "booked" && len(p.Party) == 2 }))
	w.journal.post(w.nobody, "/api/v1/tickets/"+family[0].Token+"/check-in", nothing{}).is(w.T, 200)
	w.nobody.post("/api/v1/tickets/"+family[0].Token+"/check-in", nothing{}).refuses(w.T, 409, "wrong_state")
	pocket.until(soon, "checked in with the first", shows(func(p phone) bool { return p.State == "waiting" }))

	// One call for both; the officer there reads the name, nobody else does.
	v := w.act(w.anna, "1", "next", nothing{})
	w.expect("the family", v.current(), family[0].Number)
	name := applicant(1)["name"].(string)
	w.expect("name", v.Current.Name, name)
	w.first.until(soon, "the name", shows(func(v tablet) bool { return v.Current != nil && v.Current.Name == name }))
	watch(w.budi, "/live/offices/"+office+"/counters/1").until(soon, "no name for others", shows(func(v tablet) bool {
		return v.current() == family[0].Number && v.Current.Name == ""
	}))
	pocket.until(soon, "called with the first", shows(func(p phone) bool { return p.State == "called" && p.Counter == "1" }))
	w.act(w.anna, "1", "serve", nothing{})
	w.act(w.anna, "1", "complete", nothing{})
	w.act(w.budi, "2", "next", nothing{})
	w.act(w.budi, "2", "serve", nothing{})
	w.act(w.budi, "2", "complete", nothing{})
	pocket.until(soon, "done", shows(func(p phone) bool { return p.State == "done" }))

	// By code at the desk.
	single := book(booking("ganti", "earliest", 3))[0]
	w.journal.post(w.desk, at("/check-ins"), map[string]string{"code": single.Code}).is(w.T, 200)
	w.expect("checked in", w.at(single).State, "waiting")
	w.desk.post(at("/check-ins"), map[string]string{"code": single.Code}).refuses(w.T, 409, "wrong_state")
	w.expect("called", w.act(w.budi, "2", "next", nothing{}).current(), single.Number)
	w.act(w.budi, "2", "serve", nothing{})
	w.act(w.budi, "2", "complete", nothing{})

	// Where there is no place.
	narrow := book(booking("sempit", tomorrow.Format(time.RFC3339), 4))[0]
	w.nobody.post(at("/bookings"), booking("sempit", tomorrow.Format(time.RFC3339), 5)).refuses(w.T, 409, "slot_full")
	w.nobody.post(at("/bookings"), booking("sempit", "earliest", 5, 6)).refuses(w.T, 409, "slot_full")
	w.nobody.post(at("/bookings"), booking("baru", tomorrow.Add(7*time.Minute).Format(time.RFC3339), 5)).refuses(w.T, 409, "outside_hours")
	w.nobody.post(at("/bookings"), booking("baru", tomorrow.AddDate(0, 0, 20).Format(time.RFC3339), 5)).refuses(w.T, 409, "too_early")
	w.nobody.post(at("/bookings"), booking("baru", tomorrow.AddDate(0, 0, -3).Format(time.RFC3339), 5)).refuses(w.T, 409, "too_late")
	w.nobody.post(at("/bookings"), booking("baru", "earliest", 5, 6, 7, 8)).refuses(w.T, 422, "invalid", "people")
	impossible := booking("baru", "earliest", 5)
	impossible["people"].([]map[string]any)[0]["nik"] = "1234"
	w.nobody.post(at("/bookings"), impossible).refuses(w.T, 422, "invalid", "people[0].nik")

	// A link that was given out anew: the old one is dead.
	anew := read[ticket](w.T, w.journal.post(w.desk, at("/tickets/"+narrow.ID+"/reissue"), nothing{}).is(w.T, 200).body)
	if anew.Token == "" || anew.Token == narrow.Token {
		w.Fatal("a link given out anew is the old one")
	}
	w.nobody.get("/api/v1/tickets/"+narrow.Token).refuses(w.T, 404, "not_found")
	w.expect("by the new link", w.at(anew).State, "booked")
}

// isRefused is everybody where they may not be.
func (w *walk) isRefused() {
	w.nobody.post(counter("1", "next"), nothing{}).refuses(w.T, 401, "unauthenticated")
	w.desk.post(counter("1", "open"), nothing{}).refuses(w.T, 403, "forbidden")
	w.anna.get(at("/log")).refuses(w.T, 403, "forbidden")
	w.anna.post(counter("99", "open"), nothing{}).refuses(w.T, 404, "not_found")
	w.house.admin.post("/api/v1/offices/tiada/counters/1/open", nothing{}).refuses(w.T, 404, "not_found")
	w.nobody.get("/api/v1/tickets/tiada").refuses(w.T, 404, "not_found")
	w.desk.post(at("/tickets"), map[string]any{"service": "tiada"}).refuses(w.T, 422, "invalid", "service")
	w.nobody.must(http.MethodPost, "/api/v1/session", "", map[string]string{"username": "anna", "password": "salah-sekali"}).refuses(w.T, 401, "unauthenticated")
	left := w.house.login("anna", staffPassword)
	left.must(http.MethodDelete, "/api/v1/session", "", nil)
	left.post(counter("1", "open"), nothing{}).refuses(w.T, 401, "unauthenticated")
}
