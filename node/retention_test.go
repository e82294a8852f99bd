package node

import (
	"errors"
	"testing"

	"touchline.dev/touchline/crdt"
)

func TestMayRetire(t *testing.T) {
	here, before := crdt.Sum([]byte("here")), crdt.Sum([]byte("before"))
	held := holding{digest: here, peer: "p", store: crdt.StoreID{1}}
	for _, c := range []struct {
		name string
		e    evidence
		may  bool
		only bool
	}{
		{"old and held elsewhere", evidence{digest: here, held: held}, true, false},
		{"young", evidence{recent: true, digest: here, held: held}, false, false},
		{"never proved", evidence{digest: here}, false, true},
		{"something came since", evidence{digest: here, held: holding{digest: before, peer: "p", store: held.store}}, false, true},
		{"the other store is another one", evidence{digest: here, held: held, lapsed: true}, false, true},
	} {
		err := mayRetire(c.e)
		if (err == nil) != c.may || errors.Is(err, ErrOnlyCopy) != c.only {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if got := decodeHolding(held.encode()); got != held {
		t.Errorf("read back %+v", got)
	}
	if got := decodeHolding(held.encode()[:20]); got != (holding{}) {
		t.Errorf("cut: %+v", got)
	}
}
