// Package bridge serves a node to programs that do not speak its protocol:
// events as JSON over HTTP, live streams as server-sent events, and errors as
// RFC 9457 problem documents.
//
// A [Server] knows the node only by the interface it declares, [Backend]; it
// imports neither node nor libp2p. [New] returns the handler for browsers and
// scripts: it answers to loopback names only and refuses writes from foreign
// origins. [Local] adds what the person at the device may do (join, invite,
// import, back up) and is meant for a socket that only this person can open.
//
// The order of a list and of a stream is this store's order of arrival. Its
// cursors carry the store's name: a cursor of another store, or of this one
// before it was restored, is refused (410) or restarts a stream from the
// beginning, so that nobody misses events in silence. A client drops repeats
// by hash.
//
// A stream holds no queue: it reads the log at the pace of its reader, and a
// reader that accepts nothing for [Config.WriteTimeout] is hung up on. It
// reconnects with Last-Event-ID and loses nothing.
package bridge
