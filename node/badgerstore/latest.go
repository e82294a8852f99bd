package badgerstore

import (
	"github.com/dgraph-io/badger/v4"
	"touchline.dev/touchline/crdt"
)

// latest is, for each set of a log, an element that none in the database is
// later than. What is later need not be looked for: nearly all that is recorded.
type latest [crdt.NumSets]crdt.Element

// latestIn returns what is known, or else what the orders end with; nil if that
// cannot be told. The caller holds mu.
func (l *logState) latestIn(db *badger.DB) *latest {
	if l.latest != nil || l.head.num == 0 {
		return l.latest
	}
	var all latest
	whole := true
	db.View(func(txn *badger.Txn) error {
		for _, set := range crdt.Sets {
			if k := lastKey(txn, setKey(l.head.num, set), setKey(l.head.num, set+1)); k != nil {
				all[set] = elementOf(k)
			} else {
				whole = whole && l.head.counts[set] == 0
			}
		}
		return nil
	})
	if whole {
		l.latest = &all
	}
	return l.latest
}

// later is the events of a batch that are later than all that is committed.
type later struct {
	than   *latest // as before the batch; nothing changes it
	most   latest
	events map[crdt.Hash]struct{}
}

// add reports whether an event is later than all that is committed, and the
// first of the batch with its hash.
func (n *later) add(e *crdt.Event) bool {
	el := e.Element()
	if n.than == nil || el.Compare(n.than[e.Set]) <= 0 {
		return false
	}
	if _, ok := n.events[el.Hash]; ok {
		return false
	}
	if n.events == nil {
		n.events = map[crdt.Hash]struct{}{}
	}
	n.events[el.Hash] = struct{}{}
	if el.Compare(n.most[e.Set]) > 0 {
		n.most[e.Set] = el
	}
	return true
}

// latest is what holds once the batch is committed.
func (n *later) latest() *latest {
	if len(n.events) == 0 {
		return n.than
	}
	all := *n.than
	for set, el := range n.most {
		if el.Compare(all[set]) > 0 {
			all[set] = el
		}
	}
	return &all
}
