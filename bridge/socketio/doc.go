// Package socketio serves unmodified socket.io-client 4.x: Engine.IO protocol
// 4 (long polling, WebSocket, the upgrade from one to the other) and Socket.IO
// protocol 5 (connect, event, acknowledgement, disconnect, connect error,
// binary attachments) in the default namespace.
//
// It knows nothing of matches and rooms: a [Handler] is told of sockets and
// their events, and answers with [Socket.Send] and acknowledgements. Nor does it
// keep what a client may have missed: a client that reconnects names the session
// that it goes on with and a place in it ([Handler.Connect]), and the handler
// knows what that means.
//
// A message for many sockets is encoded once ([Event]) and shared by all, in
// both transports. A socket holds a bounded queue; one that is full means that
// the reader is slower than what it follows, and it is cut: it comes back and
// resumes. While a socket's queue is empty, messages are written by whoever
// sends them, without waiting; what the kernel does not take is left to a
// goroutine that lives until it is written, so that idle sockets cost one
// goroutine (WebSocket) or none (polling).
//
// What a client sends is handled one packet after another, in its order.
package socketio
