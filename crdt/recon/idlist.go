package recon

import (
	"math/bits"
)

const (
	// maxList is how many IDs a list has at most; with it a message of any
	// width fits a frame.
	maxList = 2048
	// maxWidth is the longest short ID in bits.
	maxWidth = 44
)

// idList is a set of IDs, ascending and distinct, each below 2^width.
//
//	width   1 byte, 1 to 48
//	count   uvarint, at most 2,048
//	deltas  Golomb-Rice with parameter max(0, width - bitlen(count)):
//	        the gap minus one, quotient in unary (ones, then a zero), then
//	        remainder; highest bit first, padded with zeros to a byte
type idList struct {
	width uint
	ids   []uint64
}

// listWidth is the length of the short IDs of a list of n items: a chance of
// 2^-20 that any of n here and n there take the same.
func listWidth(n int) uint { return min(20+2*uint(bits.Len(uint(n))), maxWidth) }

func riceBits(width uint, count int) uint {
	return width - min(width, uint(bits.Len(uint(count))))
}

func (l *idList) append(b []byte) []byte {
	b = append(b, byte(l.width))
	b = appendUvarint(b, uint64(len(l.ids)))
	w := bitWriter{b: b}
	k := riceBits(l.width, len(l.ids))
	next := uint64(0)
	for _, id := range l.ids {
		gap := id - next
		for q := gap >> k; q > 0; q-- {
			w.write(1, 1)
		}
		w.write(0, 1)
		w.write(gap&(1<<k-1), k)
		next = id + 1
	}
	return w.b
}

func (r *reader) idList() (l idList) {
	l.width = uint(r.byte())
	count := r.uvarint()
	if l.width < 1 || l.width > sketchWidth || count > maxList || count > uint64(len(r.b))*8 {
		r.fail("list of %d IDs of %d bits", count, l.width)
		return l
	}
	k := riceBits(l.width, int(count))
	if count*uint64(k+1) > uint64(len(r.b))*8 {
		r.fail("list of %d IDs in %d bytes", count, len(r.b))
		return l
	}
	l.ids = make([]uint64, count)
	br := bitReader{b: r.b}
	next := uint64(0)
	for i := range l.ids {
		q := uint64(0)
		for br.bit() == 1 && q <= 1<<(l.width-k) { // further would overflow
			q++
		}
		id := next + q<<k + br.read(k)
		if br.bad || id>>l.width != 0 {
			r.fail("ID out of range")
			return l
		}
		l.ids[i], next = id, id+1
	}
	r.b = br.close()
	if br.bad {
		r.fail("padding of an ID list")
	}
	return l
}
