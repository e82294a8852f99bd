package badgerstore

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"touchline.dev/touchline/crdt"
)

// A backup is backupMagic and frames: kind (1), length of the content (4,
// big-endian), content, CRC-32C of all these (4).
//
//	L LogID      the log of the frames that follow
//	R            that log is retired
//	X hash       an event that is erased for ever
//	E envelope   an event of the sets control and events
//	M hash       an event that the store had, but could not read
//	N count (8)  entries whose very names the store could not read
//	Z            the end: how many frames came before it (8)
const (
	backupMagic = "touchline backup 1\n"

	frameLog      = 'L'
	frameRetired  = 'R'
	frameErased   = 'X'
	frameEvent    = 'E'
	frameMissing  = 'M'
	frameNameless = 'N'
	frameEnd      = 'Z'
)

// ErrBackup: the stream is not a whole, undamaged backup.
var ErrBackup = errors.New("backup is damaged or cut short")

type frameWriter struct {
	w       *bufio.Writer
	frames  uint64
	err     error
	missing uint64 // events and entries that are only named, or counted
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

// frameReader reads a backup up to its end frame.
type frameReader struct {
	r      *bufio.Reader
	frames uint64
}

func newFrameReader(r io.Reader) (*frameReader, error) {
	in := &frameReader{r: bufio.NewReaderSize(r, 64<<10)}
	magic := make([]byte, len(backupMagic))
	if _, err := io.ReadFull(in.r, magic); err != nil || string(magic) != backupMagic {
		return nil, fmt.Errorf("%w: not a backup of version 1", ErrBackup)
	}
	return in, nil
}

// each calls f for every frame before the end. An error of f ends it.
func (f *frameReader) each(do func(kind byte, content []byte) error) error {
	for {
		kind, content, err := f.next()
		if err != nil {
			return err
		}
		if kind == frameEnd {
			if len(content) != 8 || binary.BigEndian.Uint64(content) != f.frames-1 {
				return fmt.Errorf("%w: frames are missing", ErrBackup)
			}
			if _, err := f.r.ReadByte(); err != io.EOF {
				return fmt.Errorf("%w: something follows its end", ErrBackup)
			}
			return nil
		}
		if err := do(kind, content); err != nil {
			return fmt.Errorf("frame %d: %w", f.frames, err)
		}
	}
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
