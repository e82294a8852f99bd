package recon

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"

	"touchline.dev/touchline/crdt"
)

// Role says which side of a session this is.
type Role uint8

const (
	// Initiator sends the first frame.
	Initiator Role = iota
	// Responder waits for it.
	Responder
)

// Level says how a session begins.
type Level uint8

const (
	// LevelAuto takes the cheapest way that may work.
	LevelAuto Level = iota
	// LevelFull lists whole hashes at once: for a log whose digests differed
	// after a session.
	LevelFull
)

// Config is one side's view of one log. It is not changed by the Session.
type Config struct {
	Role      Role
	Key       SessionKey
	Snapshots [crdt.NumSets]*Snapshot // nil is an empty set
	Digests   Digests                 // of the same moment as Snapshots
	Level     Level

	// Sync is what the caller remembers of the last time both sides were
	// equal; nil if it remembers nothing.
	Sync *SyncPoint

	// Elements calls yield for the elements of a set from (inclusive)
	// upwards in order until yield returns false: crdt.Store.Elements. Only a
	// full listing uses it. It must not be nil. An error ends the session.
	Elements func(set crdt.Set, from crdt.Element, yield func(crdt.Element) bool) error

	Limits Limits
}

// Limits bound what a peer can make a session do. Zero fields take defaults.
type Limits struct {
	Cells   int // longest sketch, in cells; default 32,768 (288 KiB)
	Retries int // how often a sketch is continued before the full listing; default 3; negative is never
	Frames  int // most frames taken from the peer; default 8,192 (112 MiB)
	Window  int // frames of a full listing sent before waiting; default 8
}

func (l Limits) orDefaults() Limits {
	for _, f := range []struct {
		field *int
		value int
	}{{&l.Cells, 32768}, {&l.Retries, 3}, {&l.Frames, 8192}, {&l.Window, 8}} {
		if *f.field == 0 {
			*f.field = f.value
		}
	}
	return l
}

// SyncPoint is a moment at which two stores were proven equal (rule R12): up
// to these arrivals, all that one had the other had. It is a hint; if the two
// sides remember different points the session goes on without.
type SyncPoint struct {
	Own, Peer               crdt.StoreID
	OwnArrival, PeerArrival crdt.Arrival

	// Since holds the names in each set that arrived here after OwnArrival;
	// all are in the Snapshots. More than 2,048 make the point useless.
	Since [crdt.NumSets][]Name
}

func (p *SyncPoint) mac(k *sessionKeys, r Role) (m [8]byte) {
	ids, arrivals := [2]crdt.StoreID{p.Own, p.Peer}, [2]crdt.Arrival{p.OwnArrival, p.PeerArrival}
	h := hmac.New(sha256.New, k.mac)
	h.Write([]byte{'s'})
	for i := range ids {
		side := i ^ int(r) // the initiator's half goes first
		h.Write(ids[side][:])
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(arrivals[side])))
	}
	copy(m[:], h.Sum(nil))
	return m
}

func (p *SyncPoint) items() (items []Item) {
	for set, names := range p.Since {
		for _, n := range names {
			items = append(items, Item{crdt.Set(set), n})
		}
	}
	return items
}
