package salvage

import (
	"encoding/binary"
	"hash/crc32"
)

const (
	maxBlock   = 1 << 20 // bytes; blocks have 16 KiB, or one entry that is longer
	trailer    = 4       // length of the checksum message
	maxMessage = 16      // bytes of that message
)

// Table calls yield for the entries of all whole blocks of a table, until it
// returns false. skipped is how many bytes belong to none; the index and the
// bloom filter at the end of a sound table do not either.
func Table(b []byte, yield func(Entry) bool) (skipped int) {
	for at := 0; at < len(b); {
		end, whole := blockEnd(b, at)
		if end == 0 {
			return skipped + len(b) - at
		}
		if !whole {
			skipped += end - at
		} else if !block(b, at, end, yield) {
			return skipped
		}
		at = end
	}
	return skipped
}

// blockEnd finds the end of the block that begins at from by its checksum; when
// there is none, the first place at which a block may end, so that the next is
// looked for there. 0: there is neither.
func blockEnd(b []byte, from int) (end int, whole bool) {
	for e := from + trailer + 1; e <= min(len(b), from+maxBlock); e++ {
		message, n := checksumAt(b, from, e)
		if n == 0 {
			continue
		}
		if sum, size := binary.Uvarint(message[1:]); size == len(message)-1 && sum == uint64(crc32.Checksum(b[from:n], castagnoli)) {
			return e, true
		}
		if end == 0 {
			end = e
		}
	}
	return end, false
}

// checksumAt returns what would be the checksum message of a block that ends at
// e, and where that begins; 0 if it is none.
func checksumAt(b []byte, from, e int) (message []byte, at int) {
	size := int(binary.BigEndian.Uint32(b[e-trailer:]))
	at = e - trailer - size
	if size < 2 || size > maxMessage || at <= from || b[at] != 0x10 {
		return nil, 0
	}
	return b[at : e-trailer], at
}

// block yields the entries of a whole block; false if yield wants no more.
func block(b []byte, from, end int, yield func(Entry) bool) bool {
	_, end = checksumAt(b, from, end)
	if end-from < 8 {
		return true
	}
	n := int(binary.BigEndian.Uint32(b[end-4:]))
	list := end - 4 - 4*n
	if n <= 0 || n > (end-from)/4 || list < from {
		return true
	}
	var base []byte
	for i := range n {
		at := from + int(binary.LittleEndian.Uint32(b[list+4*i:]))
		to := list
		if i+1 < n {
			to = from + int(binary.LittleEndian.Uint32(b[list+4*i+4:]))
		}
		if at < from || to > list || at+4 > to {
			return true
		}
		e, key, ok := tableEntry(b, at, to, base)
		if i == 0 {
			base = key
		}
		if ok && !yield(e) {
			return false
		}
	}
	return true
}

// tableEntry reads an entry that shares the beginning of its key with base.
func tableEntry(b []byte, at, to int, base []byte) (e Entry, key []byte, ok bool) {
	shared, own := int(binary.LittleEndian.Uint16(b[at:])), int(binary.LittleEndian.Uint16(b[at+2:]))
	at += 4
	if shared > len(base) || at+own+3 > to {
		return e, nil, false
	}
	key = append(append([]byte(nil), base[:shared]...), b[at:at+own]...)
	at += own
	meta := b[at]
	_, n := binary.Uvarint(b[at+2 : to]) // when it expires
	e.Key, e.Version, ok = split(key)
	if n <= 0 || !ok || meta&elsewhere != 0 {
		return e, key, false
	}
	e.At = at + 2 + n
	e.Value, e.Deleted = b[e.At:to], meta&deleted != 0
	return e, key, true
}
