package crdt_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/veraison/go-cose"
	"pgregory.net/rapid"

	"touchline.dev/touchline/crdt"
)

func newEvent(t testing.TB, seed byte, change func(*crdt.Header)) *crdt.Event {
	t.Helper()
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, 32))
	payload, err := crdt.Pad([]byte("content"))
	if err != nil {
		t.Fatal(err)
	}
	h := crdt.Header{
		Set: crdt.Events, Log: crdt.LogID{1}, Incarnation: crdt.Incarnation{2}, Seq: 1,
		Time: crdt.MakeTime(1_700_000_000_000, 3), OwnMs: 1_700_000_000_000, Grant: crdt.Hash{4},
		Refs: []crdt.Hash{{5}, {6}},
	}
	if change != nil {
		change(&h)
	}
	if h.Set == crdt.Records {
		payload = append(make([]byte, crdt.RecordOverhead), payload...)
	}
	e, err := crdt.Sign(key, h, payload)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestSignedEventDecodesToItself(t *testing.T) {
	e := newEvent(t, 1, nil)
	got, err := crdt.Open(e.Envelope())
	if err != nil {
		t.Fatal(err)
	}
	if got.Hash != e.Hash || got.Author != e.Author || got.Time != e.Time || len(got.Refs) != 2 || got.Refs[1] != e.Refs[1] {
		t.Errorf("decoded %+v, want %+v", got.Header, e.Header)
	}
	plain, err := got.Plain()
	if err != nil || string(plain) != "content" {
		t.Errorf("content %q, %v", plain, err)
	}
}

// Every change of a single byte is noticed, whichever byte it is: nobody can
// give two bodies one identity or one body two.
func TestEveryChangedByteIsRefused(t *testing.T) {
	e := newEvent(t, 1, nil)
	for i := range e.Envelope() {
		b := bytes.Clone(e.Envelope())
		b[i] ^= 1
		if _, err := crdt.Open(b); err == nil {
			t.Errorf("byte %d changed and accepted", i)
		} else if !errors.Is(err, crdt.ErrMalformed) && !errors.Is(err, crdt.ErrSignature) {
			t.Errorf("byte %d: error %v is of no kind", i, err)
		}
	}
}

// The same fields in any other encoding are refused.
func TestOtherEncodingsAreRefused(t *testing.T) {
	e := newEvent(t, 1, nil)
	var raw cbor.RawTag
	if err := cbor.Unmarshal(e.Envelope(), &raw); err != nil {
		t.Fatal(err)
	}
	var parts []cbor.RawMessage
	if err := cbor.Unmarshal(raw.Content, &parts); err != nil {
		t.Fatal(err)
	}
	join := func(tag []byte, parts ...[]byte) []byte {
		return append(append(bytes.Clone(tag), 0x80|byte(len(parts))), bytes.Join(parts, nil)...)
	}
	same := join([]byte{0xd2}, parts[0], parts[1], parts[2], parts[3])
	if !bytes.Equal(same, e.Envelope()) {
		t.Fatal("the test does not rebuild the envelope")
	}
	for name, b := range map[string][]byte{
		"untagged":           join(nil, parts[0], parts[1], parts[2], parts[3]),
		"long tag":           join([]byte{0xd8, 18}, parts[0], parts[1], parts[2], parts[3]),
		"unprotected header": join([]byte{0xd2}, parts[0], []byte{0xa1, 1, 2}, parts[2], parts[3]),
		"indefinite map":     join([]byte{0xd2}, parts[0], []byte{0xbf, 0xff}, parts[2], parts[3]),
		"trailing byte":      append(bytes.Clone(e.Envelope()), 0),
		"nil payload":        join([]byte{0xd2}, parts[0], parts[1], []byte{0xf6}, parts[3]),
		"no signature":       join([]byte{0xd2}, parts[0], parts[1], parts[2], []byte{0x40}),
		"empty":              nil,
	} {
		if _, err := crdt.Decode(b); !errors.Is(err, crdt.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := crdt.Decode(make([]byte, crdt.MaxEvent+1)); !errors.Is(err, crdt.ErrTooLarge) {
		t.Errorf("oversize: %v", err)
	}
}

// An implementation of COSE that is not ours verifies our events.
func TestIndependentCOSEVerifies(t *testing.T) {
	e := newEvent(t, 7, nil)
	var m cose.Sign1Message
	if err := m.UnmarshalCBOR(e.Envelope()); err != nil {
		t.Fatal(err)
	}
	v, err := cose.NewVerifier(cose.AlgorithmEdDSA, ed25519.PublicKey(e.Author[:]))
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Verify([]byte("touchline/1 events"), v); err != nil {
		t.Error(err)
	}
	if m.Verify([]byte("touchline/1 control"), v) == nil {
		t.Error("a signature for one set verifies for another")
	}
}

func TestHeadersOutOfRangeAreNotSigned(t *testing.T) {
	key := ed25519.NewKeyFromSeed(make([]byte, 32))
	payload, _ := crdt.Pad(nil)
	ok := crdt.Header{Set: crdt.Events, Log: crdt.LogID{1}, Seq: 1, Grant: crdt.Hash{1}}
	for name, change := range map[string]func(*crdt.Header){
		"set":             func(h *crdt.Header) { h.Set = 3 },
		"lane":            func(h *crdt.Header) { h.Lane = 2 },
		"seq 0":           func(h *crdt.Header) { h.Seq = 0 },
		"prev at 1":       func(h *crdt.Header) { h.Prev = crdt.Hash{1} },
		"no prev at 2":    func(h *crdt.Header) { h.Seq = 2 },
		"no grant":        func(h *crdt.Header) { h.Grant = crdt.Hash{} },
		"no log":          func(h *crdt.Header) { h.Log = crdt.LogID{} },
		"refs unsorted":   func(h *crdt.Header) { h.Refs = []crdt.Hash{{2}, {1}} },
		"refs repeated":   func(h *crdt.Header) { h.Refs = []crdt.Hash{{2}, {2}} },
		"zero ref":        func(h *crdt.Header) { h.Refs = []crdt.Hash{{}} },
		"sealed, no seal": func(h *crdt.Header) { h.Epoch = crdt.Hash{1} },
		"sealed control":  func(h *crdt.Header) { h.Set, h.Epoch = crdt.Control, crdt.Hash{1} },
		"before 1970":     func(h *crdt.Header) { h.OwnMs = -1 },
	} {
		h := ok
		change(&h)
		if _, err := crdt.Sign(key, h, payload); !errors.Is(err, crdt.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := crdt.Sign(key, ok, payload[1:]); !errors.Is(err, crdt.ErrMalformed) {
		t.Error("payload outside the size classes signed")
	}
}

func TestPadRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOfN(rapid.Byte(), 0, 2000).Draw(t, "plain")
		padded, err := crdt.Pad(plain)
		if err != nil {
			t.Fatal(err)
		}
		got, err := crdt.Unpad(padded)
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("got %x, %v", got, err)
		}
		if _, err := crdt.Unpad(append(padded, make([]byte, 64)...)); err == nil {
			t.Fatal("more padding than needed accepted")
		}
	})
	if _, err := crdt.Pad(make([]byte, crdt.MaxPlain+1)); err == nil {
		t.Error("too long a payload padded")
	}
}

// Union is a join: the digest of a set does not depend on the order or the
// grouping in which it came together, and differs when the set does.
func TestDigestIsAFunctionOfTheSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 40).Draw(t, "n")
		hashes := make([]crdt.Hash, n)
		for i := range hashes {
			hashes[i] = crdt.Sum([]byte{byte(i)})
		}
		var a, b crdt.Digest
		for _, h := range hashes {
			a.Add(h)
		}
		for _, i := range rapid.Permutation(indices(n)).Draw(t, "order") {
			b.Add(hashes[i])
		}
		if a.Sum() != b.Sum() || a.Count() != uint64(n) {
			t.Fatal("order matters")
		}
		state, _ := a.MarshalBinary()
		var c crdt.Digest
		if err := c.UnmarshalBinary(state); err != nil || c.Sum() != a.Sum() {
			t.Fatal("state does not survive")
		}
		c.Add(crdt.Sum([]byte("more")))
		if c.Sum() == a.Sum() {
			t.Fatal("one more and still equal")
		}
		c.Remove(crdt.Sum([]byte("more")))
		if c.Sum() != a.Sum() {
			t.Fatal("removal is not the inverse")
		}
	})
}

func indices(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// A wrong clock elsewhere moves ours by a day at most, and never the own-clock
// reading (promise 6, rule R11).
func TestClock(t *testing.T) {
	now := time.UnixMilli(1_700_000_000_000)
	c := crdt.NewClock(func() time.Time { return now })
	a, own := c.Now()
	b, _ := c.Now()
	if b <= a || own != now.UnixMilli() {
		t.Errorf("%v then %v, own %d", a, b, own)
	}
	c.Observe(crdt.MakeTime(uint64(now.Add(3*time.Hour).UnixMilli()), 7))
	d, own := c.Now()
	if d.Millis() != uint64(now.Add(3*time.Hour).UnixMilli()) || own != now.UnixMilli() {
		t.Errorf("after a peer 3 h ahead: %v, own %d", d, own)
	}
	c.Observe(crdt.MakeTime(uint64(now.AddDate(1, 0, 0).UnixMilli()), 0))
	e, _ := c.Now()
	if limit := uint64(now.Add(crdt.MaxDrift).UnixMilli()); e.Millis() > limit {
		t.Errorf("a peer a year ahead carried us to %v, past %d", e, limit)
	}
	now = now.Add(-3 * time.Hour)
	if f, _ := c.Now(); f <= e {
		t.Error("a clock set back made time go back")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(newEvent(f, 1, nil).Envelope())
	f.Add(newEvent(f, 2, func(h *crdt.Header) { h.Set, h.Seq, h.Prev, h.Refs = crdt.Records, 9, crdt.Hash{1}, nil }).Envelope())
	f.Add([]byte{0xd2, 0x84})
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := crdt.Decode(bytes.Clone(b))
		if err != nil {
			return
		}
		if !bytes.Equal(e.Envelope(), b) || e.Hash != crdt.Sum(b) {
			t.Fatal("decoded event is not its bytes")
		}
		e.Verify()
		if plain, err := e.Plain(); err == nil {
			crdt.DecodeContent(plain)
		}
	})
}

func FuzzContent(f *testing.F) {
	ms := int64(1380000)
	b, _ := (&crdt.Content{ID: "a", Type: "goal", Team: "home", Period: 1, ClockMs: &ms, Data: []byte(`{"player":"p7"}`)}).Encode()
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := crdt.DecodeContent(b)
		if err != nil {
			return
		}
		again, err := c.Encode()
		if err != nil {
			t.Skip() // JSON that is not compact is read but written compactly
		}
		if len(again) > len(b) {
			t.Fatal("grew")
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	e := newEvent(b, 1, nil)
	b.ReportMetric(float64(len(e.Envelope())), "B/event")
	for b.Loop() {
		if _, err := crdt.Open(e.Envelope()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifyAlone(b *testing.B) {
	pub, key, _ := ed25519.GenerateKey(rand.Reader)
	msg := make([]byte, 450)
	sig := ed25519.Sign(key, msg)
	for b.Loop() {
		if !ed25519.Verify(pub, msg, sig) {
			b.Fatal()
		}
	}
}

func BenchmarkDigestAdd(b *testing.B) {
	var d crdt.Digest
	h := crdt.Sum(nil)
	for b.Loop() {
		d.Add(h)
	}
}
