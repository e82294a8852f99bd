// Package recon makes the three sets of one log equal on two peers, and finds
// out cheaply which of many logs are equal already.
//
// A [Session] is one side of one reconciliation of one log. It is a pure state
// machine: it starts no goroutine, reads no clock and touches no network or
// disk. The caller carries its frames to the peer and the peer's frames to
// [Session.Step], and obeys each [Output]. The bodies of events travel outside
// it. If frames are lost the caller abandons the Session and starts another;
// nothing is lost with it, because sets only ever grow.
//
// A Session tries four things, cheapest first:
//
//  1. Digest: both sides prove what their sets digest to. Equal means done.
//  2. Sync point: peers that were equal once exchange short names of what
//     arrived since.
//  3. Ladder: fingerprints of ever older, ever larger ranges and a small sketch.
//     Dense ranges are then listed by short names; the sparse rest is
//     sketched (a rateless Bloom lookup table).
//  4. Full listing, by whole hashes, when anything before failed or lied.
//
// Steps 2 and 3 find differences with high probability and may miss some, by
// chance (below 2^-19 a session) or because a member chose events so that they
// do. They never decide that two logs are equal: only the LtHash digests
// ([crdt.Digest]) do, in step 1. Therefore the caller compares digests again
// after the bodies have arrived, and if they differ starts a Session at
// [LevelFull].
//
// An [Index] is the ordered in-memory set that a Session reads through an
// immutable [Snapshot], so that inserts go on meanwhile. A [Greeting], [Tags]
// and [TagsReply] are the batch comparison that precedes Sessions.
//
// An Index, like a Session, is not safe for concurrent use; a Snapshot is.
// docs/protocol-recon.md has the bytes, docs/adr/0003-reconciliation.md why.
package recon
