package salvage

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
)

const (
	logHeader = 20 // bytes: number of the encryption key, and base of its IVs
	entryHead = 5  // bytes at least: meta, user meta, two lengths, expiry
	maxValue  = 1 << 20
)

// Log calls yield for the whole entries of a memtable's log, until it returns
// false. What cannot be read it passes over byte by byte, but for zeros, which
// badger leaves behind its last entry.
func Log(b []byte, yield func(Entry) bool) {
	scan(b, func(e Entry, mark bool) bool { return mark || yield(e) })
}

// Holed reports whether a log lacks a transaction, or a part of one, that is
// followed by others. A power cut tears only the last one, which nobody
// acknowledged.
func Holed(b []byte) (holed bool) {
	var whole uint64 // the last transaction that is, before anything that is not
	first := true
	scan(b, func(e Entry, mark bool) bool {
		if first { // of this log; it may be the one that was torn
			first, whole = false, e.Version-1
		}
		if mark && !e.Behind {
			whole = e.Version
		}
		holed = e.Behind && e.Version > whole+1
		return !holed
	})
	return holed
}

// scan yields all entries; mark: it only says that a transaction is complete.
func scan(b []byte, yield func(e Entry, mark bool) bool) {
	b = b[:min(len(b), len(bytes.TrimRight(b, "\x00"))+maxValue)] // an entry may end with zeros
	behind := false
	for at := logHeader; at+entryHead < len(b); {
		e, end, mark := logEntry(b, at)
		if end == 0 {
			at, behind = at+1, behind || b[at] != 0
			continue
		}
		e.Behind = behind
		if len(e.Key) > 0 && !yield(e, mark) {
			return
		}
		at = end
	}
}

// logEntry reads the entry at a place. end is 0 if there is none; mark: see scan.
func logEntry(b []byte, at int) (e Entry, end int, mark bool) {
	meta, p := b[at], at+2
	var sizes [3]uint64 // of key, of value, and when it expires
	for i := range sizes {
		v, n := binary.Uvarint(b[p:min(len(b), p+binary.MaxVarintLen64)])
		if n <= 0 {
			return e, 0, false
		}
		sizes[i], p = v, p+n
	}
	if sizes[0] < 1 || sizes[0] > maxKey || sizes[1] > maxValue {
		return e, 0, false
	}
	value := p + int(sizes[0])
	sum := value + int(sizes[1])
	if sum+4 > len(b) || binary.BigEndian.Uint32(b[sum:]) != crc32.Checksum(b[at:sum], castagnoli) {
		return e, 0, false
	}
	key, version, ok := split(b[p:value])
	if !ok || meta&elsewhere != 0 {
		return e, sum + 4, false // whole, and of no use
	}
	return Entry{Key: key, Version: version, Deleted: meta&deleted != 0, Value: b[value:sum], At: value}, sum + 4, meta&finished != 0
}
