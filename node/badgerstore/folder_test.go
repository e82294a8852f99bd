//go:build unix

package badgerstore_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"touchline.dev/touchline/node/badgerstore"
)

// Other users of the machine read nothing of a store, whatever the umask is, and also
// when its folder came out of an archive, or was copied, with rights for all.
func TestFolderIsForItsOwner(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	dir := filepath.Join(t.TempDir(), "store")
	check(t, os.Mkdir(dir, 0o777))
	s := open(t, dir, badgerstore.Options{})
	check(t, s.SetMeta(ctx, "member/a", []byte("a seed in clear")))
	check(t, s.Close())
	closed := func() {
		t.Helper()
		info, err := os.Stat(dir)
		if check(t, err); info.Mode().Perm() != 0o700 {
			t.Errorf("the folder has %v", info.Mode())
		}
	}
	closed()
	check(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chmod(path, 0o777)
	}))
	check(t, open(t, dir, badgerstore.Options{}).Close())
	closed()
}
