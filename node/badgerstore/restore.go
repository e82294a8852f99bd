package badgerstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"touchline.dev/touchline/crdt"
)

// restorePage is how many events are appended at once.
const restorePage = 256

// Restore makes a store in dir, which must be empty or not there, from a
// backup. It has a new StoreID. After an error what is in dir is incomplete;
// that a backup names what it lacks is none.
func Restore(ctx context.Context, r io.Reader, dir string) (what BackupContent, err error) {
	if names, _ := os.ReadDir(dir); len(names) > 0 {
		return what, fmt.Errorf("restore: %s is not empty", dir)
	}
	s, err := Open(dir, Options{})
	if err != nil {
		return what, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	in, err := newFrameReader(r)
	if err != nil {
		return what, err
	}
	to := restorer{s: s}
	err = in.each(func(kind byte, content []byte) error {
		if err := what.note(kind, content); err != nil {
			return err
		}
		return to.frame(ctx, kind, content)
	})
	if err != nil {
		return what, err
	}
	return what, to.flush(ctx)
}

// restorer gathers events of one log until there are enough for an append.
type restorer struct {
	s      *Store
	log    crdt.LogID
	events []*crdt.Event
}

// frame takes over a frame that [BackupContent.note] found in order.
func (r *restorer) frame(ctx context.Context, kind byte, content []byte) error {
	switch kind {
	case frameLog:
		err := r.flush(ctx)
		r.log = crdt.LogID(content)
		return err
	case frameErased:
		return r.s.Erase(ctx, r.log, crdt.Hash(content))
	case frameRetired:
		return r.s.Retire(ctx, r.log)
	case frameEvent:
		e, err := crdt.Decode(content)
		if err != nil {
			return err
		}
		if r.events = append(r.events, e); len(r.events) >= restorePage {
			return r.flush(ctx)
		}
	}
	return nil
}

func (r *restorer) flush(ctx context.Context) error {
	if len(r.events) == 0 {
		return nil
	}
	_, err := r.s.Append(ctx, r.log, r.events...)
	r.events = nil
	return err
}
