package salvage_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
	"touchline.dev/touchline/node/badgerstore/salvage"
)

// written makes a database of n entries, one a transaction, and returns its one
// table, or its log as a crash leaves it.
func written(t testing.TB, n int, table bool) (file []byte, want map[string]string) {
	t.Helper()
	dir := t.TempDir()
	db, err := badger.Open(badger.DefaultOptions(dir).WithCompression(options.None).WithBlockSize(1 << 10).WithMemTableSize(8 << 20).WithLogger(nil))
	if err != nil {
		t.Fatal(err)
	}
	want = map[string]string{}
	for i := range n {
		k, v := fmt.Sprintf("key/%05d", i), fmt.Sprintf("value %d %s", i, bytes.Repeat([]byte{byte(i)}, i%300))
		want[k] = v
		err := db.Update(func(txn *badger.Txn) error { return txn.Set([]byte(k), []byte(v)) })
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Update(func(txn *badger.Txn) error { return txn.Delete([]byte("key/00000")) }); err != nil {
		t.Fatal(err)
	}
	pattern := "*.mem"
	if table {
		pattern = "*.sst"
		db.Close()
	} else {
		defer db.Close()
	}
	paths, _ := filepath.Glob(filepath.Join(dir, pattern))
	if len(paths) != 1 {
		t.Fatalf("%d files", len(paths))
	}
	file, err = os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	return file, want
}

// read takes the newest version of each key, and checks all that it takes.
func read(t *testing.T, file []byte, table bool, want map[string]string) (got int) {
	t.Helper()
	newest, dead := map[string]uint64{}, map[string]bool{}
	f := func(e salvage.Entry) bool {
		k := string(e.Key)
		if e.Version < newest[k] || want[k] == "" {
			return true
		}
		if newest[k], dead[k] = e.Version, e.Deleted; !e.Deleted && (string(e.Value) != want[k] || string(file[e.At:e.At+len(e.Value)]) != want[k]) {
			t.Fatalf("%s: %q", k, e.Value)
		}
		return true
	}
	if table {
		salvage.Table(file, f)
	} else {
		salvage.Log(file, f)
	}
	for k := range newest {
		if !dead[k] {
			got++
		}
	}
	return got
}

func TestSalvage(t *testing.T) {
	const n = 1000
	for _, table := range []bool{true, false} {
		file, want := written(t, n, table)
		used := len(bytes.TrimRight(file, "\x00"))
		for name, c := range map[string]struct {
			damage func([]byte) []byte
			least  int
			most   int
		}{
			"whole":            {func(b []byte) []byte { return b }, n - 1, n - 1},
			"flipped":          {func(b []byte) []byte { b[used/2] ^= 1; return b }, n - 30, n - 2},
			"hole":             {func(b []byte) []byte { clear(b[used/2:][:4096]); return b }, n - 150, n - 10},
			"cut":              {func(b []byte) []byte { return b[:used/2] }, n / 3, n * 2 / 3},
			"begins with zero": {func(b []byte) []byte { clear(b[:3000]); return b }, n - 150, n},
			"empty":            {func(b []byte) []byte { return nil }, 0, 0},
		} {
			got := read(t, c.damage(bytes.Clone(file)), table, want)
			if got < c.least || got > c.most {
				t.Errorf("table %v, %s: %d of %d", table, name, got, n)
			}
		}
	}
}

func TestHoled(t *testing.T) {
	file, _ := written(t, 100, false)
	used := len(bytes.TrimRight(file, "\x00"))
	if salvage.Holed(file) || salvage.Holed(nil) {
		t.Error("a whole log has a hole")
	}
	torn := bytes.Clone(file)
	torn[used-40] ^= 1 // in the last transaction
	if salvage.Holed(torn) {
		t.Error("a torn end is a hole")
	}
	one, _ := written(t, 0, false)
	end := len(bytes.TrimRight(one, "\x00"))
	one = one[:end+64]
	for at := 20; at < end; at++ {
		torn := bytes.Clone(one)
		if torn[at] ^= 1; salvage.Holed(torn) {
			t.Errorf("the only transaction was torn at %d, which is a hole", at)
		}
	}
	for _, at := range []int{300, used / 2, used - 600} {
		holed := bytes.Clone(file)
		holed[at] ^= 1
		if !salvage.Holed(holed) {
			t.Errorf("a hole at %d of %d was not seen", at, used)
		}
	}
}

func FuzzTable(f *testing.F) {
	file, _ := written(f, 30, true)
	f.Add(file)
	f.Fuzz(func(t *testing.T, b []byte) {
		salvage.Table(b, func(e salvage.Entry) bool { return e.At <= len(b) && len(e.Key) > 0 })
	})
}

func FuzzLog(f *testing.F) {
	file, _ := written(f, 30, false)
	f.Add(bytes.TrimRight(file, "\x00"))
	f.Add(binary.AppendUvarint(make([]byte, 22), 1<<63))
	f.Fuzz(func(t *testing.T, b []byte) {
		salvage.Log(b, func(e salvage.Entry) bool { return e.At <= len(b) && len(e.Key) > 0 })
	})
}
