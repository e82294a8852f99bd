package badgerstore

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"

	"github.com/dgraph-io/badger/v4"
	"touchline.dev/touchline/crdt"
)

// A backup is backupMagic and frames: kind (1), length of the content (4,
// big-endian), content, CRC-32C of all these (4).
//
//	L LogID      the log of the frames that follow
//	R            that log is retired
//	X hash       an event that is erased for ever
//	E envelope   an event of the sets control and events
//	Z            the end: how many frames came before it (8)
const (
	backupMagic = "touchline backup 1\n"

	frameLog     = 'L'
	frameRetired = 'R'
	frameErased  = 'X'
	frameEvent   = 'E'
	frameEnd     = 'Z'

	backupPage = 256
)

// ErrBackup: the stream is not a whole, undamaged backup.
var ErrBackup = errors.New("backup is damaged or cut short")

// Backup writes all control sets and events, and what is erased or retired. It
// leaves out erasable records (rule R8) and the node's own values, keys above
// all. Each log is a prefix of its arrivals at some moment during the call.
// Events that cannot be read are left out; the backup is whole without them,
// and the error wraps [crdt.ErrCorrupt] and says how many they were.
func (s *Store) Backup(ctx context.Context, w io.Writer) error {
	out := &frameWriter{w: bufio.NewWriterSize(w, 64<<10)}
	out.w.WriteString(backupMagic)
	for _, l := range s.allLogs() {
		if err := s.backupLog(ctx, l, out); err != nil {
			return fmt.Errorf("back up log %s: %w", l.id.Short(), err)
		}
	}
	out.frame(frameEnd, binary.BigEndian.AppendUint64(nil, out.frames))
	if err := out.w.Flush(); err != nil {
		return err
	}
	if out.unreadable > 0 {
		return fmt.Errorf("%w: %d events cannot be read and are not in the backup", crdt.ErrCorrupt, out.unreadable)
	}
	return nil
}

func (s *Store) backupLog(ctx context.Context, l *logState, out *frameWriter) error {
	out.frame(frameLog, l.id[:])
	err := s.read(func(txn *badger.Txn) error {
		prefix := append([]byte{kindErased}, l.id[:]...)
		for k := range keys(txn, prefix, prefix) {
			out.frame(frameErased, k[len(prefix):])
		}
		return nil
	})
	if err != nil {
		return err
	}
	if _, err := l.snapshot(); err != nil {
		out.frame(frameRetired, nil)
		return out.err
	}
	for after := crdt.Arrival(0); out.err == nil; {
		if err := ctx.Err(); err != nil {
			return err
		}
		entries, err := s.Since(l.id, after, backupPage)
		if err != nil || len(entries) == 0 {
			return err
		}
		for _, e := range entries {
			if after = e.Arrival; e.Set != crdt.Records {
				s.backupEvent(l, e, out)
			}
		}
	}
	return out.err
}

func (s *Store) backupEvent(l *logState, e crdt.Entry, out *frameWriter) {
	if e.Event != nil {
		out.frame(frameEvent, e.Event.Envelope())
	} else if _, err := s.Event(l.id, e.Element.Hash); !errors.Is(err, crdt.ErrGone) {
		out.unreadable++
	}
}

type frameWriter struct {
	w          *bufio.Writer
	frames     uint64
	err        error
	unreadable int // events left out
}

func (f *frameWriter) frame(kind byte, content []byte) {
	b := binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(content)))
	b = append(b, content...)
	b = binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
	if f.err == nil {
		_, f.err = f.w.Write(b)
	}
	f.frames++
}

// Restore makes a store in dir, which must be empty or not there, from a
// backup. It has a new StoreID. After an error what is in dir is incomplete.
func Restore(ctx context.Context, r io.Reader, dir string) (err error) {
	if names, _ := os.ReadDir(dir); len(names) > 0 {
		return fmt.Errorf("restore: %s is not empty", dir)
	}
	s, err := Open(dir, Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	in := &frameReader{r: bufio.NewReaderSize(r, 64<<10)}
	magic := make([]byte, len(backupMagic))
	if _, err := io.ReadFull(in.r, magic); err != nil || string(magic) != backupMagic {
		return fmt.Errorf("%w: not a backup of version 1", ErrBackup)
	}
	return (&restorer{s: s}).run(ctx, in)
}

type frameReader struct {
	r      *bufio.Reader
	frames uint64
}

func (f *frameReader) next() (kind byte, content []byte, err error) {
	bad := func(what string) (byte, []byte, error) {
		return 0, nil, fmt.Errorf("%w: frame %d: %s", ErrBackup, f.frames, what)
	}
	var h [5]byte
	if _, err := io.ReadFull(f.r, h[:]); err != nil {
		return bad("cut")
	}
	n := binary.BigEndian.Uint32(h[1:])
	if n > crdt.MaxEvent {
		return bad("too long")
	}
	b := make([]byte, n+4)
	if _, err := io.ReadFull(f.r, b); err != nil {
		return bad("cut")
	}
	if crc32.Update(crc32.Checksum(h[:], castagnoli), castagnoli, b[:n]) != binary.BigEndian.Uint32(b[n:]) {
		return bad("checksum mismatch")
	}
	f.frames++
	return h[0], b[:n], nil
}

// restorer gathers events of one log until there are enough for an append.
type restorer struct {
	s      *Store
	log    crdt.LogID
	events []*crdt.Event
}

func (r *restorer) run(ctx context.Context, in *frameReader) error {
	for {
		kind, content, err := in.next()
		if err != nil {
			return err
		}
		if kind == frameEnd {
			if len(content) != 8 || binary.BigEndian.Uint64(content) != in.frames-1 {
				return fmt.Errorf("%w: frames are missing", ErrBackup)
			}
			return r.flush(ctx)
		}
		if err := r.frame(ctx, kind, content); err != nil {
			return fmt.Errorf("frame %d: %w", in.frames, err)
		}
	}
}

func (r *restorer) frame(ctx context.Context, kind byte, content []byte) error {
	switch {
	case kind == frameLog && len(content) == crdt.HashSize:
		err := r.flush(ctx)
		r.log = crdt.LogID(content)
		return err
	case kind == frameErased && len(content) == crdt.HashSize:
		return r.s.Erase(ctx, r.log, crdt.Hash(content))
	case kind == frameRetired:
		return r.s.Retire(ctx, r.log)
	case kind == frameEvent:
		e, err := crdt.Decode(content)
		if err != nil || e.LogID() != r.log {
			return fmt.Errorf("%w: not an event of its log", ErrBackup)
		}
		if r.events = append(r.events, e); len(r.events) >= backupPage {
			return r.flush(ctx)
		}
		return nil
	}
	return fmt.Errorf("%w: unknown frame", ErrBackup)
}

func (r *restorer) flush(ctx context.Context) error {
	if len(r.events) == 0 {
		return nil
	}
	_, err := r.s.Append(ctx, r.log, r.events...)
	r.events = nil
	return err
}
