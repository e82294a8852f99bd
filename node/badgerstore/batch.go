package badgerstore

import (
	"github.com/dgraph-io/badger/v4"
	"touchline.dev/touchline/crdt"
)

// maxCheckpoints bounds how many a transaction carries; others come later.
const maxCheckpoints = 32

// batch is a transaction in the making. Memory changes only after it is durable.
type batch struct {
	s      *Store
	txn    *badger.Txn
	staged map[*logState]*stage
	puts   int
	err    error    // the first put that failed: nothing can be saved then
	after  []func() // to do once durable
}

// stage is what a batch adds to one log.
type stage struct {
	head    head
	lanes   []stagedLanes
	removed []place // taken out of set and digest
	saved   bool
	later   later // than all that is committed
}

type stagedLanes struct {
	set   crdt.Set
	lanes *crdt.Lanes
}

func newBatch(s *Store) *batch {
	return &batch{s: s, txn: s.db.NewTransaction(true), staged: map[*logState]*stage{}}
}

func (b *batch) put(key, value []byte) {
	if b.err == nil {
		b.err = b.txn.Set(key, value)
		b.puts++
	}
}

func (b *batch) delete(key []byte) {
	if b.err == nil {
		b.err = b.txn.Delete(key)
		b.puts++
	}
}

// stage returns the log's head as this batch leaves it.
func (b *batch) stage(l *logState) (*stage, error) {
	if st := b.staged[l]; st != nil {
		return st, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.head.retired {
		if l.head.num == 0 {
			l.head.num = b.s.newNum()
		}
		if err := l.load(b.s.db); err != nil {
			return nil, err
		}
		l.pinned = true
	}
	st := &stage{head: l.head, later: later{than: l.latestIn(b.s.db)}}
	b.staged[l] = st
	return st, nil
}

// commit makes the batch durable and then visible.
func (b *batch) commit() error {
	if b.puts == 0 {
		b.afterwards()
		return nil
	}
	checkpoints := 0
	for l, st := range b.staged {
		b.put(headKey(l.id), st.head.encode())
		due := checkpoints < maxCheckpoints && len(st.lanes) > 0 && st.head.last-l.saved >= checkpointEvery
		if due || len(st.removed) > 0 { // no replay could take out what an older one has
			c := *l.digests // only who has the turn changes pinned digests
			st.addTo(&c)
			b.put(numKey(kindCheckpoint, st.head.num), c.encode())
			st.saved = true
			checkpoints++
		}
	}
	if b.err != nil {
		return b.err
	}
	if err := b.txn.Commit(); err != nil {
		return err
	}
	if err := b.s.wal.sync(); err != nil {
		return err
	}
	b.s.uses.Add(1)
	for l, st := range b.staged {
		l.adopt(st)
	}
	b.afterwards()
	return nil
}

func (b *batch) afterwards() {
	for _, f := range b.after {
		f()
	}
}

func (b *batch) discard() {
	b.txn.Discard()
	for l := range b.staged {
		l.mu.Lock()
		l.pinned = false
		l.mu.Unlock()
	}
}

func (st *stage) addTo(c *checkpoint) {
	for _, a := range st.lanes {
		c.digests[a.set].AddLanes(a.lanes)
	}
	for _, p := range st.removed {
		c.digests[p.set].Remove(p.el.Hash)
	}
	c.last = st.head.last
}

// adopt takes over what a batch committed.
func (l *logState) adopt(st *stage) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.head = st.head
	l.latest = st.later.latest()
	if l.digests != nil {
		st.addTo(l.digests)
	}
	if st.saved {
		l.saved = st.head.last
	}
}
