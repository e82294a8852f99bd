package recon_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"touchline.dev/touchline/crdt/recon"
)

// proofs makes both peers' proofs of n logs; those in differ differ.
func proofs(n int, differ ...int) (a, b []recon.Proof) {
	rnd := rand.New(rand.NewPCG(1, 1))
	nonceA, nonceB := recon.Nonce{1}, recon.Nonce{2}
	idA, idB := []byte("peer a"), []byte("peer b")
	for i := range n {
		key := recon.NewTagKey([]byte{byte(i), byte(i >> 8), 3})
		var da, db recon.Digests
		da.Sums[1], da.Counts[1] = randomHash(rnd), 5
		db = da
		if slices.Contains(differ, i) {
			db.Counts[0]++
		}
		a = append(a, recon.Proof{Mine: recon.NewTag(key, nonceB, idA, da), Theirs: recon.NewTag(key, nonceA, idB, da)})
		b = append(b, recon.Proof{Mine: recon.NewTag(key, nonceA, idB, db), Theirs: recon.NewTag(key, nonceB, idA, db)})
	}
	return a, b
}

// greet runs the batch comparison through its bytes.
func greet(t testing.TB, a, b []recon.Proof) (equalA, equalB []int, size int) {
	greeting := (&recon.Greeting{Nonce: recon.Nonce{1}}).Append(nil)
	var tags recon.Tags
	for _, p := range a {
		tags = append(tags, p.Mine)
	}
	sent := tags.Append(nil)
	heard, err := recon.ParseTags(sent)
	if err != nil {
		t.Fatal(err)
	}
	reply, equalB := recon.Answer(heard, b)
	back := reply.Append(nil)
	got, err := recon.ParseTagsReply(back)
	if err != nil {
		t.Fatal(err)
	}
	equalA, err = got.Check(a)
	if err != nil {
		t.Fatal(err)
	}
	return equalA, equalB, 2*len(greeting) + len(sent) + len(back)
}

func TestTags(t *testing.T) {
	a, b := proofs(200, 3, 77)
	equalA, equalB, size := greet(t, a, b)
	if len(equalA) != 198 || !slices.Equal(equalA, equalB) || slices.Contains(equalA, 77) {
		t.Errorf("equal: %d and %d", len(equalA), len(equalB))
	}
	if size > 128+8*200 {
		t.Errorf("%d bytes for 200 logs", size)
	}
}

func TestTagsReplyCannotLie(t *testing.T) {
	a, b := proofs(10, 4)
	reply, _ := recon.Answer(recon.Tags{a[0].Mine, a[1].Mine}, b)
	reply.Equal = make([]bool, 10)
	for i := range reply.Equal {
		reply.Equal[i] = true
	}
	if equal, err := reply.Check(a); !errors.Is(err, recon.ErrProtocol) || equal != nil {
		t.Errorf("believed a lie: %v, %v", equal, err)
	}
	echo := recon.Tags{a[0].Mine} // sent back to its sender
	if _, equal := recon.Answer(echo, a); equal != nil {
		t.Error("a reflected tag was believed")
	}
}

func FuzzGreeting(f *testing.F) {
	f.Add((&recon.Greeting{Nonce: recon.Nonce{1}}).Append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		if g, err := recon.ParseGreeting(b); err == nil && !bytes.Equal(g.Append(nil), b) {
			t.Error("two encodings of one greeting")
		}
	})
}

func FuzzTags(f *testing.F) {
	f.Add(recon.Tags{{1}, {2}}.Append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		if v, err := recon.ParseTags(b); err == nil && !bytes.Equal(v.Append(nil), b) {
			t.Error("two encodings of the same tags")
		}
	})
}

func FuzzTagsReply(f *testing.F) {
	f.Add((&recon.TagsReply{Equal: []bool{true, false, true}}).Append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		if v, err := recon.ParseTagsReply(b); err == nil && !bytes.Equal(v.Append(nil), b) {
			t.Error("two encodings of one reply")
		}
	})
}

func BenchmarkGreeting200Equal(b *testing.B) {
	pa, pb := proofs(200)
	size := 0
	for b.Loop() {
		_, _, size = greet(b, pa, pb)
	}
	b.ReportMetric(float64(size), "bytes")
	b.ReportMetric(float64(size-200*8), "bytes_beyond_8_a_log")
}
