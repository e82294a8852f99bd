// Package badgerstore is a [crdt.Store] on disk, in a badger database.
//
// What an Append acknowledged survives kill -9 and a power cut: each transaction
// is synced, on Linux by us (one fdatasync, see wal), elsewhere by badger with
// SyncWrites. So one caller at a time commits for all who wait: up to 512
// events in one transaction and one sync. Events, indexes, the head of a log
// and its digest checkpoint change in that transaction, never apart.
//
// A folder has these parts: db (badger), records (one file for each erasable
// record, because a database keeps old versions; rule R8), kept (a second copy of
// the meta values that no peer can bring back), state (the StoreID and, after a
// clean close, a checksum of all heads), seen (how much each log had), damage
// (what was found wrong) and opening (see below).
//
// Erasing. One transaction takes events out of indexes and digest and bars their
// hashes. Then files of records are overwritten and unlinked, and the tables that
// have bodies of erased events are written anew; notes in the database, and a look
// for files without an entry after an unclean start, complete what a crash cuts
// off. Retiring deletes: what it leaves in old tables goes with compaction, or at
// once with [Store.Rewrite], which leaves nothing of what was before it.
//
// Doubt. Badger drops a damaged tail of its log without an error. So a store
// that was not closed cleanly, or whose heads are not those of its last close,
// takes a new StoreID ([Store.Doubted]); peers then reconcile with it from
// nothing and fill what is missing (rules R5, R12). Each log is checked for
// gaps when it is first used after that, and built anew where it has some.
//
// Damage. Tables are checked before badger sees them, because a short table
// makes badger panic where nobody can recover. While badger opens, the file
// "opening" receives the process's crash output ([debug.SetCrashOutput]): text
// in it means that badger itself died of this folder, an empty file that
// somebody killed us. A folder that cannot be opened is moved aside, never
// deleted, and a new one takes its place with what can be read out of it and the
// kept values, unless [Options.NoRepair] is set. After opening, a slow scrub
// reads every block. What a log had and has not any more is remembered until it
// is back ([Store.Lost]), and so is what was found wrong ([Store.Damages]).
//
// A full disk. Badger writes to mapped files, where a full disk is SIGBUS and
// the end of the process. So space is looked at before each commit and before
// opening: below [Options.MinFree] the store refuses writes with
// [crdt.ErrReadOnly] and goes on reading; a store that finds its disk full at
// opening is read all the same, if the space suffices that was put by for it,
// else it answers ErrReadOnly to everything, until there is more.
// After a failed sync the page cache may lie, so the database is closed and
// opened again before writes resume, under a new StoreID.
//
// What it does not do: it cannot survive another program filling the disk, or
// a disk vanishing, between the look and the write to a mapped page.
package badgerstore
