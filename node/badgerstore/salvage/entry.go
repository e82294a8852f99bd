// Package salvage reads what is left in files of a damaged badger database:
// tables whose index, end or some blocks are broken, and logs of memtables with
// a hole. It trusts nothing but checksums, needs neither the list of tables nor
// an index, and never panics.
//
// It knows the format of badger 4 without compression and encryption. What it
// yields may be old versions of a key, and keys deleted since: the caller
// compares versions, or looks only for values that prove themselves.
package salvage

import (
	"encoding/binary"
	"hash/crc32"
	"math"
)

// Entry is one version of a key. Its slices are valid until the next one.
type Entry struct {
	Key     []byte
	Version uint64 // of two entries with the same key the greater counts
	Deleted bool
	Value   []byte
	At      int  // where Value begins in the file
	Behind  bool // of a log: it comes after something that cannot be read
}

const (
	deleted   = 1 << 0
	elsewhere = 1 << 1   // the value is a pointer into a value log
	finished  = 1 << 7   // it marks the end of a transaction
	maxKey    = 64 << 10 // bytes, with the version
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// split takes the version off a key as badger writes it.
func split(key []byte) (k []byte, version uint64, ok bool) {
	n := len(key) - 8
	if n < 1 {
		return nil, 0, false
	}
	return key[:n], math.MaxUint64 - binary.BigEndian.Uint64(key[n:]), true
}
