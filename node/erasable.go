package node

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// maxListed is how many names or hashes one control event takes.
const maxListed = 200

// KnownRecord is an erasable record that this device can read.
type KnownRecord struct {
	access.Record
	Name    access.RecordName
	Event   *crdt.Event
	Verdict access.Verdict
}

// PutRecord seals a record, makes it durable and publishes it. A later record of
// the same kind about the same subject takes its place in [Node.Records]; both
// stay until they are erased.
func (n *Node) PutRecord(ctx context.Context, id crdt.LogID, rec access.Record) (name access.RecordName, err error) {
	r, err := n.mustReplica(id)
	if err != nil {
		return name, err
	}
	if err := r.stillWrites(r.membership().Grant); err != nil {
		return name, fmt.Errorf("put record: %w", err)
	}
	n.wake(ctx, r)
	epoch, key, err := r.recordKeyNow()
	if err != nil {
		return name, fmt.Errorf("put record: %w", err)
	}
	payload, err := access.SealRecord(id, key, &rec)
	if err != nil {
		return name, fmt.Errorf("put record: %w", err)
	}
	e, err := r.write(ctx, "", crdt.Header{Set: crdt.Records, Epoch: epoch}, payload)
	if err != nil {
		return name, fmt.Errorf("put record: %w", err)
	}
	r.publish(e)
	return access.NameOfRecord(e), nil
}

// Records lists the records that this device can read and that stand, the latest
// of each kind about each subject, in order of subject and kind. Of fields it is
// the latest of each author: nobody says more about another's event.
func (n *Node) Records(id crdt.LogID) ([]KnownRecord, error) {
	r, err := n.mustReplica(id)
	if err != nil {
		return nil, err
	}
	all, err := r.readableRecords()
	if err != nil {
		return nil, fmt.Errorf("records of match %s: %w", id.Short(), err)
	}
	type about struct {
		subject string
		kind    access.RecordKind
		author  crdt.Key
	}
	latest := map[about]KnownRecord{}
	for _, k := range all {
		if k.Verdict.State == access.Stands {
			key := about{subject: k.Subject, kind: k.Kind}
			if k.Kind == access.FieldsRecord {
				key.author = k.Event.Author
			}
			latest[key] = k // all is in the log's order
		}
	}
	out := make([]KnownRecord, 0, len(latest))
	for _, k := range latest {
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b KnownRecord) int {
		return cmp.Or(cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Kind, b.Kind), a.Event.Element().Compare(b.Event.Element()))
	})
	return out, nil
}

// Erase destroys records here, and on every other device at its next sync, for
// ever; who wrote a name may write it again as another record. It needs a role
// that may grant. When it returns they are destroyed on this device.
func (n *Node) Erase(ctx context.Context, id crdt.LogID, names ...access.RecordName) error {
	r, err := n.mustReplica(id)
	if err != nil {
		return err
	}
	if err := r.stillWrites(r.membership().Grant); err != nil {
		return fmt.Errorf("erase: %w", err)
	}
	for chunk := range slices.Chunk(names, maxListed) {
		if _, err := r.writeControl(ctx, access.NewErasure(chunk)); err != nil {
			return fmt.Errorf("erase: %w", err)
		}
	}
	return nil
}

// AllRecords lists every record that this device can read, in the log's order:
// earlier ones and those that do not count, too. An erasure takes them all.
func (n *Node) AllRecords(id crdt.LogID) ([]KnownRecord, error) {
	r, err := n.mustReplica(id)
	if err != nil {
		return nil, err
	}
	all, err := r.readableRecords()
	if err != nil {
		return nil, fmt.Errorf("records of match %s: %w", id.Short(), err)
	}
	return all, nil
}

// Purge removes events and records for ever, here and on every other device at
// its next sync: those with the given hashes, and, if beneath is not zero, all
// that was written under that right or one given under it, except the listed.
// Only the founder of the log may.
func (n *Node) Purge(ctx context.Context, id crdt.LogID, hashes []crdt.Hash, beneath crdt.Hash, except []crdt.Hash) error {
	r, err := n.mustReplica(id)
	if err != nil {
		return err
	}
	if err := r.mayPurge(hashes, beneath, except); err != nil {
		return fmt.Errorf("purge: %w", err)
	}
	if !beneath.IsZero() {
		if _, err := r.writeControl(ctx, access.NewPurge(nil, beneath, except)); err != nil {
			return fmt.Errorf("purge: %w", err)
		}
	}
	for chunk := range slices.Chunk(hashes, maxListed) {
		if _, err := r.writeControl(ctx, access.NewPurge(chunk, crdt.Hash{}, nil)); err != nil {
			return fmt.Errorf("purge: %w", err)
		}
	}
	return nil
}

// mayPurge finds mistakes before anything is written that cannot be taken back.
func (r *replica) mayPurge(hashes []crdt.Hash, beneath crdt.Hash, except []crdt.Hash) error {
	own, _ := r.control.Right(r.membership().Grant)
	switch right, known := r.control.Right(beneath); {
	case own.Kind != access.KindFounding:
		return fmt.Errorf("%w: only the founder of the match may", crdt.ErrForbidden)
	case len(hashes) == 0 && beneath.IsZero():
		return fmt.Errorf("%w: nothing is named", crdt.ErrMalformed)
	case !beneath.IsZero() && !known:
		return fmt.Errorf("%w: no right %s is known here", crdt.ErrNotFound, beneath.Short())
	case !beneath.IsZero() && right.Kind == access.KindFounding:
		return fmt.Errorf("%w: all rights lie beneath the founder's: nobody could record in this match any more, not even the founder; name the right of whoever wrote it, or events", crdt.ErrForbidden)
	case beneath.IsZero() && len(except) > 0:
		return fmt.Errorf("%w: exceptions are from what lies beneath a right", crdt.ErrMalformed)
	case len(except) > maxListed:
		return fmt.Errorf("%w: more than %d exceptions", crdt.ErrTooLarge, maxListed)
	}
	for _, h := range hashes {
		e, err := r.log.Event(h)
		if err == nil && e.Set == crdt.Control {
			return fmt.Errorf("%w: %s is a control event; those stay", crdt.ErrForbidden, h.Short())
		}
		if err != nil && !errors.Is(err, crdt.ErrNotFound) && !errors.Is(err, crdt.ErrGone) && !errors.Is(err, crdt.ErrCorrupt) {
			return err
		}
	}
	return nil
}

// readableRecords returns all records that open here, in the log's order.
func (r *replica) readableRecords() (out []KnownRecord, err error) {
	chainsErr := r.withChains(func(chains *access.Chains) {
		err = r.eachEntry(func(e *crdt.Event) {
			if e.Set != crdt.Records {
				return
			}
			key, keyErr := r.recordKey(e.Epoch)
			if keyErr != nil {
				return
			}
			if rec, err := access.OpenRecord(r.log.ID(), key, e.Payload); err == nil {
				out = append(out, KnownRecord{Record: *rec, Name: access.NameOfRecord(e), Event: e, Verdict: r.control.Verdict(e, chains)})
			}
		})
	})
	slices.SortFunc(out, func(a, b KnownRecord) int { return a.Event.Element().Compare(b.Event.Element()) })
	return out, errors.Join(chainsErr, err)
}

// recordKey returns the key around the records of an epoch; the zero epoch is
// that of a log that is not sealed.
func (r *replica) recordKey(epoch crdt.Hash) ([]byte, error) {
	if epoch.IsZero() {
		return access.OpenLogRecordKey(r.secrets.topic), nil
	}
	k, err := r.keys.Load().Key(epoch)
	return k.Key, err
}

// recordKeyNow returns the key around a record that is written now for all.
func (r *replica) recordKeyNow() (epoch crdt.Hash, key []byte, err error) {
	return r.recordKeyFor(access.Everyone)
}

// recordKeyFor returns the key around a record that is written now. All who read
// an open log have the one of all its records.
func (r *replica) recordKeyFor(a access.Audience) (epoch crdt.Hash, key []byte, err error) {
	if a == access.Everyone && !r.control.Sealed() {
		key, err = r.recordKey(crdt.Hash{})
		return crdt.Hash{}, key, err
	}
	k, err := r.keys.Load().Choose(a)
	if err != nil {
		return crdt.Hash{}, nil, err
	}
	return k.Name(), k.Key, nil
}
