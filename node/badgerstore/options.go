package badgerstore

import (
	"log/slog"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

// Options are the choices a caller has. The zero value is what runs in production.
type Options struct {
	// Small trades speed for memory and disk, for phones and small boards.
	// Filesystems below 1 GiB are always treated so.
	Small bool
	// MinFree is the free space in bytes below which writes are refused. If
	// zero: 200 MB, or half of a filesystem below 400 MB. Compaction writes
	// tables anew before it deletes the old ones, and dies of a full disk.
	MinFree uint64
	// Hints are prefixes of meta keys whose values are only worth something beside
	// the events that are here. All other values are kept twice. If nil: all are.
	Hints []string
	// NoRepair makes Open refuse a damaged database instead of moving it aside.
	NoRepair bool
	// Logger receives what an operator should know. If nil, slog.Default.
	Logger *slog.Logger
}

const (
	mb = 1 << 20

	memTableBytes = 8 * mb

	smallFilesystem = 1 << 30
	maxMinFree      = 200 * mb
)

func (o Options) logger() *slog.Logger {
	if o.Logger == nil {
		return slog.Default()
	}
	return o.Logger
}

// minFree is the effective limit on a filesystem of total bytes.
func (o Options) minFree(total uint64) uint64 {
	if o.MinFree != 0 {
		return o.MinFree
	}
	return min(maxMinFree, total/2)
}

// badgerOptions keeps memory low: no caches (the operating system has one),
// no compression (it would need one), small memtables, few compactors.
func badgerOptions(dir string, small bool, l *slog.Logger) badger.Options {
	o := badger.DefaultOptions(dir).
		WithSyncWrites(!syncsItself).
		WithDetectConflicts(false). // one writer at a time
		WithNumVersionsToKeep(1).
		WithCompression(options.None).
		WithBlockCacheSize(0).
		WithIndexCacheSize(0).
		WithBlockSize(16 << 10).
		WithChecksumVerificationMode(options.OnBlockRead).
		WithMetricsEnabled(false).
		WithNumGoroutines(2).
		WithNumCompactors(2).
		WithNumMemtables(2).
		WithMemTableSize(memTableBytes).
		WithBaseTableSize(4 * mb).
		WithNumLevelZeroTablesStall(10). // what one compaction may rewrite, see MinFree
		WithValueLogFileSize(16 * mb).
		WithLogger(badgerLog{l})
	o.TableSizeMultiplier = 1 // compaction has eight tables in memory, twice
	if small {
		o = o.WithBaseTableSize(2 * mb).
			WithNumLevelZeroTables(2).WithNumLevelZeroTablesStall(6)
	}
	return o
}
