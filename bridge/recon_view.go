package bridge

import (
	"sync"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/recon"
)

// reconView is what a log holds at one moment, for sessions.
type reconView struct {
	digests   recon.Digests
	last      crdt.Arrival
	snapshots [crdt.NumSets]*recon.Snapshot
}

// reconViews keeps the last view of each log that pages compare, since many ask
// between two events. It is made under secrets of this process, so it is not
// the node's own index.
type reconViews struct {
	mu   sync.Mutex
	logs map[crdt.LogID]*reconSlot // guarded by mu
}

type reconSlot struct {
	mu   sync.Mutex
	view reconView // guarded by mu
	used bool      // guarded by mu
}

// maxViews bounds the logs whose view is kept; one more, and all are forgotten.
const maxViews = 256

func (v *reconViews) slot(id crdt.LogID) *reconSlot {
	v.mu.Lock()
	defer v.mu.Unlock()
	s := v.logs[id]
	if s == nil {
		if v.logs == nil || len(v.logs) >= maxViews {
			v.logs = map[crdt.LogID]*reconSlot{}
		}
		s = &reconSlot{}
		v.logs[id] = s
	}
	return s
}

// of returns the view of a log now. While events arrive without a pause it may
// be of a set a little larger than its digests say; then the next session finds
// the rest.
func (v *reconViews) of(log *crdt.Log, secret [32]byte) (reconView, error) {
	s := v.slot(log.ID())
	s.mu.Lock()
	defer s.mu.Unlock()
	for range 20 {
		d, last, err := digestsOf(log)
		if err != nil {
			return reconView{}, err
		}
		if s.used && s.view.digests == d {
			s.view.last = last
			return s.view, nil
		}
		view, err := newReconView(log, secret)
		if err != nil {
			return reconView{}, err
		}
		view.digests, view.last = d, last
		s.view, s.used = view, true
		if again, _, err := digestsOf(log); err != nil || again == d {
			return view, err
		}
	}
	return s.view, nil
}

func newReconView(log *crdt.Log, secret [32]byte) (v reconView, err error) {
	for _, set := range crdt.Sets {
		x := recon.NewIndex(recon.IndexKey(secret[:], set))
		err := log.Elements(set, crdt.Element{}, func(e crdt.Element) bool {
			x.Insert(recon.NameOf(e))
			return true
		})
		if err != nil {
			return v, err
		}
		v.snapshots[set] = x.Snapshot()
	}
	return v, nil
}

// digestsOf returns the digests of a log's three sets, and the last arrival.
func digestsOf(log *crdt.Log) (d recon.Digests, last crdt.Arrival, err error) {
	digests, last, err := log.Digest()
	for i := range digests {
		d.Sums[i], d.Counts[i] = digests[i].Sum(), digests[i].Count()
	}
	return d, last, err
}
