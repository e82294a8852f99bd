package node

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"touchline.dev/touchline/crdt"
)

func numbered(n int) (id crdt.LogID) {
	binary.BigEndian.PutUint32(id[:], uint32(n))
	return id
}

// Whatever is used in whatever order: the live logs are those used last, and
// what is kept on disk says the same.
func TestRoster(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	var r roster
	var used []crdt.LogID // the last one first
	for range 3000 {
		id := numbered(random.IntN(2 * maxLive))
		was := r.has(id)
		joined, rests := r.use(id)
		if joined == was {
			t.Fatalf("joined %v, live before %v", joined, was)
		}
		for _, out := range rests {
			if r.has(out) {
				t.Fatal("a log that must rest is live")
			}
		}
		used = slices.DeleteFunc(used, func(u crdt.LogID) bool { return u == id })
		used = slices.Insert(used, 0, id)
		if want := used[:min(len(used), maxLive)]; !slices.Equal(r.live, want) {
			t.Fatal("live are not those used last")
		}
	}
	if !slices.Equal(decodeRoster(r.encode()), r.live) {
		t.Error("another roster after a restart")
	}
	r.drop(r.live[7])
	r.fill(numbered(9999))
	r.fill(numbered(9998))
	if !r.has(numbered(9999)) || r.has(numbered(9998)) || len(r.live) != maxLive {
		t.Error("fill takes what there is room for")
	}
}
