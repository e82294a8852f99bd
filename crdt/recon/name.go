package recon

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"

	"touchline.dev/touchline/crdt"
)

// PrefixSize is how many bytes of a hash a [Name] keeps.
const PrefixSize = 16

// Name is what an [Index] keeps of an element: its time and the first 16 bytes
// of its hash, 24 bytes in all. Should two elements share a Name, whoever is
// told to send it sends both (crdt.Store.Find finds them).
type Name struct {
	Time   crdt.Time
	Prefix [PrefixSize]byte
}

// NameOf returns the Name of e.
func NameOf(e crdt.Element) Name {
	return Name{Time: e.Time, Prefix: [PrefixSize]byte(e.Hash[:PrefixSize])}
}

// Compare orders names by time, ties by prefix.
func (n Name) Compare(o Name) int {
	if c := cmp.Compare(n.Time, o.Time); c != 0 {
		return c
	}
	return bytes.Compare(n.Prefix[:], o.Prefix[:])
}

// bytes is the form in which a name is hashed: time (big endian), prefix.
func (n *Name) bytes() (b [8 + PrefixSize]byte) {
	binary.BigEndian.PutUint64(b[:], uint64(n.Time))
	copy(b[8:], n.Prefix[:])
	return b
}

// Item is a Name in one of the log's sets.
type Item struct {
	Set  crdt.Set
	Name Name
}

// sortItems puts items into the order of sending: control first, then events,
// then records; in each set the newest first.
func sortItems(items []Item) {
	slices.SortFunc(items, func(a, b Item) int {
		return cmp.Or(cmp.Compare(a.Set, b.Set), b.Name.Compare(a.Name))
	})
}

// sortByName puts items of all sets into the order of their names.
func sortByName(items []Item) {
	slices.SortFunc(items, func(a, b Item) int { return a.Name.Compare(b.Name) })
}
