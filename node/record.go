package node

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"touchline.dev/touchline/crdt"
)

// ErrConflict: this device, or for a client anybody, has already written another
// content under the ID.
var ErrConflict = errors.New("another event has this id")

// Draft is an event before it is signed. An empty Content.ID becomes a UUIDv7.
type Draft struct {
	Content crdt.Content
	Refs    []crdt.Hash
	Lane    crdt.Lane
	// Parts are what only narrower audiences see.
	Parts []Part
	// Private puts the content itself into parts, as far as this device can. Nil: it
	// is for all who read the log.
	Private *Private
	// Fields is a JSON object of what may have to be erased: it becomes an
	// erasable record about the event, durable in one step with it (rule R8). It
	// does not decide whether two events are the same (rule R4). Empty: none.
	Fields []byte
	// Client names for whom this node signs; each has a key of its own. Empty:
	// the person at the device.
	Client string
	// Side is the one team that the client records for; it is known when the client's
	// key is let in, with its first event. Empty: as this device.
	Side string
}

// Recorded is a durable event of this device.
type Recorded struct {
	Event *crdt.Event
	New   bool // false: the same content was recorded before under this ID
}

// Record signs a draft, makes it durable and has it published. When it returns
// without an error the event is acknowledged by this device. The same content
// under the same ID is one event; other content is ErrConflict. A client has no key
// of its own, so its IDs are compared with everybody's: what it sends again through
// another node, or with another token, is one event still. In a sealed log
// the error is access.ErrNoKey while this device holds no key to write with.
func (n *Node) Record(ctx context.Context, id crdt.LogID, d Draft) (Recorded, error) {
	r, err := n.mustReplica(id)
	if err != nil {
		return Recorded{}, err
	}
	if role := r.membership().Role; !role.MayWrite() {
		return Recorded{}, fmt.Errorf("record: %w: this device joined as %s", crdt.ErrForbidden, role)
	}
	n.wake(ctx, r)
	fresh := d.Content.ID == ""
	if fresh {
		v7, err := uuid.NewV7()
		if err != nil {
			return Recorded{}, fmt.Errorf("record: %w", err)
		}
		d.Content.ID = v7.String()
	}
	d.Refs = sortedHashes(d.Refs)
	if _, err := d.Content.Encode(); err != nil {
		return Recorded{}, fmt.Errorf("record: %w", err)
	}
	p, err := r.pen(ctx, d.Client, d.Side)
	if err == nil {
		err = r.stillWrites(p.grant)
	}
	if err != nil {
		return Recorded{}, fmt.Errorf("record: %w", err)
	}
	own := ownID{p.author(), d.Content.ID}
	if !fresh {
		release, err := r.ids.hold(ctx, heldID(own, d.Client))
		if err != nil {
			return Recorded{}, err
		}
		defer release()
		old, err := r.findID(own, d.Client != "")
		if err != nil {
			return Recorded{}, fmt.Errorf("record: %w", err)
		}
		if old != nil {
			if !r.saidBefore(old, &d) {
				return Recorded{Event: old}, fmt.Errorf("record %q: %w", d.Content.ID, ErrConflict)
			}
			return Recorded{Event: old}, nil
		}
	}
	if err := n.room(r, p, d.Client); err != nil {
		return Recorded{}, fmt.Errorf("record: %w", err)
	}
	said, err := r.conceal(ctx, &d)
	if err != nil {
		return Recorded{}, fmt.Errorf("record: %w", err)
	}
	h := crdt.Header{Set: crdt.Events, Lane: d.Lane, Refs: d.Refs}
	events, err := r.writeWith(ctx, d.Client, h, func(h *crdt.Header) ([]byte, error) { return r.payload(h, said) }, r.beside(said)...)
	if err != nil {
		return Recorded{}, fmt.Errorf("record: %w", err)
	}
	e := events[0]
	if d.Client != "" {
		intake{r, n.clients}.Took(e)
	}
	r.ids.set(own, e.Hash)
	n.counters.recorded.Add(1)
	n.sendOut(r, events)
	return Recorded{Event: e, New: true}, nil
}

// sendOut publishes a recorded event and those beside it.
func (n *Node) sendOut(r *replica, events []*crdt.Event) {
	if r.topic.Load() == nil {
		return
	}
	n.outgoing.later(func() {
		for _, rec := range events[1:] {
			r.publish(rec) // first, so that who gets both has both
		}
		r.publish(events[0])
		n.hint(events[0])
	})
}

// heldID is what a draft holds while it is looked at: clients share their IDs.
func heldID(own ownID, client string) ownID {
	if client != "" {
		own.author = crdt.Key{}
	}
	return own
}

// sortedHashes is a list of references as an event must have it.
func sortedHashes(list []crdt.Hash) []crdt.Hash {
	return slices.Compact(slices.SortedFunc(slices.Values(list), crdt.Hash.Compare))
}

// stillWrites returns why what is written under a right would not count: it
// would be kept, but its author thinks it counts and must be told.
func (r *replica) stillWrites(grant crdt.Hash) error {
	right, ok := r.control.Right(grant)
	switch {
	case !ok || right.Writes():
		return nil
	case right.HandedOver:
		return fmt.Errorf("%w: this device handed its right over (cut %s)", crdt.ErrForbidden, right.CutBy.Short())
	case right.Ended() != "":
		return fmt.Errorf("%w: this device's right has ended: %s; ask for a new invite", crdt.ErrForbidden, right.Ended())
	}
	return fmt.Errorf("%w: this device joined as %s", crdt.ErrForbidden, right.Role)
}

// room returns ErrBusy when a client writes more than is taken of one device.
// The person at this device is not held up: others take it at their own pace.
func (n *Node) room(r *replica, p *pen, client string) error {
	if client == "" {
		return nil
	}
	e := &crdt.Event{}
	e.Author, e.Grant = p.author(), p.grant
	return intake{r, n.clients}.Room(e)
}
