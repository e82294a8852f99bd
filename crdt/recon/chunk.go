package recon

import "slices"

// chunkSize is how many names a chunk holds at most.
const chunkSize = 512

// chunk is a sorted run of names. A chunk whose era is not the index's is
// shared with a snapshot and never changed again.
type chunk struct {
	era   uint64
	agg   aggregate
	names []Name
	lows  []uint32 // low half of each name's sketch ID, to find names by ID
}

func (c *chunk) search(n Name) (int, bool) {
	return slices.BinarySearchFunc(c.names, n, Name.Compare)
}

func (c *chunk) insert(at int, n Name, hash uint64) {
	c.names = slices.Insert(c.names, at, n)
	c.lows = slices.Insert(c.lows, at, uint32(symbolOf(hash).id()))
	c.agg.insert(hash)
}

func (c *chunk) remove(at int, hash uint64) {
	c.names = slices.Delete(c.names, at, at+1)
	c.lows = slices.Delete(c.lows, at, at+1)
	var one aggregate
	one.insert(hash)
	c.agg.sub(&one)
}

// clone copies c into the given era.
func (c *chunk) clone(era uint64) *chunk {
	return &chunk{era: era, agg: c.agg,
		names: append(make([]Name, 0, roomFor(len(c.names))), c.names...),
		lows:  append(make([]uint32, 0, roomFor(len(c.lows))), c.lows...)}
}

// split moves the upper half of c, which is full, into a new chunk.
func (c *chunk) split(sum func(*Name) uint64) *chunk {
	const half = chunkSize / 2
	upper := &chunk{era: c.era, names: slices.Clone(c.names[half:]), lows: slices.Clone(c.lows[half:])}
	for i := range upper.names {
		upper.agg.insert(sum(&upper.names[i]))
	}
	c.names, c.lows = slices.Clone(c.names[:half]), slices.Clone(c.lows[:half])
	c.agg.sub(&upper.agg)
	return upper
}

// roomFor leaves a copied chunk room for a few inserts.
func roomFor(n int) int { return min(n+n/4+1, chunkSize) }
