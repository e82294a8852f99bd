package crdt

import (
	"crypto/ed25519"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"filippo.io/edwards25519"
)

// verify is what is made of [verifier.sum], for one signature.
func (v *verifier) verify(message, signature []byte) bool {
	s := v.sum(message, signature)
	return s != nil && encodingOf(s) == [32]byte(signature)
}

func encodingOf(s *sum) [32]byte { return encodings([]*sum{s})[0] }

// sameVerdict fails unless a verifier says of a signature what [VerifyStrict] says.
func sameVerdict(t *testing.T, name string, key, message, signature []byte) (verdict bool) {
	t.Helper()
	verdict = VerifyStrict(key, message, signature)
	if got := newVerifier([32]byte(key)).verify(message, signature); got != verdict {
		t.Errorf("%s: %v by multiples, %v by itself\nkey %x\nmessage %x\nsignature %x", name, got, verdict, key, message, signature)
	}
	return verdict
}

func TestVerifierOnVectors(t *testing.T) {
	b, err := os.ReadFile("../docs/vectors/signature.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct{ Name, Envelope, Error string }
	if err := json.Unmarshal(b, &vectors); err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, v := range vectors {
		b, err := hex.DecodeString(v.Envelope)
		if err != nil {
			t.Fatal(err)
		}
		e, err := Decode(b)
		if err != nil {
			continue // refused before anybody verifies
		}
		tried++
		if valid := sameVerdict(t, v.Name, e.Author[:], e.signed(), e.signature); valid != (v.Error == "") {
			t.Errorf("%s: %v", v.Name, valid)
		}
	}
	if tried < 4 {
		t.Errorf("only %d of %d vectors were tried", tried, len(vectors))
	}
}

// encodings of keys and nonces on which libraries differ, or which are no points.
func oddPoints() (all [][]byte) {
	for y := range smallOrder {
		for _, sign := range []byte{0, 0x80} {
			b := append([]byte(nil), y[:]...)
			b[31] |= sign
			all = append(all, b)
		}
	}
	for _, low := range []byte{0xec, 0xed, 0xee, 0xf0, 0xff} { // p-1, p and above
		for _, top := range []byte{0x7f, 0xff} {
			b := make([]byte, 32)
			for i := range b {
				b[i] = 0xff
			}
			b[0], b[31] = low, top
			all = append(all, b)
		}
	}
	return append(all, append([]byte{2}, make([]byte, 31)...)) // not on the curve
}

// Keys and nonces with every part of small order, signed so that the equation
// holds with the cofactor, and for some also without it.
func TestVerifierOnPointsOfMixedOrder(t *testing.T) {
	torsion := []*edwards25519.Point{}
	for _, b := range oddPoints() {
		if p, err := new(edwards25519.Point).SetBytes(b); err == nil {
			torsion = append(torsion, p)
		}
	}
	r := rand.New(rand.NewPCG(23, 0))
	var valid, invalid int
	for i, ta := range torsion {
		for j, tr := range torsion {
			for n := range 8 {
				message := []byte(fmt.Sprint("mixed ", i, j, n))
				a, k := randomScalar(t, r), randomScalar(t, r)
				switch n % 4 {
				case 1:
					a = edwards25519.NewScalar() // a key of small order
				case 2:
					k = edwards25519.NewScalar() // a nonce of small order
				}
				key := new(edwards25519.Point).ScalarBaseMult(a)
				key.Add(key, ta)
				nonce := new(edwards25519.Point).ScalarBaseMult(k)
				nonce.Add(nonce, tr)
				signature := nonce.Bytes()
				h := sha512.Sum512(append(append(nonce.Bytes(), key.Bytes()...), message...))
				c, err := new(edwards25519.Scalar).SetUniformBytes(h[:])
				if err != nil {
					t.Fatal(err)
				}
				signature = append(signature, new(edwards25519.Scalar).MultiplyAdd(c, a, k).Bytes()...)
				if sameVerdict(t, "mixed order", key.Bytes(), message, signature) {
					valid++
				} else {
					invalid++
				}
			}
		}
	}
	if valid == 0 || invalid == 0 {
		t.Errorf("%d valid, %d not: both are wanted", valid, invalid)
	}
}

func randomScalar(t *testing.T, r *rand.Rand) *edwards25519.Scalar {
	t.Helper()
	b := make([]byte, 64)
	for i := range 8 {
		binary.LittleEndian.PutUint64(b[8*i:], r.Uint64())
	}
	s, err := new(edwards25519.Scalar).SetUniformBytes(b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Scalars at the edges of digits, against the library's own multiplication.
func TestMultiples(t *testing.T) {
	r := rand.New(rand.NewPCG(23, 1))
	p := new(edwards25519.Point).ScalarBaseMult(randomScalar(t, r))
	minusOne := new(edwards25519.Scalar).Subtract(edwards25519.NewScalar(), scalarOf(t, 1)) // the greatest there is
	scalars := []*edwards25519.Scalar{edwards25519.NewScalar(), scalarOf(t, 1), minusOne}
	for bit := range 252 {
		power := make([]byte, 32)
		power[bit/8] = 1 << (bit % 8)
		s, err := new(edwards25519.Scalar).SetCanonicalBytes(power)
		if err != nil {
			t.Fatal(err)
		}
		scalars = append(scalars, s, new(edwards25519.Scalar).Subtract(s, scalarOf(t, 1)), new(edwards25519.Scalar).Negate(s))
	}
	for range 200 {
		scalars = append(scalars, randomScalar(t, r))
	}
	for _, window := range []int{keyWindow, baseWindow} {
		m := newMultiples(p, window)
		for _, s := range scalars {
			got := newSum()
			m.addTo(got, s.Bytes())
			if want := new(edwards25519.Point).ScalarMult(s, p); encodingOf(got) != [32]byte(want.Bytes()) {
				t.Errorf("window %d, scalar %x: another point", window, s.Bytes())
			}
		}
	}
}

// Sums of any two points are those of the library: also of a point and itself, its
// opposite, the neutral point, and points with parts of small order.
func TestSum(t *testing.T) {
	r := rand.New(rand.NewPCG(23, 2))
	p := new(edwards25519.Point).ScalarBaseMult(randomScalar(t, r))
	points := []*edwards25519.Point{edwards25519.NewIdentityPoint(), p, new(edwards25519.Point).Negate(p), new(edwards25519.Point).Double(p)}
	for _, b := range oddPoints() {
		if small, err := new(edwards25519.Point).SetBytes(b); err == nil {
			points = append(points, small, new(edwards25519.Point).Add(p, small))
		}
	}
	all := make([]edwards25519.Point, len(points))
	for i := range points {
		all[i] = *points[i]
	}
	forms := affineOf(all)
	var sums []*sum
	var wants [][32]byte
	for i, a := range points {
		for j, b := range points {
			for _, away := range []bool{false, true} {
				want := new(edwards25519.Point).Add(a, b)
				if away {
					want.Subtract(a, b)
				}
				s := newSum()
				s.add(&forms[i], false)
				s.add(&forms[j], away)
				sums, wants = append(sums, &sum{s.x, s.y, s.z, s.t}), append(wants, [32]byte(want.Bytes()))
				if encodingOf(s) != [32]byte(want.Bytes()) {
					t.Errorf("points %d and %d, away %v: another sum", i, j, away)
				}
				// What is added to it next is right too: T was.
				if s.add(&forms[1], false); encodingOf(s) != [32]byte(want.Add(want, p).Bytes()) {
					t.Errorf("points %d and %d, away %v, and one more: another sum", i, j, away)
				}
			}
		}
	}
	for i, got := range encodings(sums) {
		if got != wants[i] {
			t.Errorf("sum %d of many: another encoding", i)
		}
	}
}

func scalarOf(t *testing.T, n byte) *edwards25519.Scalar {
	t.Helper()
	s, err := new(edwards25519.Scalar).SetCanonicalBytes(append([]byte{n}, make([]byte, 31)...))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// FuzzVerifier signs, or not, and damages key, nonce, scalar and message.
func FuzzVerifier(f *testing.F) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	public, message := key.Public().(ed25519.PublicKey), []byte("a goal")
	signature := ed25519.Sign(key, message)
	f.Add([]byte(public), message, signature, true)
	f.Add([]byte(public), message, signature, false)
	f.Add([]byte(public), []byte("no goal"), signature, false)
	for _, odd := range oddPoints() {
		f.Add(odd, message, signature, false)
		f.Add([]byte(public), message, append(append([]byte(nil), odd...), signature[32:]...), false)
		f.Add(odd, message, append(append([]byte(nil), odd...), make([]byte, 32)...), false)
		f.Add([]byte(public), message, append(append([]byte(nil), signature[:32]...), odd...), false)
	}
	f.Fuzz(func(t *testing.T, key, message, signature []byte, sign bool) {
		if len(key) != ed25519.PublicKeySize {
			return
		}
		if sign {
			private := ed25519.NewKeyFromSeed(key)
			key, signature = private.Public().(ed25519.PublicKey), ed25519.Sign(private, message)
		}
		if verdict := sameVerdict(t, "fuzz", key, message, signature); sign && !verdict {
			t.Error("what was signed is refused")
		}
	})
}

// BenchmarkVerify compares a signature by itself with one of many by one key.
func BenchmarkVerify(b *testing.B) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	public, message := key.Public().(ed25519.PublicKey), make([]byte, 250)
	signature := ed25519.Sign(key, message)
	b.Run("by itself", func(b *testing.B) {
		for b.Loop() {
			VerifyStrict(public, message, signature)
		}
	})
	b.Run("multiples", func(b *testing.B) {
		v := newVerifier([32]byte(public))
		for b.Loop() {
			v.verify(message, signature)
		}
	})
	b.Run("multiples, in an offer", func(b *testing.B) {
		v := newVerifier([32]byte(public))
		sums := make([]*sum, 0, atATime)
		for b.Loop() {
			if sums = append(sums, v.sum(message, signature)); len(sums) == atATime {
				encodings(sums)
				sums = sums[:0]
			}
		}
	})
	b.Run("making multiples", func(b *testing.B) {
		for b.Loop() {
			newVerifier([32]byte(public))
		}
	})
}
