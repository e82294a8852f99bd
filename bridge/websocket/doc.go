// Package websocket serves RFC 6455 to pages: binary messages of a bounded
// length, no extensions.
//
// A connection that nothing happens on costs one goroutine with a small stack
// and a few hundred bytes: reading blocks on a small buffer, messages are read
// into borrowed ones, and there is no writer. What is written goes to the socket
// at once if it takes it; what it does not take is queued, up to a bound, and
// leaves in one write. A reader past the bound is closed.
package websocket
