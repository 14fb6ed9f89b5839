package queue

import "slices"

// OtherNote stands in the log for a reason in somebody's own words.
const OtherNote = "other"

// Notes are the reasons that the log holds of a call out of turn and of an
// amendment. They say how the queue went, nothing about the person: what an
// officer types may be about somebody's health, and the log is kept for a year.
func Notes() []string {
	return []string{"assistance", "returning", "missed_call", "mistake", "disruption", "desk_request", OtherNote}
}

// NoteOf is what the log holds of a reason: the note that it is, or OtherNote.
func NoteOf(reason string) string {
	if slices.Contains(Notes(), reason) {
		return reason
	}
	return OtherNote
}
