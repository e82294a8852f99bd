package badgerstore

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/dgraph-io/badger/v4"
	"touchline.dev/touchline/crdt"
)

// Backup writes all control sets and events, and what is erased or retired. It
// leaves out erasable records (rule R8) and the node's own values, keys above
// all. Each log is a prefix of its arrivals at some moment during the call.
//
// What cannot be read is named in the backup, which is whole without it; then
// the error wraps [crdt.ErrCorrupt] and says how much is missing. After any
// other error the backup is cut off.
func (s *Store) Backup(ctx context.Context, w io.Writer) error {
	out := &frameWriter{w: bufio.NewWriterSize(w, 64<<10)}
	out.w.WriteString(backupMagic)
	for _, l := range s.allLogs() {
		if err := s.backupLog(ctx, l, out); err != nil {
			return fmt.Errorf("back up log %s: %w", l.id.Short(), err)
		}
	}
	out.frame(frameEnd, binary.BigEndian.AppendUint64(nil, out.frames))
	if err := errors.Join(out.err, out.w.Flush()); err != nil {
		return err
	}
	if out.missing > 0 {
		return fmt.Errorf("%w: %d events or entries cannot be read and are not in the backup", crdt.ErrCorrupt, out.missing)
	}
	return nil
}

func (s *Store) backupLog(ctx context.Context, l *logState, out *frameWriter) error {
	var has contents
	err := s.read(func(txn *badger.Txn) error {
		has.read(txn, l)
		return nil
	})
	if err != nil || has.nothing() {
		return err
	}
	out.frame(frameLog, l.id[:])
	for _, h := range has.erased {
		out.frame(frameErased, h[:])
	}
	if has.head.retired {
		out.frame(frameRetired, nil)
	}
	for _, p := range has.places {
		if err := errors.Join(out.err, ctx.Err()); err != nil {
			return err
		}
		if err := s.backupEvent(l, p, out); err != nil {
			return err
		}
	}
	if has.nameless > 0 {
		out.frame(frameNameless, binary.BigEndian.AppendUint64(nil, has.nameless))
		out.missing += has.nameless
	}
	return out.err
}

// backupEvent writes an event, or its name if its bytes are damaged.
func (s *Store) backupEvent(l *logState, p place, out *frameWriter) error {
	e, err := s.Event(l.id, p.el.Hash)
	switch {
	case err == nil:
		out.frame(frameEvent, e.Envelope())
	case errors.Is(err, crdt.ErrGone): // erased or retired meanwhile
	case errors.Is(err, crdt.ErrCorrupt), errors.Is(err, crdt.ErrNotFound):
		out.frame(frameMissing, p.el.Hash[:])
		out.missing++
	default:
		return err
	}
	return nil
}

// contents is what a backup of a log has to hold.
type contents struct {
	head     head
	erased   []crdt.Hash
	places   []place // of control and events
	nameless uint64  // entries that the head counts and no index names
}

func (c *contents) read(txn *badger.Txn, l *logState) {
	v, _ := get(txn, headKey(l.id))
	h, ok := decodeHead(v)
	if !ok {
		h, _ = l.snapshot()
	}
	c.head = h
	prefix := append([]byte{kindErased}, l.id[:]...)
	for k := range keys(txn, prefix, prefix) {
		c.erased = append(c.erased, crdt.Hash(k[len(prefix):]))
	}
	c.nameless = lacking(h.erasures, len(c.erased))
	if h.retired {
		return
	}
	var counts [crdt.NumSets]int
	for _, p := range survivors(txn, h) {
		counts[p.set]++
		if p.set != crdt.Records {
			c.places = append(c.places, p)
		}
	}
	for set, n := range counts {
		if crdt.Set(set) != crdt.Records {
			c.nameless += lacking(h.counts[set], n)
		}
	}
}

// nothing reports whether the log was only spoken of, never written.
func (c *contents) nothing() bool { return c.head == head{num: c.head.num} }

// lacking is by how much there is less than there should be.
func lacking(want uint64, have int) uint64 { return want - min(want, uint64(have)) }
