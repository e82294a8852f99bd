package recon

import (
	"encoding/binary"
	"slices"
)

// awaited is the set of elements that the peer was asked to send. Most are
// known only by a short name, so it is kept by short name.
type awaited struct {
	ids    map[shortName]struct{}
	widths []uint // of the short names in ids
}

// shortName is an ID of a width; the width tells how it was made.
type shortName struct {
	width uint
	id    uint64
}

// fullWidth marks names of a full listing: the first 8 bytes of the hash.
const fullWidth = 64

func (a *awaited) add(width uint, id uint64) {
	if a.ids == nil {
		a.ids = make(map[shortName]struct{})
	}
	a.ids[shortName{width, id}] = struct{}{}
	if !slices.Contains(a.widths, width) {
		a.widths = append(a.widths, width)
	}
}

// remove takes out every short name that it may be known by.
func (a *awaited) remove(it *Item, k *sessionKeys, v *view) {
	for _, w := range a.widths {
		var id uint64
		switch w {
		case fullWidth:
			id = binary.BigEndian.Uint64(it.Name.Prefix[:])
		case sketchWidth:
			if v[it.Set] == nil {
				continue
			}
			id = symbolOf(v[it.Set].sum(&it.Name)).id()
		default:
			id = k.shortID(it, w)
		}
		delete(a.ids, shortName{w, id})
	}
}
