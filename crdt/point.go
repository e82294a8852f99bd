package crdt

import "encoding/hex"

// smallOrder are the canonical encodings of the eight points of small order
// on edwards25519, sign bit cleared; two of them differ only in sign.
var smallOrder = func() map[[32]byte]bool {
	m := map[[32]byte]bool{}
	for _, s := range []string{
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	} {
		b, err := hex.DecodeString(s)
		if err != nil {
			panic(err)
		}
		m[[32]byte(b)] = true
	}
	return m
}()

// strictPoint reports whether b is the canonical encoding of a y below
// 2^255-19 that is not of small order. Whether it is on the curve at all is
// left to verification.
func strictPoint(b []byte) bool {
	y := [32]byte(b)
	y[31] &= 0x7f
	if smallOrder[y] {
		return false
	}
	if y[31] != 0x7f || y[0] < 0xed {
		return true
	}
	for _, v := range y[1:31] {
		if v != 0xff {
			return true
		}
	}
	return false // y >= p
}
