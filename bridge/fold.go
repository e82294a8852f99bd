package bridge

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/crdt/match"
)

// maxFolds is how many matches are kept folded. What was asked for longest ago
// is folded anew when it is asked for again.
const maxFolds = 48

// Folds keeps matches folded: for each log that was asked for lately one
// [match.Folder], fed from the log as events arrive. It may be used from any
// goroutine, and starts none: a fold catches up when somebody asks.
type Folds struct {
	backend Backend // immutable

	mu    sync.Mutex
	kept  map[crdt.LogID]*fold // guarded by mu; at most maxFolds
	uses  uint64               // guarded by mu; counts requests, to know what is oldest
	brief map[crdt.LogID]brief // guarded by mu; of every log ever asked for

	tables map[crdt.LogID]standings // guarded by mu; of every log that was in a table
}

// NewFolds returns folds of a backend's logs, all of them still to be made.
func NewFolds(b Backend) *Folds {
	return &Folds{backend: b, kept: map[crdt.LogID]*fold{}, brief: map[crdt.LogID]brief{}, tables: map[crdt.LogID]standings{}}
}

// errSealed: nothing of a match can be read here, so there is nothing to show.
var errSealed = newProblem(http.StatusForbidden, "sealed", "The match is sealed",
	"this node holds no key of the match and passes it on unread; ask a node that has joined it")

// fold is one match, folded as far as its log was read.
type fold struct {
	used uint64      // guarded by Folds.mu
	busy atomic.Bool // it catches up with many events

	mu     sync.Mutex // held while it catches up; guards all below
	folder *match.Folder
	store  crdt.StoreID
	at     crdt.Arrival // read up to here
	asked  crdt.Arrival // the log's last when somebody asked who can do without
	poured time.Time    // when they were told last that many events pour in
	learnt uint64       // [crdt.Log.Learnt] when verdicts were last asked for
	counts [crdt.NumSets]uint64
	known  int            // entries of the events set, damaged and sealed ones too
	read   int            // events that could be read
	told   []crdt.Arrival // of those that outsiders may see, in order; only grows, or is made anew
	folded Folded
	views  map[viewKey]*view
	digest *crdt.Hash // of the state; nil until somebody asks
}

// Folded is a match as it was when somebody asked.
type Folded struct {
	State  *match.State
	Unread int // events that this node cannot read: sealed, or damaged

	told []crdt.Arrival // of the events that outsiders may see, in order
	fold *fold
}

// digest is that of the state, worked out once.
func (f *Folded) digest() *crdt.Hash {
	fd := f.fold
	fd.mu.Lock()
	defer fd.mu.Unlock()
	if fd.digest != nil && fd.folded.State == f.State {
		return fd.digest
	}
	sum := crdt.Hash(f.State.Digest())
	if fd.folded.State == f.State {
		fd.digest = &sum
	}
	return &sum
}

// viewKey says who sees the same.
type viewKey struct {
	role match.Role
	side match.Side
	// children are a guardian's own, each after a zero byte but the first.
	children string
	self     crdt.Key
}

// Of returns the present state of a log.
func (f *Folds) Of(log *crdt.Log) (*Folded, error) {
	fd := f.take(log.ID())
	fd.mu.Lock()
	defer fd.mu.Unlock()
	if err := fd.catchUp(f.backend, log); err != nil {
		return nil, fmt.Errorf("fold match %s: %w", log.ID().Short(), err)
	}
	if fd.read == 0 && f.blind(log.ID(), fd.folded.Unread) {
		return nil, errSealed
	}
	f.note(log.ID(), fd.at, fd.folded.State)
	out := fd.folded
	return &out, nil
}

// blind reports whether nothing of a log can be read here, of which nothing was: it is
// no match without goals, also while nobody has written to it.
func (f *Folds) blind(id crdt.LogID, unread int) bool {
	_, blind := f.backend.Sealed(id)
	return blind || unread > 0
}

const (
	manyBehind = 64 // arrivals that are not folded yet
	pouring    = 16 // arrivals since somebody asked last
	// calmAfter is longer than a disk takes to sync: between two commits of what
	// pours in somebody asks, and nothing came.
	calmAfter = 500 * time.Millisecond
)

// OfCalm is [Folds.Of] for who can do without: it returns nil while many events
// pour into the log, as after a partition, so that nobody who records waits until
// all are folded. They are older than most that is there, each of them costs as many
// as come in order, and folding them as they come took more time than anything else
// that a recording node did after a partition. Of those who ask when they have stopped,
// one waits until all are folded.
func (f *Folds) OfCalm(log *crdt.Log) (*Folded, error) {
	_, last, err := log.Counts()
	if err != nil {
		return nil, err
	}
	fd := f.take(log.ID())
	if fd.busy.Load() {
		return nil, nil
	}
	fd.mu.Lock()
	asked := fd.asked
	fd.asked = last
	behind := fd.folded.State != nil && last > fd.at+manyBehind
	now := time.Now()
	if behind && last > asked+pouring {
		fd.poured = now
	}
	calm := now.Sub(fd.poured) >= calmAfter
	fd.mu.Unlock()
	if behind && !calm {
		return nil, nil
	}
	return f.Of(log)
}

// take finds or begins the fold of a log, and forgets the oldest of too many.
func (f *Folds) take(id crdt.LogID) *fold {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.uses++
	fd := f.kept[id]
	if fd == nil {
		fd = &fold{folder: match.NewFolder()}
		f.kept[id] = fd
	}
	fd.used = f.uses
	if len(f.kept) > maxFolds {
		oldest := id
		for other, o := range f.kept {
			if o.used < f.kept[oldest].used {
				oldest = other
			}
		}
		delete(f.kept, oldest)
	}
	return fd
}

// catchUp folds what is in the log by now. Usually that is what is new. All is
// judged again when the control set has grown, and when a new event may change
// the verdict on others of its chain: at a fork, or under a right that was cut.
func (fd *fold) catchUp(b Backend, log *crdt.Log) error {
	learnt, store := log.Learnt(), b.StoreID()
	counts, last, err := log.Counts()
	if err != nil {
		return err
	}
	if fd.folded.State != nil && fd.store == store && fd.learnt == learnt && fd.at >= last && fd.counts == counts {
		return nil
	}
	if fd.folded.State != nil && last > fd.at+manyBehind {
		fd.busy.Store(true)
		defer fd.busy.Store(false)
	}
	if fd.store != store || fd.learnt != learnt || fd.folded.State == nil {
		err = fd.readAll(b, log)
	} else {
		err = fd.readNew(b, log)
	}
	if err != nil {
		return err
	}
	fd.store, fd.learnt, fd.counts = store, learnt, counts
	fd.views, fd.digest = map[viewKey]*view{}, nil
	fd.folded = Folded{State: fd.folder.State(), Unread: fd.known - fd.read, told: slices.Clip(fd.told), fold: fd}
	return nil
}

func (fd *fold) readNew(b Backend, log *crdt.Log) error {
	batch, err := readBatch(b, log, fd.at)
	if err != nil {
		return err
	}
	counts, _, err := log.Counts()
	if err != nil {
		return err
	}
	known := fd.known + batch.known
	if batch.unsettled || uint64(known) > counts[crdt.Events] {
		return fd.readAll(b, log)
	}
	fd.at, fd.known, fd.read, fd.told = batch.at, known, fd.read+len(batch.events), append(fd.told, batch.told...)
	fd.folder.Take(batch.events)
	return nil
}

// readAll judges every event again. The folder is begun anew if something left
// the set: it only ever adds.
func (fd *fold) readAll(b Backend, log *crdt.Log) error {
	batch, err := readBatch(b, log, 0)
	if err == nil && batch.unsettled {
		batch, err = readBatch(b, log, 0) // the backend knows all places only by now
	}
	if err != nil {
		return err
	}
	if len(batch.events) < fd.read || batch.known < fd.known {
		fd.folder = match.NewFolder()
	}
	fd.at, fd.known, fd.read, fd.told = batch.at, batch.known, len(batch.events), batch.told
	fd.folder.Take(batch.events)
	return nil
}

// batch is what was read of a log.
type batch struct {
	events    []match.Event
	told      []crdt.Arrival // of those of them that outsiders may see
	known     int            // entries of the events set
	at        crdt.Arrival
	unsettled bool // verdicts on events read before may have changed
}

// foldPage is how many entries are read at once. After a partition they lie far from
// each other, and many are read as fast as few.
const foldPage = 5000

func readBatch(b Backend, log *crdt.Log, after crdt.Arrival) (*batch, error) {
	out := &batch{at: after}
	rights := map[crdt.Hash]access.Right{}
	for {
		entries, err := b.Entries(log.ID(), out.at, foldPage)
		if err != nil || len(entries) == 0 {
			return out, err
		}
		out.events = slices.Grow(out.events, len(entries))
		for _, en := range entries {
			out.at = en.Arrival
			if en.Set != crdt.Events {
				continue
			}
			out.known++
			if en.Event == nil {
				continue
			}
			if err := out.add(b, en, rights); err != nil {
				return out, err
			}
		}
	}
}

func (t *batch) add(b Backend, en crdt.Entry, rights map[crdt.Hash]access.Right) error {
	e := en.Event
	right, ok := rights[e.Grant]
	if !ok {
		right, _ = b.Right(e.LogID(), e.Grant)
		rights[e.Grant] = right
	}
	v, err := b.Verdict(e)
	if err != nil {
		return err
	}
	t.unsettled = t.unsettled || v.State != access.Stands || !right.CutBy.IsZero()
	if ev, ok := foldable(b, e, right, v); ok {
		t.events = append(t.events, ev)
		if match.Outward(ev.Type) {
			t.told = append(t.told, en.Arrival)
		}
	}
	return nil
}

// foldable is what the fold may know of an event; false if it cannot be read
// here. It is the one place where a member of a log becomes football.
func foldable(b Backend, e *crdt.Event, right access.Right, v access.Verdict) (match.Event, bool) {
	out := match.Event{
		Hash: e.Hash, Author: e.Author, Role: match.Role(right.Role), Side: right.Team,
		Refs: e.Refs, Time: e.Time, OwnMs: e.OwnMs,
	}
	if right.Role == 0 {
		out.Role = match.Spectator // not known yet: no authority over others
	}
	if v.State != access.Stands {
		out.Standing, out.Reason = match.Unconfirmed, v.Why()
	}
	c, _, err := openWhole(b, e)
	if errors.Is(err, access.ErrNoKey) {
		return out, false
	}
	if err != nil {
		out.Standing, out.Reason = match.Void, err.Error()
		return out, true
	}
	out.ID, out.Type, out.Team, out.Period, out.ClockMs, out.Data = c.ID, c.Type, c.Team, c.Period, c.ClockMs, c.Data
	return out, true
}
