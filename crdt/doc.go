// Package crdt is Touchline's grow-only, signed event log.
//
// A log belongs to one match or one team and is named by the hash of its
// founding record ([LogID]). It consists of three sets of events — control,
// events, records ([Set]) — and nothing else: two replicas that hold the same
// sets hold the same log, and merging two logs is set union. Union is
// commutative, associative and idempotent, so the order of arrival, repeats
// and the path an event took never matter.
//
// An [Event] is an immutable COSE_Sign1 envelope (RFC 9052) with a clear
// header and an opaque payload, which may be sealed. Its identity is the
// SHA-256 of its bytes ([Hash]); whether it may be a member of a set depends
// only on those bytes and on facts that are only ever added (rule R1).
//
// The pure parts are values and functions: [Decode], [Event.Verify], [Digest],
// [Clock], [Chain]. Two types hold state: a [Store] keeps sets durably, and a
// [Log] is the one admission path into a Store. Both may be used from any
// goroutine. Nothing here opens sockets, and nothing but a Store touches disk.
//
// docs/PROTOCOL.md has the bytes; docs/GUARANTEES.md says what is promised.
package crdt
