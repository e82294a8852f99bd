package recon_test

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/recon"
)

var topic = []byte("a topic's secret, 32 bytes long.")

// replica is one peer's copy of a log.
type replica struct {
	sets     [crdt.NumSets]map[crdt.Element]bool
	index    [crdt.NumSets]*recon.Index
	digest   [crdt.NumSets]crdt.Digest
	sync     *recon.SyncPoint
	level    recon.Level
	limits   recon.Limits
	nodigest bool // benchmarks skip the LtHash
}

func newReplica() *replica {
	r := &replica{}
	for i := range r.sets {
		r.sets[i] = map[crdt.Element]bool{}
		r.index[i] = recon.NewIndex(recon.IndexKey(topic, crdt.Set(i)))
	}
	return r
}

func (r *replica) add(set crdt.Set, e crdt.Element) bool {
	if r.sets[set][e] {
		return false
	}
	r.sets[set][e] = true
	r.index[set].Insert(recon.NameOf(e))
	if !r.nodigest {
		r.digest[set].Add(e.Hash)
	}
	return true
}

func (r *replica) digests() (d recon.Digests) {
	for i := range r.digest {
		d.Sums[i], d.Counts[i] = r.digest[i].Sum(), uint64(len(r.sets[i]))
	}
	return d
}

func (r *replica) elements(set crdt.Set, from crdt.Element, yield func(crdt.Element) bool) error {
	var all []crdt.Element
	for e := range r.sets[set] {
		if e.Compare(from) >= 0 {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, crdt.Element.Compare)
	for _, e := range all {
		if !yield(e) {
			break
		}
	}
	return nil
}

func (r *replica) find(it recon.Item) (found []crdt.Element) {
	for e := range r.sets[it.Set] {
		if recon.NameOf(e) == it.Name {
			found = append(found, e)
		}
	}
	return found
}

func (r *replica) session(role recon.Role, key recon.SessionKey) *recon.Session {
	cfg := recon.Config{Role: role, Key: key, Digests: r.digests(), Level: r.level, Sync: r.sync, Elements: r.elements, Limits: r.limits}
	if r.nodigest {
		cfg.Digests.Counts[0] = uint64(role) + 1<<40 // unequal
	}
	for i, x := range r.index {
		cfg.Snapshots[i] = x.Snapshot()
	}
	return recon.New(cfg)
}

// exchange is what a session between two replicas came to.
type exchange struct {
	frames  [][]byte
	bytes   int
	flights int
	sends   [2][]recon.Item
	equal   [2]bool
	err     error
	missing [2]int
	output  [2][]recon.Output
}

// run carries frames between two sessions until both are done. drop may lose
// one, which ends the run.
func run(a, b *recon.Session, drop func() bool) (x exchange) {
	sides := [2]*recon.Session{a, b}
	var done [2]bool
	out, err := a.Start()
	from := 0
	for err == nil {
		x.sends[from] = append(x.sends[from], out.Send...)
		x.equal[from] = out.Equal
		done[from] = out.Done
		if len(out.Reply) == 0 {
			break
		}
		x.flights++
		flight := out.Reply
		to := 1 - from
		for i, f := range flight {
			x.frames = append(x.frames, f)
			x.bytes += len(f)
			if drop != nil && drop() {
				return x
			}
			if out, err = sides[to].Step(f); err != nil {
				break
			}
			if i < len(flight)-1 {
				x.sends[to] = append(x.sends[to], out.Send...)
			}
		}
		from = to
	}
	x.err = err
	for i := range sides {
		x.missing[i] = sides[i].Missing()
		if err == nil && !done[i] {
			x.err = errNotDone
		}
	}
	return x
}

// deliver hands over the bodies of a run.
func deliver(x *exchange, a, b *replica) {
	sides := [2]*replica{a, b}
	for i, r := range sides {
		for _, it := range x.sends[i] {
			for _, e := range r.find(it) {
				sides[1-i].add(it.Set, e)
			}
		}
	}
}

func key(seed uint64) recon.SessionKey {
	var a, b recon.Nonce
	binary.BigEndian.PutUint64(a[:], seed)
	return recon.NewSessionKey(topic, a, b)
}

func randomHash(rnd *rand.Rand) (h crdt.Hash) {
	for i := 0; i < len(h); i += 8 {
		binary.BigEndian.PutUint64(h[i:], rnd.Uint64())
	}
	return h
}

func reconcile(t testing.TB, a, b *replica, seed uint64) exchange {
	t.Helper()
	sa, sb := a.session(recon.Initiator, key(seed)), b.session(recon.Responder, key(seed))
	x := run(sa, sb, nil)
	if x.err != nil {
		t.Fatalf("seed %d: %v", seed, x.err)
	}
	return x
}
