package recon

// bitWriter appends bits, highest first, and pads the last byte with zeros.
type bitWriter struct {
	b    []byte
	free uint // bits unused in the last byte
}

func (w *bitWriter) write(v uint64, width uint) {
	for ; width > 0; width-- {
		if w.free == 0 {
			w.b, w.free = append(w.b, 0), 8
		}
		w.free--
		w.b[len(w.b)-1] |= byte(v>>(width-1)&1) << w.free
	}
}

// bitReader reads what bitWriter wrote; past the end it reads zeros and is bad.
type bitReader struct {
	b   []byte
	pos uint // in bits
	bad bool
}

func (r *bitReader) bit() uint64 {
	if r.pos >= uint(len(r.b))*8 {
		r.bad = true
		return 0
	}
	v := r.b[r.pos/8] >> (7 - r.pos%8) & 1
	r.pos++
	return uint64(v)
}

func (r *bitReader) read(width uint) (v uint64) {
	for ; width > 0; width-- {
		v = v<<1 | r.bit()
	}
	return v
}

// close checks that the rest of the current byte is zero and returns the
// bytes after it.
func (r *bitReader) close() []byte {
	for r.pos%8 != 0 {
		if r.bit() != 0 {
			r.bad = true
		}
	}
	return r.b[r.pos/8:]
}

// appendBits appends a bit for each value, padded with zeros to a byte.
func appendBits(b []byte, values []bool) []byte {
	w := bitWriter{b: b}
	for _, v := range values {
		bit := uint64(0)
		if v {
			bit = 1
		}
		w.write(bit, 1)
	}
	return w.b
}

// bits reads a count, at most most, and as many bits.
func (r *reader) bits(most uint64) []bool {
	n := r.uvarint()
	if n > most || n > uint64(len(r.b))*8 {
		r.fail("%d bits in %d bytes", n, len(r.b))
		return nil
	}
	values := make([]bool, n)
	br := bitReader{b: r.b}
	for i := range values {
		values[i] = br.bit() == 1
	}
	r.b = br.close()
	if br.bad {
		r.fail("padding of bits")
	}
	return values
}
