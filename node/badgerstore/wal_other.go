//go:build !linux

package badgerstore

// syncsItself: badger syncs each transaction.
const syncsItself = false

// wal does nothing: elsewhere than on Linux, to sync a file need not sync what
// was written to it through a mapping.
type wal struct{}

func (*wal) open(string) error { return nil }
func (*wal) ready() error      { return nil }
func (*wal) sync() error       { return nil }
func (*wal) close() error      { return nil }
