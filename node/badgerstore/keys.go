package badgerstore

import (
	"encoding/binary"

	"touchline.dev/touchline/crdt"
)

// The database, by first byte of the key. num is a log's local number, 4
// bytes, which a log loses when it is retired; integers are big-endian.
//
//	l LogID                → head
//	a num arrival          → set time hash         order of arrival; 255: erased
//	o num set time hash    → arrival               order of the set
//	d num hash             → body
//	c num                  → checkpoint            digests up to an arrival
//	e LogID hash           → nothing               erased, for ever
//	w num hash             → nothing               erased, the body is still to be destroyed
//	m key                  → meta value
const (
	kindHead       = 'l'
	kindArrival    = 'a'
	kindOrder      = 'o'
	kindBody       = 'd'
	kindCheckpoint = 'c'
	kindErased     = 'e'
	kindWipe       = 'w'
	kindMeta       = 'm'
)

func headKey(log crdt.LogID) []byte { return append([]byte{kindHead}, log[:]...) }

func numKey(kind byte, num uint32) []byte {
	return binary.BigEndian.AppendUint32([]byte{kind}, num)
}

func arrivalKey(num uint32, at crdt.Arrival) []byte {
	return binary.BigEndian.AppendUint64(numKey(kindArrival, num), uint64(at))
}

func setKey(num uint32, set crdt.Set) []byte {
	return append(numKey(kindOrder, num), byte(set))
}

func orderKey(num uint32, set crdt.Set, el crdt.Element) []byte {
	return append(timeKey(num, set, el.Time), el.Hash[:]...)
}

func timeKey(num uint32, set crdt.Set, t crdt.Time) []byte {
	return binary.BigEndian.AppendUint64(setKey(num, set), uint64(t))
}

func bodyKey(num uint32, h crdt.Hash) []byte { return append(numKey(kindBody, num), h[:]...) }

func erasedKey(log crdt.LogID, h crdt.Hash) []byte {
	return append(append([]byte{kindErased}, log[:]...), h[:]...)
}

func wipeKey(num uint32, h crdt.Hash) []byte { return append(numKey(kindWipe, num), h[:]...) }

func metaKey(key string) []byte { return append([]byte{kindMeta}, key...) }

// elementOf reads the end of an order key.
func elementOf(key []byte) crdt.Element {
	n := len(key) - 8 - crdt.HashSize
	return crdt.Element{Time: crdt.Time(binary.BigEndian.Uint64(key[n:])), Hash: crdt.Hash(key[n+8:])}
}

// place is the value of an arrival key. Where something was erased it stays,
// without a name, so that a missing one is known to be damage.
type place struct {
	erased bool
	set    crdt.Set
	el     crdt.Element
}

const placeErased = 255

const placeSize = 1 + 8 + crdt.HashSize

func (p place) encode() []byte {
	if p.erased {
		return []byte{placeErased}
	}
	b := binary.BigEndian.AppendUint64([]byte{byte(p.set)}, uint64(p.el.Time))
	return append(b, p.el.Hash[:]...)
}

func decodePlace(b []byte) (p place, ok bool) {
	if len(b) == 1 && b[0] == placeErased {
		return place{erased: true}, true
	}
	if len(b) != placeSize || b[0] >= crdt.NumSets {
		return p, false
	}
	return place{set: crdt.Set(b[0]), el: elementOf(b[1:])}, true
}

// body is the value of a body key: the bytes of an event or where they are.
type body struct {
	at       crdt.Arrival
	where    byte
	envelope []byte
}

const (
	bodyHere = iota + 1
	bodyFile // in the records folder
)

func (b body) encode() []byte {
	out := append(binary.BigEndian.AppendUint64(nil, uint64(b.at)), b.where)
	return append(out, b.envelope...)
}

func decodeBody(v []byte) (b body, ok bool) {
	if len(v) < 9 || v[8] < bodyHere || v[8] > bodyFile {
		return b, false
	}
	return body{crdt.Arrival(binary.BigEndian.Uint64(v)), v[8], v[9:]}, true
}

// head is what is known of a log without reading it.
type head struct {
	num      uint32 // 0: nothing of it is here
	retired  bool
	erasures uint64 // how many erased keys there are
	last     crdt.Arrival
	counts   [crdt.NumSets]uint64
}

// total is how many events there are in all sets.
func (h head) total() (n uint64) {
	for _, c := range h.counts {
		n += c
	}
	return n
}

const headSize = 4 + 1 + 8 + 8 + 8*crdt.NumSets

func (h head) encode() []byte {
	b := binary.BigEndian.AppendUint32(nil, h.num)
	b = append(b, 0)
	if h.retired {
		b[4] = 1
	}
	b = binary.BigEndian.AppendUint64(b, h.erasures)
	b = binary.BigEndian.AppendUint64(b, uint64(h.last))
	for _, c := range h.counts {
		b = binary.BigEndian.AppendUint64(b, c)
	}
	return b
}

func decodeHead(b []byte) (h head, ok bool) {
	if len(b) != headSize {
		return h, false
	}
	h.num, h.retired = binary.BigEndian.Uint32(b), b[4] == 1
	h.erasures = binary.BigEndian.Uint64(b[5:])
	h.last = crdt.Arrival(binary.BigEndian.Uint64(b[13:]))
	for i := range h.counts {
		h.counts[i] = binary.BigEndian.Uint64(b[21+8*i:])
	}
	return h, true
}

// checkpoint is the digests of a log up to an arrival.
type checkpoint struct {
	last    crdt.Arrival
	digests [crdt.NumSets]crdt.Digest
}

const checkpointSize = 8 + crdt.NumSets*crdt.DigestStateSize

func (c *checkpoint) encode() []byte {
	b := binary.BigEndian.AppendUint64(nil, uint64(c.last))
	for i := range c.digests {
		d, _ := c.digests[i].MarshalBinary()
		b = append(b, d...)
	}
	return b
}

func decodeCheckpoint(b []byte) *checkpoint {
	c := &checkpoint{}
	if len(b) != checkpointSize {
		return c // from nothing
	}
	c.last = crdt.Arrival(binary.BigEndian.Uint64(b))
	for i := range c.digests {
		c.digests[i].UnmarshalBinary(b[8+i*crdt.DigestStateSize:][:crdt.DigestStateSize])
	}
	return c
}

func arrivalValue(at crdt.Arrival) []byte { return binary.BigEndian.AppendUint64(nil, uint64(at)) }

func arrivalOf(v []byte) crdt.Arrival { return crdt.Arrival(binary.BigEndian.Uint64(v)) }
