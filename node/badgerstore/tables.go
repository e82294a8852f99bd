package badgerstore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/fb"
	"github.com/dgraph-io/badger/v4/table"
)

// scrubPause spaces the reads of a scrub: at most some 40 MB/s.
const scrubPause = 25 * time.Millisecond

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// manifestTables lists the tables a closed database counts on. Others are
// leftovers of a crash in the middle of writing them, which badger deletes. It
// is an error if the manifest is gone: badger would delete all tables then.
func manifestTables(dir string) ([]string, error) {
	f, err := os.Open(filepath.Join(dir, "MANIFEST"))
	if errors.Is(err, fs.ErrNotExist) {
		if left, _ := filepath.Glob(filepath.Join(dir, "*.sst")); len(left) > 0 {
			return nil, errors.New("MANIFEST is missing")
		}
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	m, _, err := badger.ReplayManifestFile(f, 0, badger.DefaultOptions(dir))
	if err != nil {
		return nil, fmt.Errorf("MANIFEST: %w", err)
	}
	var paths []string
	for id := range m.Tables {
		paths = append(paths, table.NewFilename(id, dir))
	}
	return paths, nil
}

// checkLive checks all of a table of the open database. Compaction empties a
// table before it removes it, under the eyes of whoever reads it; a damage
// counts only if the table still does.
func (s *Store) checkLive(path string, pause func() bool) error {
	err := checkTable(path, true, pause)
	if err != nil && !slices.Contains(s.liveTables(), path) {
		return nil
	}
	return err
}

// liveTables lists the tables of the open database.
func (s *Store) liveTables() (paths []string) {
	s.handle.RLock()
	defer s.handle.RUnlock()
	if s.db == nil {
		return nil
	}
	for _, t := range s.db.Tables() {
		paths = append(paths, table.NewFilename(t.ID, s.dbDir()))
	}
	return paths
}

// checkTable checks the index of a table against its checksum and, if full,
// each block, calling pause between reads of a megabyte; pause returns false
// to stop. Badger's own check maps the file and holds all of it in memory.
func checkTable(path string, full bool, pause func() bool) (err error) {
	defer func() {
		if r := recover(); r != nil { // flatbuffers trust their bytes
			err = fmt.Errorf("table %s: %v", filepath.Base(path), r)
		}
	}()
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	index, err := readIndex(f)
	if err == nil && full {
		err = checkBlocks(f, fb.GetRootAsTableIndex(index, 0), pause)
	}
	if err != nil {
		return fmt.Errorf("table %s: %w", filepath.Base(path), err)
	}
	return nil
}

// readIndex reads the end of a table: index, its length, checksum, its length.
func readIndex(f *os.File) ([]byte, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	end := info.Size()
	take := func(n int64) []byte {
		end -= n
		b := make([]byte, max(n, 0))
		if n < 0 || end < 0 {
			err = io.ErrUnexpectedEOF
		} else if _, e := f.ReadAt(b, end); e != nil {
			err = e
		}
		return b
	}
	takeSized := func() []byte {
		n := int64(binary.BigEndian.Uint32(take(4)))
		if err != nil || n > end {
			err = errors.Join(err, io.ErrUnexpectedEOF)
			return nil
		}
		return take(n)
	}
	sum := takeSized()
	index := takeSized()
	if err != nil {
		return nil, fmt.Errorf("the end is missing: %w", err)
	}
	return index, checkSum(index, sum)
}

func checkBlocks(f *os.File, index *fb.TableIndex, pause func() bool) error {
	read := 0
	for i := range index.OffsetsLength() {
		var at fb.BlockOffset
		index.Offsets(&at, i)
		b := make([]byte, at.Len())
		if _, err := f.ReadAt(b, int64(at.Offset())); err != nil {
			return fmt.Errorf("block %d: %w", i, err)
		}
		n := len(b) - 4
		sumLen := int(binary.BigEndian.Uint32(b[n:]))
		if sumLen < 0 || sumLen > n {
			return fmt.Errorf("block %d: bad length", i)
		}
		if err := checkSum(b[:n-sumLen], b[n-sumLen:n]); err != nil {
			return fmt.Errorf("block %d: %w", i, err)
		}
		if read += len(b); read >= mb {
			read = 0
			if pause != nil && !pause() {
				return nil
			}
		}
	}
	return nil
}

// checkSum reads badger's checksum message: algorithm (1) and sum (2), where
// algorithm 0, CRC-32C, is left out.
func checkSum(data, message []byte) error {
	if len(message) < 2 || message[0] != 0x10 {
		return errors.New("unreadable checksum")
	}
	sum, n := binary.Uvarint(message[1:])
	if n != len(message)-1 || sum != uint64(crc32.Checksum(data, castagnoli)) {
		return errors.New("checksum mismatch")
	}
	return nil
}
