package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// Part is what only one audience is to see of an event (rule R7). The draft's
// content is then the neutral stub that all readers see beside it.
type Part struct {
	For access.Audience
	access.Part
}

// Open returns what an event of a followed log says. The error is
// access.ErrNoKey when this device may not read it, or not yet.
func (n *Node) Open(e *crdt.Event) (*crdt.Content, error) {
	r, err := n.mustReplica(e.LogID())
	if err != nil {
		return nil, err
	}
	return r.keys.Load().Open(e)
}

// OpenParts returns those parts of an event for narrower audiences that this
// device may see. c is what [Node.Open] returned for e.
func (n *Node) OpenParts(e *crdt.Event, c *crdt.Content) []access.Part {
	r, err := n.mustReplica(e.LogID())
	if err != nil {
		return nil
	}
	return r.parts(e, c)
}

func (r *replica) parts(e *crdt.Event, c *crdt.Content) (parts []access.Part) {
	for _, b := range c.Boxes {
		if p, err := r.keys.Load().OpenBox(e, b); err == nil {
			parts = append(parts, *p)
		}
	}
	return parts
}

// payload is what an event says, sealed if the log is: h gets the epoch.
func (r *replica) payload(h *crdt.Header, d *Draft) ([]byte, error) {
	keys, c := r.keys.Load(), d.Content
	var key access.EpochKey
	var err error
	if r.control.Sealed() {
		if key, err = keys.Choose(access.Everyone); err != nil {
			return nil, err
		}
		h.Epoch = key.Name()
	}
	for i := range d.Parts {
		p := &d.Parts[i]
		c.Audience |= p.For.Bit
		boxKey, err := keys.Choose(p.For)
		if err != nil {
			return nil, fmt.Errorf("part for an audience: %w", err)
		}
		box, err := boxKey.SealBox(*h, &p.Part)
		if err != nil {
			return nil, err
		}
		c.Boxes = append(c.Boxes, box)
	}
	plain, err := c.Encode()
	if err != nil {
		return nil, err
	}
	if h.Epoch.IsZero() {
		return crdt.Pad(plain)
	}
	return key.Seal(*h, plain)
}

// says reports whether an event says what a draft does: the same content, however
// often it was sealed, and for how many.
func (r *replica) says(e *crdt.Event, d *Draft) bool {
	c, err := r.keys.Load().Open(e)
	if err != nil || !slices.Equal(e.Refs, d.Refs) || (len(c.Boxes) == 0) != (len(d.Parts) == 0) {
		return false
	}
	parts := r.parts(e, c)
	c.Boxes, c.Audience = nil, 0
	old, err := c.Encode()
	if err != nil {
		return false
	}
	now, err := d.Content.Encode()
	return err == nil && bytes.Equal(old, now) && sameParts(parts, d.Parts)
}

// sameParts reports whether what could be opened and what a draft has is the same.
func sameParts(opened []access.Part, parts []Part) bool {
	for i := range opened {
		if !slices.ContainsFunc(parts, func(p Part) bool { return p.Same(&opened[i]) }) {
			return false
		}
	}
	for i := range parts {
		if !slices.ContainsFunc(opened, func(p access.Part) bool { return p.Same(&parts[i].Part) }) {
			return false
		}
	}
	return true
}

// ErrNotSealed: an open match has no key that could be changed.
var ErrNotSealed = errors.New("the match is not sealed, so there is no key to change")

// Rotate changes a log's key: who was cut off, or watches only, does not get the
// new one (rule R9). A revocation by this device does so by itself.
func (n *Node) Rotate(ctx context.Context, id crdt.LogID) error {
	r, err := n.mustReplica(id)
	if err != nil {
		return err
	}
	if !r.control.Sealed() {
		return ErrNotSealed
	}
	return n.RotateFor(ctx, id, access.Everyone)
}

// RotateFor is [Node.Rotate] for one audience, which it begins if there is none
// yet. Guardians are those of the epoch before and the holders of the grants in
// add: their devices, or the invites they come by.
func (n *Node) RotateFor(ctx context.Context, id crdt.LogID, a access.Audience, add ...crdt.Hash) error {
	r, err := n.mustReplica(id)
	if err != nil {
		return err
	}
	r.tending.Lock()
	defer r.tending.Unlock()
	if err := r.rotate(ctx, a, add...); err != nil {
		return err
	}
	return r.keepKeys(ctx)
}

// begin makes an audience's first key, unless it has one.
func (r *replica) begin(ctx context.Context, a access.Audience) error {
	r.tending.Lock()
	defer r.tending.Unlock()
	if len(r.control.Heads(a)) > 0 {
		return nil
	}
	if err := r.rotate(ctx, a); err != nil {
		return err
	}
	return r.keepKeys(ctx)
}

// Sealed reports whether a followed log is sealed, and whether this device is blind to
// it: it holds no key of what all members read. A log that rests is not opened for it.
func (n *Node) Sealed(id crdt.LogID) (sealed, blind bool) {
	m := n.following(id)
	if m == nil {
		return false, false
	}
	keys := m.Keys
	if r := n.replica(id); r != nil {
		sealed, keys = r.control.Sealed(), r.keys.Load().Keys()
	} else if e, err := n.store.Event(id, crdt.Hash(id)); err == nil {
		sealed = access.Seals(e)
	}
	reads := func(k access.EpochKey) bool { return k.Audience == access.AudienceMatch }
	return sealed, sealed && !slices.ContainsFunc(keys, reads)
}

// Wards returns those of the players of a right's team whose guardian its holder is.
func (n *Node) Wards(id crdt.LogID, grant crdt.Hash, players []string) []string {
	r, err := n.mustReplica(id)
	if err != nil {
		return nil
	}
	return r.keys.Load().Wards(grant, players)
}

// rotate makes a new epoch that follows all heads whose keys this device has; with
// very many heads, several that follow each other.
func (r *replica) rotate(ctx context.Context, a access.Audience, add ...crdt.Hash) error {
	for {
		next, err := r.keys.Load().Rotate(a, add...)
		if err != nil {
			return err
		}
		e, err := r.writeControl(ctx, next.Content)
		if err != nil {
			return fmt.Errorf("rotate: %w", err)
		}
		if !next.Partial {
			return r.writeAll(ctx, next.More(e.Hash))
		}
	}
}

// give hands keys to the holders of grants.
func (r *replica) give(ctx context.Context, keys []access.EpochKey, to ...crdt.Hash) error {
	contents, err := r.keys.Load().Give(keys, to...)
	if err != nil {
		return err
	}
	return r.writeAll(ctx, contents)
}

func (r *replica) writeAll(ctx context.Context, contents [][]byte) error {
	for _, content := range contents {
		if _, err := r.writeControl(ctx, content); err != nil {
			return fmt.Errorf("give a key: %w", err)
		}
	}
	return nil
}

// keepKeys makes the keys that this device has learnt durable with its membership.
func (r *replica) keepKeys(ctx context.Context) error {
	m := r.membership()
	keys := r.keys.Load().Keys()
	if slices.EqualFunc(keys, m.Keys, func(a, b access.EpochKey) bool { return a.Name() == b.Name() && bytes.Equal(a.Key, b.Key) }) {
		return nil
	}
	return r.node.changeMember(ctx, m, func(m *access.Member) { m.Keys = keys })
}
