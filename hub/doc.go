// Package hub carries views to whoever watches them: topics over WebSocket and
// server-sent events inside a Fiber v2 app, on the app's own port.
//
// A topic is one view of one office: a lobby display, a ticket, a counter. Its
// frames are whole snapshots, rendered once per change and shared by all its
// connections. Latest wins: a connection holds at most one frame that it has
// not begun to write, so a slow client costs no memory and delays nobody.
//
// Skipping a snapshot must not skip a call. Every shared snapshot is rendered
// with everything since the shared snapshot before it; a connection that
// skipped one, or comes back from somewhere else, is rendered a snapshot of
// its own since the position of what it last got.
//
// # The life of a connection
//
// Serve checks the request and hijacks it; gorilla/websocket answers the
// handshake. The connection is entered in its topic first and given the newest
// picture afterwards, so that no change falls between history and live.
//
// A pass writes a frame to each connection itself, without waiting, beneath
// gorilla: the same bytes for all. Only what a client is not ready for is left
// to a transient goroutine: the rest of a frame that was taken in part, which
// nothing may come before, then the latest picture. One goroutine per
// connection reads (only to notice that the client left or says too much), on a
// stack of the smallest size. One wheel beats for all of them: ticks, pings,
// and the question whether the client is still allowed and still there.
//
// # Close codes
//
//	1002  not the WebSocket protocol
//	1009  a message larger than the few bytes that a client may send
//	1012  the server restarts: come back after retry_ms
//	4000  slow client: a frame could not be written within the write timeout
//	      (the code is for logs and metrics; such a client cannot be told)
//	4001  no longer allowed: signed out, revoked, or the ticket's link replaced
//	4002  too many messages: clients have nothing to say here
//	4003  silent: no pong for two and a half ping intervals
//
// Before it closes with 1012, 4001, 4002 or 4003 the server sends
// {"type":"bye","retry_ms":…} as its last frame. Server-sent events have no
// close codes; there the bye also sets the browser's retry time.
package hub
