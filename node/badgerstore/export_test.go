package badgerstore

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"log/slog"

	"touchline.dev/touchline/crdt"
)

// EraseOnly is Erase without the destruction: what a crash between them leaves.
func (s *Store) EraseOnly(log crdt.LogID, hashes ...crdt.Hash) error {
	l := s.logFor(log)
	return s.do(&job{ctx: context.Background(), apply: func(b *batch) error {
		_, err := b.erase(l, hashes)
		b.after = nil
		return err
	}})
}

// Trust is what the end of a scrub without findings does.
func (s *Store) Trust() { s.suspect.Store(false) }

// WriteOnly writes the file of a record and no entry.
func (s *Store) WriteOnly(e *crdt.Event) error { return s.writeRecordFile(e) }

// Frame is one of a backup, but its end.
type Frame struct {
	Kind    byte
	Content []byte
}

// WriteFrames is a backup of these frames, whatever they say.
func WriteFrames(list []Frame) []byte {
	var b bytes.Buffer
	out := &frameWriter{w: bufio.NewWriter(&b)}
	out.w.WriteString(backupMagic)
	for _, f := range list {
		out.frame(f.Kind, f.Content)
	}
	out.frame(frameEnd, binary.BigEndian.AppendUint64(nil, out.frames))
	out.w.Flush()
	return b.Bytes()
}

// ReadFrames returns the frames of a whole backup.
func ReadFrames(r io.Reader) (list []Frame, err error) {
	in, err := newFrameReader(r)
	if err != nil {
		return nil, err
	}
	return list, in.each(func(kind byte, content []byte) error {
		list = append(list, Frame{kind, content})
		return nil
	})
}

// EncodeKept and DecodeKept are the file of a kept value.
var (
	EncodeKept = encodeKept
	DecodeKept = decodeKept
)

// SeenIn is how much a log was last seen to have, as the store in dir wrote down.
func SeenIn(dir string, log crdt.LogID) uint64 {
	s := Store{dir: dir, log: slog.New(slog.DiscardHandler)}
	return s.readSeen()[log].members
}
