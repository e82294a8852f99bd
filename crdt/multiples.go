package crdt

import "filippo.io/edwards25519"

// multiples are those of one point P that a sum for any scalar is made of: for
// each digit of the scalar, P doubled as often as there are bits before it, taken
// 1, 2, … times. A multiplication is then one addition a digit and no doubling.
//
// Group arithmetic is exact for every point of the curve, also where P has a part
// of small order. It takes time that depends on its input, which must be public.
type multiples struct {
	window int // bits of a digit
	half   int // the greatest digit; digits go down to 1-half
	points []affine
}

// scalarBits is more than any scalar has that is less than the group's order, by
// the bit into which the highest digit may be carried.
const scalarBits = 254

func newMultiples(p *edwards25519.Point, window int) *multiples {
	digits := (scalarBits + window - 1) / window
	m := &multiples{window: window, half: 1 << (window - 1)}
	points := make([]edwards25519.Point, digits*m.half)
	for first := new(edwards25519.Point).Set(p); digits > 0; digits-- {
		row := points[len(points)-digits*m.half:][:m.half]
		row[0].Set(first)
		for i := range row[1:] {
			row[i+1].Add(&row[i], first)
		}
		first.Double(&row[m.half-1])
	}
	m.points = affineOf(points)
	return m
}

// addTo adds P times a scalar, given in 32 bytes little-endian and less than 2^253.
func (m *multiples) addTo(s *sum, scalar []byte) {
	carry := 0
	for i, row := 0, m.points; len(row) > 0; i, row = i+m.window, row[m.half:] {
		digit := bits(scalar, i, m.window) + carry
		if carry = 0; digit > m.half {
			digit, carry = digit-2*m.half, 1
		}
		switch {
		case digit > 0:
			s.add(&row[digit-1], false)
		case digit < 0:
			s.add(&row[-digit-1], true)
		}
	}
}

// bits returns n ≤ 8 bits of b from bit i, the lowest first. Beyond its end are zeros.
func bits(b []byte, i, n int) int {
	var v uint
	if i/8 < len(b) {
		v = uint(b[i/8])
	}
	if i/8+1 < len(b) {
		v |= uint(b[i/8+1]) << 8
	}
	return int(v >> (i % 8) & (1<<n - 1))
}
