package recon

import (
	"encoding/binary"

	"touchline.dev/touchline/crdt"
)

// The kinds of message in a frame.
const (
	kindHello   = 1
	kindSince   = 2
	kindLadder  = 3
	kindCells   = 4
	kindList    = 5
	kindWant    = 6
	kindWantIDs = 7
	kindMore    = 8
	kindFull    = 9
)

const (
	wireVersion = 1
	// maxRungs is how many ranges a ladder has at most; sizes double from 16.
	maxRungs = 40
	// maxCellsMessage and maxFull keep a message within a frame.
	maxCellsMessage = 1500
	maxFull         = 330
)

// message is one entry of a frame: its kind in a byte, then its fields.
type message interface {
	append(b []byte) []byte
}

// hello opens each side's first frame.
type hello struct {
	proof [16]byte // MAC of the sender's role and digests
	sync  *[8]byte // MAC of the sync point the sender remembers
}

func (m *hello) append(b []byte) []byte {
	b = append(b, kindHello, wireVersion)
	b = append(b, m.proof[:]...)
	if m.sync == nil {
		return append(b, 0)
	}
	return append(append(b, 1), m.sync[:]...)
}

func (r *reader) hello() *hello {
	var m hello
	if v := r.byte(); v != wireVersion {
		r.fail("version %d", v)
	}
	copy(m.proof[:], r.take(16))
	switch r.byte() {
	case 0:
	case 1:
		m.sync = new([8]byte)
		copy(m.sync[:], r.take(8))
	default:
		r.fail("sync flag")
	}
	return &m
}

// since lists what arrived at the sender since the sync point.
type since struct{ idList }

func (m *since) append(b []byte) []byte { return m.idList.append(append(b, kindSince)) }

// rung is one range of a ladder, from its bound up to the bound before it.
type rung struct {
	bound crdt.Time
	print uint64
	tug   [lanes]byte
}

// ladder is all ranges, newest first; the last bound is 0 and not sent.
type ladder struct{ rungs []rung }

const rungSize = 8 + 8 + lanes

func (m *ladder) append(b []byte) []byte {
	b = append(b, kindLadder, byte(len(m.rungs)))
	for i, r := range m.rungs {
		if i < len(m.rungs)-1 {
			b = binary.BigEndian.AppendUint64(b, uint64(r.bound))
		}
		b = binary.BigEndian.AppendUint64(b, r.print)
		b = append(b, r.tug[:]...)
	}
	return b
}

func (r *reader) ladder() *ladder {
	n := int(r.byte())
	if n < 1 || n > maxRungs || n*rungSize-8 > len(r.b) {
		r.fail("ladder of %d rungs in %d bytes", n, len(r.b))
		return &ladder{}
	}
	m := &ladder{rungs: make([]rung, n)}
	for i := range m.rungs {
		g := &m.rungs[i]
		if i < n-1 {
			g.bound = crdt.Time(r.uint64())
			if g.bound == 0 || i > 0 && g.bound >= m.rungs[i-1].bound {
				r.fail("rungs do not descend")
			}
		}
		g.print = r.uint64()
		copy(g.tug[:], r.take(lanes))
	}
	return m
}

// cells are part of a sketch, beginning at cell start.
type cells struct {
	start int
	cells sketch
}

const cellSize = 9

func (m *cells) append(b []byte) []byte {
	b = appendUvarint(append(b, kindCells), uint64(m.start))
	b = appendUvarint(b, uint64(len(m.cells)))
	for _, c := range m.cells {
		b = binary.BigEndian.AppendUint64(b, uint64(c.sum))
		b = append(b, byte(c.count))
	}
	return b
}

func (r *reader) cells() *cells {
	start := r.uvarint()
	if start > 1<<30 {
		r.fail("cell %d", start)
	}
	m := &cells{start: int(start), cells: make(sketch, r.count(cellSize))}
	for i := range m.cells {
		m.cells[i] = cell{sum: symbol(r.uint64()), count: int32(int8(r.byte()))}
	}
	return m
}

// list names all the sender has in a range.
type list struct {
	span span
	idList
}

func (m *list) append(b []byte) []byte {
	b = appendBound(appendBound(append(b, kindList), m.span.from), m.span.to)
	return m.idList.append(b)
}

// want answers a since, list or full: a bit for each entry, set if wanted.
type want struct{ bits []bool }

func (m *want) append(b []byte) []byte {
	b = appendUvarint(append(b, kindWant), uint64(len(m.bits)))
	return appendBits(b, m.bits)
}

func (r *reader) want() *want { return &want{bits: r.bits(maxList)} }

// wantIDs asks for elements by sketch ID and says that the sketch was decoded.
type wantIDs struct{ idList }

func (m *wantIDs) append(b []byte) []byte { return m.idList.append(append(b, kindWantIDs)) }

// more asks that the sketch be continued up to total cells.
type more struct{ total int }

func (m *more) append(b []byte) []byte { return appendUvarint(append(b, kindMore), uint64(m.total)) }

// full lists all elements of a set after those of the full before it, up to
// its last element, or to the end of the set if last is set.
type full struct {
	set      crdt.Set
	last     bool
	elements []crdt.Element
}

func (m *full) append(b []byte) []byte {
	b = append(b, kindFull, byte(m.set), 0)
	if m.last {
		b[len(b)-1] = 1
	}
	b = appendUvarint(b, uint64(len(m.elements)))
	before := crdt.Time(0)
	for _, e := range m.elements {
		b = appendUvarint(b, uint64(e.Time-before))
		b = append(b, e.Hash[:]...)
		before = e.Time
	}
	return b
}

func (r *reader) full() *full {
	m := &full{set: crdt.Set(r.byte())}
	flag := r.byte()
	n := r.count(1 + crdt.HashSize)
	if m.set >= crdt.NumSets || flag > 1 || n > maxFull {
		r.fail("full listing")
		return m
	}
	m.last = flag == 1
	m.elements = make([]crdt.Element, n)
	before := crdt.Time(0)
	for i := range m.elements {
		e := &m.elements[i]
		e.Time = before + crdt.Time(r.uvarint())
		copy(e.Hash[:], r.take(crdt.HashSize))
		if e.Time < before || i > 0 && m.elements[i-1].Compare(*e) >= 0 {
			r.fail("full listing is not sorted")
		}
		before = e.Time
	}
	return m
}

func (r *reader) more() *more {
	total := r.uvarint()
	if total > 1<<30 {
		r.fail("%d cells", total)
	}
	return &more{total: int(total)}
}
