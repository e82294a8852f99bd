package recon

import (
	"slices"
	"sort"
)

// Snapshot is an [Index] at one moment. It never changes and may be used from
// any goroutine. A nil Snapshot is the empty set.
type Snapshot struct {
	sum    func(*Name) uint64
	chunks []*chunk
	before []aggregate // before[i] covers chunks[:i]; one longer than chunks
	kept   sketch
}

func newSnapshot(x *Index) *Snapshot {
	s := &Snapshot{sum: x.sum, chunks: slices.Clone(x.chunks), kept: x.kept}
	s.before = make([]aggregate, len(s.chunks)+1)
	for i, c := range s.chunks {
		s.before[i+1] = s.before[i]
		s.before[i+1].add(&c.agg)
	}
	return s
}

// Len is how many names the snapshot has.
func (s *Snapshot) Len() int {
	if s == nil {
		return 0
	}
	return int(s.before[len(s.chunks)].count)
}

// Has reports whether n is in the snapshot.
func (s *Snapshot) Has(n Name) bool {
	at, place := s.place(n)
	return s != nil && at < len(s.chunks) && place < len(s.chunks[at].names) && s.chunks[at].names[place] == n
}

// at returns the name of a rank, counted from the oldest.
func (s *Snapshot) at(rank int) Name {
	i := sort.Search(len(s.chunks), func(i int) bool { return int(s.before[i+1].count) > rank })
	return s.chunks[i].names[rank-int(s.before[i].count)]
}

// place returns chunk and offset of the first name not below n.
func (s *Snapshot) place(n Name) (chunk, offset int) {
	if s == nil {
		return 0, 0
	}
	i := sort.Search(len(s.chunks), func(i int) bool {
		c := s.chunks[i].names
		return c[len(c)-1].Compare(n) >= 0
	})
	if i == len(s.chunks) {
		return i, 0
	}
	offset, _ = s.chunks[i].search(n)
	return i, offset
}

// below aggregates the names below n; a nil n means all. It hashes at most
// half a chunk.
func (s *Snapshot) below(n *Name) aggregate {
	switch {
	case s == nil:
		return aggregate{}
	case n == nil:
		return s.before[len(s.chunks)]
	}
	at, offset := s.place(*n)
	if offset == 0 {
		return s.before[at]
	}
	names, a := s.chunks[at].names, s.before[at]
	if offset <= len(names)/2 {
		for i := range names[:offset] {
			a.insert(s.sum(&names[i]))
		}
		return a
	}
	var rest aggregate
	for i := range names[offset:] {
		rest.insert(s.sum(&names[offset+i]))
	}
	a = s.before[at+1]
	a.sub(&rest)
	return a
}

// each visits the names from (inclusive) to (exclusive) in order; nil bounds
// are open.
func (s *Snapshot) each(from, to *Name, visit func(*Name)) {
	if s == nil {
		return
	}
	at, offset := 0, 0
	if from != nil {
		at, offset = s.place(*from)
	}
	for ; at < len(s.chunks); at, offset = at+1, 0 {
		names := s.chunks[at].names
		for i := offset; i < len(names); i++ {
			if to != nil && names[i].Compare(*to) >= 0 {
				return
			}
			visit(&names[i])
		}
	}
}

// addTo adds the whole snapshot to a sketch, from the kept one if it can.
func (s *Snapshot) addTo(into sketch, by int32) {
	switch {
	case s == nil:
	case s.kept != nil && len(into) <= len(s.kept):
		for i := range into {
			into[i].sum ^= s.kept[i].sum
			into[i].count += s.kept[i].count * by
		}
	default:
		s.each(nil, nil, func(n *Name) { into.add(symbolOf(s.sum(n)), by) })
	}
}

// eachMaybe visits the names whose sketch IDs may be in the filter.
func (s *Snapshot) eachMaybe(f *idFilter, visit func(*Name)) {
	if s == nil {
		return
	}
	for _, c := range s.chunks {
		for i, low := range c.lows {
			if f.maybe(low) {
				visit(&c.names[i])
			}
		}
	}
}

// idFilter has a bit for each value of an ID's low 16 bits.
type idFilter [1 << 10]uint64

func (f *idFilter) add(low uint32)        { f[low>>6&0x3ff] |= 1 << (low & 63) }
func (f *idFilter) maybe(low uint32) bool { return f[low>>6&0x3ff]>>(low&63)&1 == 1 }
