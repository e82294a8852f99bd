package recon

import (
	"math"
	"slices"
)

const (
	// keptCells is the length of the sketch that a large index keeps up to
	// date; it carries some 1,400 differences.
	keptCells = 2048
	// keepFrom is how many names make a sketch worth keeping.
	keepFrom = 4096
	// sketchWidth is the length of a sketch ID in bits.
	sketchWidth = 48
)

// symbol is what a sketch adds up: a 48-bit ID above a 16-bit check of it.
type symbol uint64

// symbolOf makes a symbol of a name's hash.
func symbolOf(hash uint64) symbol { return symbolFor(hash >> 16) }

// symbolFor makes the symbol of an ID.
func symbolFor(id uint64) symbol { return symbol(id<<16 | mix(id)>>48) }

func (s symbol) id() uint64  { return uint64(s) >> 16 }
func (s symbol) valid() bool { return s == symbolFor(s.id()) }

// mix is the finalizer of SplitMix64.
func mix(v uint64) uint64 {
	v += 0x9e3779b97f4a7c15
	v = (v ^ v>>30) * 0xbf58476d1ce4e5b9
	v = (v ^ v>>27) * 0x94d049bb133111eb
	return v ^ v>>31
}

// walk visits the cells of one symbol, in ascending order: cell 0 always, cell
// i with probability 1/(1+i/2) (Yang, Gilad, Alizadeh, "Practical Rateless Set
// Reconciliation", SIGCOMM 2024).
type walk struct {
	cell  uint64
	state uint64
}

func walkOf(s symbol) walk { return walk{state: mix(s.id())} }

func (w *walk) next() {
	w.state *= 0xda942042e4dd58b5
	w.cell += uint64(math.Ceil((float64(w.cell) + 1.5) * ((1<<32)/math.Sqrt(float64(w.state)+1) - 1)))
}

// cell is one coded symbol.
type cell struct {
	sum   symbol // XOR
	count int32
}

func (c cell) pure() bool { return (c.count == 1 || c.count == -1) && c.sum.valid() }

// sketch is the first cells of a rateless invertible Bloom lookup table. Any
// prefix of a sketch is a sketch.
type sketch []cell

// add adds a symbol by times; -1 takes it out.
func (s sketch) add(sym symbol, by int32) {
	for w := walkOf(sym); w.cell < uint64(len(s)); w.next() {
		s[w.cell].sum ^= sym
		s[w.cell].count += by
	}
}

// subtract leaves the difference to o, which is as long. Counts travel as one
// byte, so they are taken mod 256.
func (s sketch) subtract(o sketch) {
	for i := range s {
		s[i].sum ^= o[i].sum
		s[i].count = int32(int8(s[i].count - o[i].count))
	}
}

// decode takes a difference apart into the IDs counted +1 and those counted
// -1. It destroys s and reports whether it came out even. It takes apart no
// more symbols than there are cells, whatever the cells say.
func (s sketch) decode() (plus, minus []uint64, ok bool) {
	var pure []int
	for i := range s {
		if s[i].pure() {
			pure = append(pure, i)
		}
	}
	for len(pure) > 0 && len(plus)+len(minus) <= len(s) {
		at := pure[len(pure)-1]
		pure = pure[:len(pure)-1]
		c := s[at]
		if !c.pure() {
			continue
		}
		if c.count > 0 {
			plus = append(plus, c.sum.id())
		} else {
			minus = append(minus, c.sum.id())
		}
		for w := walkOf(c.sum); w.cell < uint64(len(s)); w.next() {
			cell := &s[w.cell]
			cell.sum ^= c.sum
			cell.count = int32(int8(cell.count - c.count))
			if cell.pure() {
				pure = append(pure, int(w.cell))
			}
		}
		if s[at] != (cell{}) {
			return nil, nil, false // not a cell of this symbol: the sketch lies
		}
	}
	for i := range s {
		if s[i] != (cell{}) {
			return nil, nil, false
		}
	}
	slices.Sort(plus)
	slices.Sort(minus)
	return plus, minus, true
}
