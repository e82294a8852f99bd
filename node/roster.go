package node

import (
	"slices"

	"touchline.dev/touchline/crdt"
)

// maxLive is how many logs a node follows live at most: has topics for, and
// indexes in memory. A club's device is a member of thousands of old matches.
const maxLive = 200

// rosterMeta is where the roster lies in the store's meta values.
const rosterMeta = "live"

// roster decides which logs are live: those joined, written, asked for or
// heard of last. The others rest: they are opened when a command or a peer
// asks for them. The zero roster is empty. A lost one costs nothing but that.
type roster struct {
	live []crdt.LogID // the one used last first, at most maxLive
}

// use makes id the last one used. joined: it was not live before; rests: the
// log that must make room for it, if there is one.
func (r *roster) use(id crdt.LogID) (joined bool, rests []crdt.LogID) {
	i := slices.Index(r.live, id)
	if i >= 0 {
		copy(r.live[1:i+1], r.live[:i])
		r.live[0] = id
		return false, nil
	}
	r.live = slices.Insert(r.live, 0, id)
	if n := min(maxLive, len(r.live)); n < len(r.live) {
		rests = slices.Clone(r.live[n:])
		r.live = r.live[:n]
	}
	return true, rests
}

// fill adds a log at the end while there is room.
func (r *roster) fill(id crdt.LogID) {
	if len(r.live) < maxLive && !r.has(id) {
		r.live = append(r.live, id)
	}
}

func (r *roster) has(id crdt.LogID) bool { return slices.Contains(r.live, id) }

func (r *roster) drop(id crdt.LogID) {
	if i := slices.Index(r.live, id); i >= 0 {
		r.live = slices.Delete(r.live, i, i+1)
	}
}

// encode returns the IDs in order.
func (r *roster) encode() (b []byte) {
	for _, id := range r.live {
		b = append(b, id[:]...)
	}
	return b
}

// decodeRoster reads what encode wrote, as far as it can be read.
func decodeRoster(b []byte) (live []crdt.LogID) {
	for ; len(b) >= crdt.HashSize; b = b[crdt.HashSize:] {
		live = append(live, crdt.LogID(b[:crdt.HashSize]))
	}
	return live
}
