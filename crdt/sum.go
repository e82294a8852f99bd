package crdt

import (
	"sync"

	"filippo.io/edwards25519"
	"filippo.io/edwards25519/field"
)

// affine is a point (x, y) of edwards25519 in the form in which it is added most
// cheaply: y+x, y−x and 2dxy.
type affine struct{ plus, minus, t2d field.Element }

// sum is a point to which others are added, in extended coordinates: x = X/Z,
// y = Y/Z, xy = T/Z.
type sum struct{ x, y, z, t field.Element }

// newSum returns the neutral point.
func newSum() *sum {
	s := new(sum)
	s.y.One()
	s.z.One()
	return s
}

// add adds a point, or takes it away: the formulas of Hisil, Wong, Carter and Dawson
// (https://eprint.iacr.org/2008/522, section 3.1, with Z of the second point 1), which the
// library has, too, and keeps to itself. They are complete: −1 is a square and d none, so
// they are right for any two points of the curve.
func (s *sum) add(q *affine, away bool) {
	plus, minus := &q.plus, &q.minus
	if away { // −(x, y) = (−x, y)
		plus, minus = minus, plus
	}
	var a, b, c, d, e, f, g, h field.Element
	a.Multiply(a.Subtract(&s.y, &s.x), minus)
	b.Multiply(b.Add(&s.y, &s.x), plus)
	c.Multiply(&s.t, &q.t2d)
	d.Add(&s.z, &s.z)
	e.Subtract(&b, &a)
	h.Add(&b, &a)
	if away {
		f.Add(&d, &c)
		g.Subtract(&d, &c)
	} else {
		f.Subtract(&d, &c)
		g.Add(&d, &c)
	}
	s.x.Multiply(&e, &f)
	s.y.Multiply(&g, &h)
	s.z.Multiply(&f, &g)
	s.t.Multiply(&e, &h)
}

// encodings returns the one canonical encoding of each point, with one inversion for all.
func encodings(sums []*sum) [][32]byte {
	z := make([]field.Element, len(sums))
	for i, s := range sums {
		z[i].Set(&s.z)
	}
	invert(z)
	out := make([][32]byte, len(sums))
	for i, s := range sums {
		var x, y field.Element
		x.Multiply(&s.x, &z[i])
		y.Multiply(&s.y, &z[i])
		copy(out[i][:], y.Bytes())
		out[i][31] |= byte(x.IsNegative() << 7)
	}
	return out
}

// invert replaces elements, none of which is zero, by their inverses: the product of all
// is inverted, and each multiplied out of it (Montgomery).
func invert(all []field.Element) {
	before := make([]field.Element, len(all)) // the product of those before each
	product := new(field.Element).One()
	for i := range all {
		before[i].Set(product)
		product.Multiply(product, &all[i])
	}
	product.Invert(product)
	for i := len(all) - 1; i >= 0; i-- {
		before[i].Multiply(&before[i], product)
		product.Multiply(product, &all[i])
		all[i].Set(&before[i])
	}
}

// twoD is 2d, where d = −121665/121666 makes the curve.
var twoD = sync.OnceValue(func() *field.Element {
	one := new(field.Element).One()
	d := new(field.Element).Mult32(one, 121666)
	d.Multiply(d.Invert(d), new(field.Element).Mult32(one, 2*121665))
	return d.Negate(d)
})

// affineOf brings points into affine form.
func affineOf(points []edwards25519.Point) []affine {
	out, inverse := make([]affine, len(points)), make([]field.Element, len(points))
	for i := range points {
		x, y, z, _ := points[i].ExtendedCoordinates()
		out[i].plus.Add(y, x)
		out[i].minus.Subtract(y, x)
		out[i].t2d.Multiply(x, y)
		inverse[i].Set(z)
	}
	invert(inverse)
	twoD := twoD()
	for i := range out {
		q, by := &out[i], &inverse[i]
		q.plus.Multiply(&q.plus, by)
		q.minus.Multiply(&q.minus, by)
		by.Multiply(by, by)
		q.t2d.Multiply(&q.t2d, by.Multiply(by, twoD))
	}
	return out
}
