package recon

import "encoding/binary"

// lanes is how many tug-of-war counters estimate a difference. The standard
// error of the estimate is sqrt(2/lanes), about a third.
const lanes = 16

// aggregate sums up a run of elements by their keyed hashes. Aggregates add
// and subtract. They speed things up and decide nothing.
type aggregate struct {
	count uint64
	sum   uint64       // of the hashes, mod 2^64
	tug   [lanes]int32 // lane i: +1 for each hash whose bit i is set, else -1
}

func (a *aggregate) insert(hash uint64) {
	a.count++
	a.sum += hash
	for i := range a.tug {
		a.tug[i] += int32(hash>>i&1)*2 - 1
	}
}

func (a *aggregate) add(b *aggregate) {
	a.count += b.count
	a.sum += b.sum
	for i := range a.tug {
		a.tug[i] += b.tug[i]
	}
}

func (a *aggregate) sub(b *aggregate) {
	a.count -= b.count
	a.sum -= b.sum
	for i := range a.tug {
		a.tug[i] -= b.tug[i]
	}
}

// print is the fingerprint of a as it goes over the wire.
func (a *aggregate) print(k *SipKey) uint64 {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], a.count)
	binary.BigEndian.PutUint64(b[8:], a.sum)
	return k.hash(b[:])
}

// tugBytes is the counters mod 256 as they go over the wire.
func (a *aggregate) tugBytes() (b [lanes]byte) {
	for i, v := range a.tug {
		b[i] = byte(v)
	}
	return b
}

// distance estimates how many elements differ between two runs, at least 1.
// It saturates near 5,000, where counters mod 256 wrap.
func distance(a, b [lanes]byte) int {
	total := 0
	for i := range a {
		d := int(int8(a[i] - b[i]))
		total += d * d
	}
	return max(1, (total+lanes/2)/lanes)
}
