package crdt

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
)

// What a purge or an erasure bars leaves its set (ADR 7): of what arrives later
// Commit takes care, of what is here already a sweep. A meta value of the store
// says which purges and erasures have been swept for, so that a crash between
// one of them and its sweep is made good when the log is opened.

// SweptPrefix begins the names of these meta values.
const SweptPrefix = "swept/"

const sweepPage = 1000

// sweep destroys all members that access bars by now.
func (l *Log) sweep(ctx context.Context) error {
	l.sweeping.Lock()
	defer l.sweeping.Unlock()
	mark := l.barsMark()
	l.unswept.Store(true)
	gone, err := l.barred()
	if err != nil {
		return fmt.Errorf("look for what is barred: %w", err)
	}
	if len(gone) > 0 {
		hashes := make([]Hash, len(gone))
		for i, e := range gone {
			hashes[i] = e.Hash
		}
		if err := l.store.Erase(ctx, l.id, hashes...); err != nil {
			return err
		}
		if l.onErased != nil {
			l.onErased(gone)
		}
		l.wake()
	}
	if err := l.store.SetMeta(ctx, SweptPrefix+l.id.String(), mark[:]); err != nil {
		return err
	}
	if l.barsMark() == mark {
		l.unswept.Store(false)
	}
	return nil
}

// barred lists the members that may not be ones any more.
func (l *Log) barred() (gone []*Event, err error) {
	var after Arrival
	for {
		entries, err := l.store.Since(l.id, after, sweepPage)
		if err != nil || len(entries) == 0 {
			return gone, err
		}
		for _, en := range entries {
			after = en.Arrival
			if en.Event != nil && l.isBarred(en.Event) {
				gone = append(gone, en.Event)
			}
		}
	}
}

func (l *Log) isBarred(e *Event) bool {
	return e.Set != Control && errors.Is(l.access.Check(e), ErrGone)
}

// sweepIfNeeded makes good what a crash or a store that took no writes left.
func (l *Log) sweepIfNeeded() error {
	mark := l.barsMark()
	if mark == noBars {
		return nil
	}
	b, err := l.store.Meta(SweptPrefix + l.id.String())
	if err == nil && slices.Equal(b, mark[:]) {
		return nil
	}
	if err = l.sweep(context.Background()); errors.Is(err, ErrReadOnly) {
		return nil // with the next commit that works
	}
	return err
}

// bar tells access of a purge or an erasure. Whoever commits meanwhile either
// is through, and the sweep will see it, or looks again.
func (l *Log) bar(e *Event) {
	l.barring.Lock()
	l.access.Add(e)
	l.barring.Unlock()
	l.mu.Lock()
	l.bars = append(l.bars, e.Hash)
	l.mu.Unlock()
}

// barsMark names the set of purges and erasures.
func (l *Log) barsMark() Hash {
	l.mu.Lock()
	bars := slices.Clone(l.bars)
	l.mu.Unlock()
	slices.SortFunc(bars, Hash.Compare)
	h := sha256.New()
	for _, b := range slices.Compact(bars) {
		h.Write(b[:])
	}
	return Hash(h.Sum(nil))
}

var noBars = Hash(sha256.Sum256(nil))
