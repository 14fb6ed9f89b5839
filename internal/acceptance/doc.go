// Package acceptance holds no code: its tests start the built binary as real
// processes, on the embedded store and on a real Redis, and hold it to what
// people, screens and programs are promised. They know nothing but the public
// contract: the command line, the HTTP API, the live topics and the raw log;
// only the job that forgets people, which takes two hours, is run by hand.
// Nodes and Redis are killed, cut off and set back under load.
package acceptance
