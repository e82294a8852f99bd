package crdt

import (
	"crypto/sha256"
	"crypto/sha3"
	"encoding/binary"
	"errors"
)

const (
	digestLanes = 1024
	// DigestStateSize is the length of a marshalled [Digest]: a count and the sum.
	DigestStateSize = 8 + 2*digestLanes
)

// Digest is a homomorphic digest of a set of hashes: LtHash16 with 1,024
// lanes (Bellare–Micciancio 1997; Lewi et al., "Securing Update Propagation
// with Homomorphic Hashing", 2019), each element expanded by SHAKE128. Adding
// in any order gives the same digest, and nobody can choose events so that
// two different sets agree (at least 200 bits by its authors' estimate),
// which is what lets equality be proved rather than guessed (rule R12).
//
// The zero value is the empty set. A Digest is not safe for concurrent use.
type Digest struct {
	count uint64
	lanes [digestLanes]uint16
}

// Lanes is the expansion of one hash: what [Digest.AddLanes] adds. It costs a
// few microseconds, so a caller may compute it outside a lock.
type Lanes [digestLanes]uint16

// Expand computes the Lanes of h.
func Expand(h Hash) *Lanes {
	x := sha3.NewSHAKE128()
	x.Write(h[:])
	var buf [2 * digestLanes]byte
	x.Read(buf[:])
	var l Lanes
	for i := range l {
		l[i] = binary.LittleEndian.Uint16(buf[2*i:])
	}
	return &l
}

// Add adds h, which the caller knows is not yet in the set.
func (d *Digest) Add(h Hash) { d.AddLanes(Expand(h)) }

// AddLanes is Add for an element already expanded.
func (d *Digest) AddLanes(l *Lanes) {
	d.count++
	for i, v := range l {
		d.lanes[i] += v
	}
}

// Remove takes out h, which the caller knows is in the set.
func (d *Digest) Remove(h Hash) {
	d.count--
	for i, v := range Expand(h) {
		d.lanes[i] -= v
	}
}

// Count is how many elements the set has.
func (d *Digest) Count() uint64 { return d.count }

// Sum is a 32-byte name of the set: SHA-256 over count and lanes.
func (d *Digest) Sum() Hash {
	var buf [DigestStateSize]byte
	d.put(buf[:])
	return sha256.Sum256(buf[:])
}

// CombineSums is one name for the three sets of a log: what people compare and
// status shows. Equal names are equal logs.
func CombineSums(sums [NumSets]Hash) Hash {
	h := sha256.New()
	for _, s := range sums {
		h.Write(s[:])
	}
	return Hash(h.Sum(nil))
}

// MarshalBinary returns the whole state, so that adding can go on later.
func (d *Digest) MarshalBinary() ([]byte, error) {
	buf := make([]byte, DigestStateSize)
	d.put(buf)
	return buf, nil
}

// UnmarshalBinary reads what [Digest.MarshalBinary] wrote.
func (d *Digest) UnmarshalBinary(b []byte) error {
	if len(b) != DigestStateSize {
		return errors.New("digest state has the wrong length")
	}
	d.count = binary.BigEndian.Uint64(b)
	for i := range d.lanes {
		d.lanes[i] = binary.LittleEndian.Uint16(b[8+2*i:])
	}
	return nil
}

func (d *Digest) put(buf []byte) {
	binary.BigEndian.PutUint64(buf, d.count)
	for i, v := range d.lanes {
		binary.LittleEndian.PutUint16(buf[8+2*i:], v)
	}
}
