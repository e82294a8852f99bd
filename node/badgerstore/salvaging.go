package badgerstore

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dgraph-io/badger/v4"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/node/badgerstore/salvage"
)

// salvagePage is how many events are taken back at once.
const salvagePage = 64

// salvagePending takes back what can be read of databases that were moved aside.
// A crash in the middle costs nothing: it is done again.
func (s *Store) salvagePending() error {
	for _, dir := range s.ledger.pending() {
		n, err := s.salvage(dir)
		if err != nil {
			return fmt.Errorf("read the damaged database %s: %w", dir, err)
		}
		s.log.Warn("store: events were read out of the damaged database", "events", n, "from", dir)
		if err := s.ledger.salvaged(dir, n); err != nil {
			return err
		}
	}
	return nil
}

// wreck is what the files of a damaged database say.
type wreck struct {
	files  []string
	heads  map[crdt.LogID]headAt
	metas  map[string]metaAt
	erased map[crdt.LogID][]crdt.Hash
	bodies []bodyAt
	logs   map[uint32]crdt.LogID // by local number
}

type headAt struct {
	head
	version uint64
}

type metaAt struct {
	value   []byte // nil: deleted
	version uint64
}

// bodyAt is where an event's body lies.
type bodyAt struct {
	num  uint32
	file uint32 // index into wreck.files
	at   crdt.Arrival
	off  int64
	size int
	hash crdt.Hash
}

// salvage takes back the events of a damaged database, in the order of their
// arrival, with what was erased and retired in it, and notes what its indexes
// name and nobody can read. It returns how many events were not here.
func (s *Store) salvage(dir string) (n int, err error) {
	w, err := readWreck(dir)
	if err != nil {
		return 0, err
	}
	if err := s.salvageMeta(w); err != nil {
		return 0, err
	}
	for id, h := range w.heads {
		if now, _ := s.known(id).snapshot(); h.retired && now == (head{num: now.num}) {
			err = errors.Join(err, s.Retire(context.Background(), id))
		}
	}
	for id, hashes := range w.erased {
		err = errors.Join(err, s.Erase(context.Background(), id, hashes...))
	}
	if err != nil {
		return 0, err
	}
	if n, err = s.salvageBodies(w); err != nil {
		return n, err
	}
	m, err := s.adoptRecords(func(crdt.LogID) bool { return true })
	if err == nil {
		err = s.noteUnread(w)
	}
	return n + m, err
}

func readWreck(dir string) (*wreck, error) {
	w := &wreck{heads: map[crdt.LogID]headAt{}, metas: map[string]metaAt{}, erased: map[crdt.LogID][]crdt.Hash{}, logs: map[uint32]crdt.LogID{}}
	for _, pattern := range []string{"*.sst", "*.mem"} {
		paths, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return nil, err
		}
		w.files = append(w.files, paths...)
	}
	for i := range w.files {
		if err := w.each(i, func(e salvage.Entry) { w.take(uint32(i), e) }); err != nil {
			return nil, err
		}
	}
	for id, h := range w.heads {
		w.logs[h.num] = id
	}
	slices.SortFunc(w.bodies, func(a, b bodyAt) int { return cmp.Or(cmp.Compare(a.num, b.num), cmp.Compare(a.at, b.at)) })
	return w, nil
}

// each yields the entries of a file. One that cannot be read has none.
func (w *wreck) each(i int, f func(salvage.Entry)) error {
	b, err := os.ReadFile(w.files[i])
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	read := func(e salvage.Entry) bool { f(e); return true }
	if strings.HasSuffix(w.files[i], ".mem") {
		salvage.Log(b, read)
	} else {
		salvage.Table(b, read)
	}
	return nil
}

// take remembers an entry, if it is of use.
func (w *wreck) take(file uint32, e salvage.Entry) {
	k := e.Key
	switch {
	case k[0] == kindMeta:
		if was, ok := w.metas[string(k[1:])]; !ok || was.version < e.Version {
			m := metaAt{version: e.Version}
			if !e.Deleted {
				m.value = append([]byte{}, e.Value...)
			}
			w.metas[string(k[1:])] = m
		}
	case k[0] == kindHead && len(k) == 1+crdt.HashSize:
		h, ok := decodeHead(e.Value)
		if id := crdt.LogID(k[1:]); ok && w.heads[id].version <= e.Version {
			w.heads[id] = headAt{h, e.Version}
		}
	case k[0] == kindErased && len(k) == 1+2*crdt.HashSize:
		id := crdt.LogID(k[1:])
		w.erased[id] = append(w.erased[id], crdt.Hash(k[1+crdt.HashSize:]))
	case k[0] == kindBody && len(k) == 5+crdt.HashSize && !e.Deleted:
		if b, ok := decodeBody(e.Value); ok {
			w.bodies = append(w.bodies, bodyAt{num: binary.BigEndian.Uint32(k[1:]), file: file, at: b.at, off: int64(e.At), size: len(e.Value), hash: crdt.Hash(k[5:])})
		}
	}
}

// salvageMeta brings back kept values that have no second copy: those of a
// version of this program that made none.
func (s *Store) salvageMeta(w *wreck) error {
	for key, m := range w.metas {
		if _, err := s.Meta(key); m.value == nil || !s.isKept(key) || !errors.Is(err, crdt.ErrNotFound) {
			continue
		}
		if err := s.SetMeta(context.Background(), key, m.value); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) salvageBodies(w *wreck) (n int, err error) {
	in := &fetcher{s: s}
	var open *os.File
	for _, b := range w.bodies {
		if path := w.files[b.file]; open == nil || open.Name() != path {
			open.Close() // nil has none
			if open, err = os.Open(path); err != nil {
				return in.n, err
			}
		}
		value := make([]byte, b.size)
		if _, err := open.ReadAt(value, b.off); err != nil {
			continue
		}
		e := s.bodyOf(value, b.hash)
		if e == nil {
			continue
		}
		w.logs[b.num] = e.LogID()
		if err := in.take(e); err != nil {
			return in.n, errors.Join(err, open.Close())
		}
	}
	open.Close()
	return in.n, in.flush()
}

// bodyOf is the event that a body holds or names; nil if it cannot be read.
func (s *Store) bodyOf(value []byte, h crdt.Hash) (e *crdt.Event) {
	b, ok := decodeBody(value)
	switch {
	case !ok:
	case b.where == bodyFile:
		e, _ = s.readRecord(h)
	default:
		e, _ = crdt.DecodeKnown(b.envelope, h)
	}
	return e
}

// fetcher takes events back, some at a time.
type fetcher struct {
	s      *Store
	events []*crdt.Event // of one log
	n      int           // that were not here
}

func (f *fetcher) take(e *crdt.Event) error {
	if len(f.events) > 0 && (f.events[0].LogID() != e.LogID() || len(f.events) >= salvagePage) {
		if err := f.flush(); err != nil {
			return err
		}
	}
	f.events = append(f.events, e)
	return nil
}

func (f *fetcher) flush() error {
	if len(f.events) == 0 {
		return nil
	}
	added, err := f.s.Append(context.Background(), f.events[0].LogID(), f.events...)
	f.events = nil
	if errors.Is(err, crdt.ErrGone) {
		return nil // retired
	}
	for _, a := range added {
		if a.New {
			f.n++
		}
	}
	return err
}

// adoptRecords takes back erasable records whose entries a damage took: each is
// a file that says to which log it belongs. Nothing of an erased one is left.
func (s *Store) adoptRecords(wanted func(crdt.LogID) bool) (n int, err error) {
	in := &fetcher{s: s}
	err = filepath.WalkDir(filepath.Join(s.dir, "records"), func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), tempPrefix) {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return nil
		}
		if e, err := crdt.Decode(b); err == nil && e.Set == crdt.Records && e.Hash.String() == d.Name() && wanted(e.LogID()) {
			return in.take(e)
		}
		return nil
	})
	return in.n, errors.Join(err, in.flush())
}

// noteUnread notes what logs had by the heads and indexes of a wreck, if that is
// not here now.
func (s *Store) noteUnread(w *wreck) error {
	names := map[crdt.LogID][]crdt.Hash{}
	until := map[crdt.LogID]crdt.Time{}
	for i := range w.files {
		err := w.each(i, func(e salvage.Entry) {
			if e.Key[0] != kindArrival || len(e.Key) != 13 || e.Deleted {
				return
			}
			num := binary.BigEndian.Uint32(e.Key[1:])
			id, ok := w.logs[num]
			p, whole := decodePlace(e.Value)
			if !ok || !whole || p.erased || w.heads[id].head.num != num && w.heads[id].head.num != 0 {
				return
			}
			until[id] = max(until[id], p.el.Time)
			if len(names[id]) < maxNames && !s.isHere(id, p.el.Hash) {
				names[id] = append(names[id], p.el.Hash)
			}
		})
		if err != nil {
			return err
		}
	}
	for id, h := range w.heads {
		now, err := s.known(id).snapshot()
		if sum, ok := now.shortOf(h.members(), h.erasures); err == nil && !h.retired && !ok {
			s.lack(loss{Log: id, Sum: sum, Until: until[id], Names: names[id]})
			delete(names, id)
		}
	}
	for id, list := range names {
		s.lack(loss{Log: id, Names: list})
	}
	return nil
}

// isHere reports whether an event is in a log, or may not be.
func (s *Store) isHere(id crdt.LogID, h crdt.Hash) (here bool) {
	err := s.view(id, func(txn *badger.Txn, _ *logState, hd head) error {
		here = has(txn, bodyKey(hd.num, h), nil) || has(txn, erasedKey(id, h), nil)
		return nil
	})
	return here || errors.Is(err, crdt.ErrGone)
}

// saveHoled copies the logs of memtables that have a hole, before badger cuts
// them off there: what comes behind it was acknowledged.
func (s *Store) saveHoled() error {
	paths, _ := filepath.Glob(filepath.Join(s.dbDir(), "*.mem"))
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil || !salvage.Holed(b) {
			continue
		}
		to := s.asideName()
		used := len(bytes.TrimRight(b, "\x00")) + 64 // an entry may end with zeros
		if err := writeFile(filepath.Join(to, filepath.Base(path)), b[:min(len(b), used)]); err != nil {
			return err
		}
		if err := s.reportMoved("the log of the database had a hole", to, nil); err != nil {
			return err
		}
	}
	return nil
}
