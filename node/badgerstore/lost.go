package badgerstore

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/dgraph-io/badger/v4"
	"touchline.dev/touchline/crdt"
)

// Lost is what a log had before a damage and has not got again.
type Lost struct {
	Since    time.Time   // when the damage was found
	Hashes   []crdt.Hash // of events whose names are known
	Nameless uint64      // events of which only the number is known
}

// Count is how many events are missing.
func (l Lost) Count() uint64 { return uint64(len(l.Hashes)) + l.Nameless }

// Lost says what a damage took from a log and nobody has brought back yet. An
// erased event is not missing. The number of nameless ones is that of events
// older than the damage: others of that age that were never here, and come now,
// are taken for them.
func (s *Store) Lost(log crdt.LogID) (out Lost, err error) {
	was, ok := s.ledger.loss(log)
	if !ok {
		return out, nil
	}
	out.Since = was.When
	err = s.view(log, func(txn *badger.Txn, _ *logState, h head) error {
		for _, name := range was.Names {
			if !has(txn, bodyKey(h.num, name), nil) && !has(txn, erasedKey(log, name), nil) {
				out.Hashes = append(out.Hashes, name)
			}
		}
		have := h.sum()
		for _, set := range crdt.Sets {
			for range keys(txn, setKey(h.num, set), timeKey(h.num, set, was.Until+1)) {
				have--
			}
		}
		lacks := was.Sum - min(was.Sum, have)
		out.Nameless = lacks - min(lacks, uint64(len(out.Hashes)))
		return nil
	})
	if errors.Is(err, crdt.ErrGone) {
		return Lost{}, nil // given up
	}
	return out, err
}

// members is how many a log has in all sets.
func (h head) members() (n uint64) {
	for _, c := range h.counts {
		n += c
	}
	return n
}

// sum grows with every event that comes and stays as it is when one is erased.
func (h head) sum() uint64 { return h.members() + h.erasures }

// shortOf returns what the sum of a log should be that had so many members and
// erasures before; ok if it is. Erasures that a damage took are not missed: they
// may come back as control events, which count nothing here.
func (h head) shortOf(members, erasures uint64) (sum uint64, ok bool) {
	sum = members + min(erasures, h.erasures)
	return sum, h.sum() >= sum
}

// Damages lists what was found wrong, the oldest first, until [Store.Dismiss] or
// until the folder that holds what was there is removed.
func (s *Store) Damages() []Damage { return s.ledger.list() }

// Dismiss forgets what was found wrong and what is still missing of it.
func (s *Store) Dismiss() error { return s.ledger.dismiss() }

// lack remembers a loss.
func (s *Store) lack(l loss) {
	l.When = now()
	if err := s.ledger.lack(l); err != nil {
		s.log.Warn("store: a loss could not be noted", "log", l.Log, "error", err)
	}
}

// tendLosses forgets losses that were made good.
func (s *Store) tendLosses() {
	for _, id := range s.ledger.lacking() {
		if lost, err := s.Lost(id); err != nil || lost.Count() > 0 {
			continue
		}
		if err := s.ledger.whole(id); err != nil {
			s.log.Warn("store: the list of damages", "error", err)
			return
		}
		s.log.Info("store: a log that was damaged has everything again", "log", id, "dir", s.dir)
	}
}

// seen is what a log was seen to have, kept outside of the database in the file
// seen: a database that lost the end of its own log does not know it.
type seen struct {
	members, erasures uint64
	until             crdt.Time // of the newest member
}

const seenMagic = "touchline seen 1\n"

const seenSize = crdt.HashSize + 8 + 8 + 8

func (s *Store) seenPath() string { return filepath.Join(s.dir, "seen") }

// readSeen returns nil when there is no file, or a damaged one.
func (s *Store) readSeen() map[crdt.LogID]seen {
	b, err := os.ReadFile(s.seenPath())
	if err != nil {
		return nil
	}
	out, err := decodeSeen(b)
	if err != nil {
		s.report("the list of what was here is damaged", "error", err)
	}
	return out
}

func encodeSeen(all map[crdt.LogID]seen) []byte {
	var rest []byte
	for id, v := range all {
		rest = append(rest, id[:]...)
		rest = binary.BigEndian.AppendUint64(rest, v.members)
		rest = binary.BigEndian.AppendUint64(rest, v.erasures)
		rest = binary.BigEndian.AppendUint64(rest, uint64(v.until))
	}
	sum := sha256.Sum256(rest)
	return append(append([]byte(seenMagic), sum[:]...), rest...)
}

func decodeSeen(b []byte) (map[crdt.LogID]seen, error) {
	rest, ok := bytes.CutPrefix(b, []byte(seenMagic))
	if !ok || len(rest) < sha256.Size || (len(rest)-sha256.Size)%seenSize != 0 {
		return nil, errors.New("its form is wrong")
	}
	if have := sha256.Sum256(rest[sha256.Size:]); !bytes.Equal(have[:], rest[:sha256.Size]) {
		return nil, errors.New("its checksum is wrong")
	}
	out := map[crdt.LogID]seen{}
	for rest = rest[sha256.Size:]; len(rest) > 0; rest = rest[seenSize:] {
		n := rest[crdt.HashSize:]
		out[crdt.LogID(rest[:crdt.HashSize])] = seen{
			binary.BigEndian.Uint64(n), binary.BigEndian.Uint64(n[8:]), crdt.Time(binary.BigEndian.Uint64(n[16:])),
		}
	}
	return out, nil
}

// checkSeen compares what is here with what was seen to be. It runs before
// anybody may use the store.
func (s *Store) checkSeen() error {
	s.seen = s.readSeen()
	short := map[crdt.LogID]bool{}
	for id, was := range s.seen {
		h, err := s.known(id).snapshot()
		if err != nil {
			continue // given up
		}
		if sum, ok := h.shortOf(was.members, was.erasures); !ok {
			short[id] = true
			s.report(fmt.Sprintf("%d events of log %s that were here are gone", sum-h.sum(), id.Short()))
			s.lack(loss{Log: id, Sum: sum, Until: was.until})
		}
	}
	if len(short) == 0 {
		return nil
	}
	_, err := s.adoptRecords(func(id crdt.LogID) bool { return short[id] })
	return err
}

// lookClosing is look for who closes the store; no other may use it any more.
func (s *Store) lookClosing() error {
	if s.writable() != nil {
		return nil
	}
	return s.look(func(f func(*badger.Txn) error) error { return s.db.View(f) })
}

// look writes down what is here, if that has changed. Only the keeper calls it,
// or who closes the store.
func (s *Store) look(view viewer) error {
	next := make(map[crdt.LogID]seen, len(s.seen))
	changed := false
	for _, l := range s.allLogs() {
		h, err := l.snapshot()
		if err != nil || h.sum() == 0 {
			continue
		}
		v := s.seen[l.id]
		if v.members != h.members() || v.erasures != h.erasures {
			if v, err = lookAt(view, h); err != nil {
				return err
			}
			changed = true
		}
		next[l.id] = v
	}
	if !changed && len(next) == len(s.seen) {
		return nil
	}
	if err := writeFile(s.seenPath(), encodeSeen(next)); err != nil {
		return fmt.Errorf("write %s: %w", s.seenPath(), err)
	}
	s.seen = next
	return nil
}

// viewer runs a function in a read transaction.
type viewer func(func(*badger.Txn) error) error

func lookAt(view viewer, h head) (seen, error) {
	v := seen{members: h.members(), erasures: h.erasures}
	err := view(func(txn *badger.Txn) error {
		for _, set := range crdt.Sets {
			v.until = max(v.until, newest(txn, setKey(h.num, set)))
		}
		return nil
	})
	return v, err
}

// newest is the time of the last element of a set; 0 if it is empty.
func newest(txn *badger.Txn, set []byte) crdt.Time {
	k := lastKey(txn, set, append(bytes.Clone(set), bytes.Repeat([]byte{255}, 8+crdt.HashSize)...))
	if k == nil {
		return 0
	}
	return elementOf(k).Time
}

// lastKey is the greatest key with a prefix up to another; nil if there is none.
func lastKey(txn *badger.Txn, prefix, to []byte) []byte {
	o := badger.DefaultIteratorOptions
	o.PrefetchValues, o.Reverse = false, true
	it := txn.NewIterator(o)
	defer it.Close()
	if it.Seek(to); !it.ValidForPrefix(prefix) {
		return nil
	}
	return it.Item().KeyCopy(nil)
}
