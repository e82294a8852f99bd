package crdt

import "testing"

// Multiples of a key are kept from one offer to the next while offers overlap, for so
// many keys, and none while nothing is offered.
func TestAuthorsKeepMultiples(t *testing.T) {
	a := newAuthors()
	key := func(n byte) Key { return Key{n} }
	seen := func(k Key, times int) (v *verifier) {
		for range times {
			v = a.verifier(k)
		}
		return v
	}
	a.enter()
	if seen(key(1), worthMultiples) != nil {
		t.Error("multiples for few signatures")
	}
	first := seen(key(1), 1)
	if first == nil {
		t.Fatal("no multiples for many")
	}
	a.enter()
	a.leave()
	if seen(key(1), 1) != first {
		t.Error("another offer is under way, and they are made anew")
	}
	for n := range byte(100) {
		if seen(key(n+1), worthMultiples+1) == nil {
			t.Fatalf("none for author %d", n+1)
		}
		if a.kept > maxMultiples {
			t.Fatalf("%d are kept", a.kept)
		}
	}
	a.leave()
	if len(a.by) > 0 || a.kept > 0 {
		t.Errorf("%d authors are known and %d verifiers kept at rest", len(a.by), a.kept)
	}
}
