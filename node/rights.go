package node

import (
	"context"
	"fmt"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// Rights lists all rights in a followed log, the founder's first.
func (n *Node) Rights(id crdt.LogID) ([]access.Right, error) {
	r, err := n.mustReplica(id)
	if err != nil {
		return nil, err
	}
	return r.control.Rights(), nil
}

// Revoke ends a right that this device gave, or gave to the giver. What is known
// of it here stands, or nothing of it, as keep says; its holder's and its own
// invites are closed. The revocation is durable here when Revoke returns, and the
// keys of a sealed log are changed; if only that fails, event and error are returned.
func (n *Node) Revoke(ctx context.Context, id crdt.LogID, target crdt.Hash, keep access.Keep) (*crdt.Event, error) {
	r, err := n.mustReplica(id)
	if err != nil {
		return nil, err
	}
	var content []byte
	var refs []crdt.Hash
	plan := func(c *access.Chains) {
		content, refs, err = r.control.PlanRevocation(r.membership().Grant, target, c, keep)
	}
	if failed := r.withChains(plan); failed != nil {
		return nil, fmt.Errorf("revoke: %w", failed)
	}
	if err != nil {
		return nil, fmt.Errorf("revoke: %w", err)
	}
	e, err := r.writeControl(ctx, content, refs...)
	if err != nil {
		return nil, fmt.Errorf("revoke: %w", err)
	}
	if err := r.tend(ctx); err != nil {
		return e, fmt.Errorf("revoked, but the key is not changed yet: %w", err)
	}
	return e, nil
}

// HandOver ends this device's own right to write and returns the invite of the
// one device that takes over its role. What this device wrote so far stands.
func (n *Node) HandOver(ctx context.Context, id crdt.LogID) (*access.Invite, error) {
	r, err := n.mustReplica(id)
	if err != nil {
		return nil, err
	}
	m := r.membership()
	right, ok := r.control.Right(m.Grant)
	switch {
	case !ok || !right.Writes():
		return nil, fmt.Errorf("hand over: %w: this device's right has ended, or lets it not write", crdt.ErrForbidden)
	case right.Kind == access.KindFounding:
		return nil, fmt.Errorf("hand over: %w: the founder's right cannot be handed over; invite an organiser instead", crdt.ErrForbidden)
	}
	var heads []access.Head
	if err := r.withChains(func(c *access.Chains) { heads = r.control.HandOverHeads(m.Grant, c) }); err != nil {
		return nil, fmt.Errorf("hand over: %w", err)
	}
	invite, content := m.NewHandOver(heads, r.keys.Load().ForSuccessor())
	if _, err := n.issue(ctx, r, invite, content); err != nil {
		return nil, fmt.Errorf("hand over: %w", err)
	}
	return invite, nil
}

// Invite grants a role to a fresh key that may enrol devices on the given
// terms. The grant is durable here when Invite returns. The first invite for a
// child's guardian begins the line of keys for its guardians.
func (n *Node) Invite(ctx context.Context, id crdt.LogID, t access.Terms) (*access.Invite, error) {
	r, err := n.mustReplica(id)
	if err != nil {
		return nil, err
	}
	n.wake(ctx, r) // somebody is about to join
	m := r.membership()
	if t.Audiences == 0 {
		right, _ := r.control.Right(m.Grant)
		t.Audiences = t.Role.Audiences() & right.Audiences
	}
	if t.Child != "" {
		if team := r.control.Purpose() == access.PurposeTeam; t.Role != access.Guardian || (t.Team == "") != team {
			return nil, fmt.Errorf("invite: %w: whose child is named is a guardian, and of a team", crdt.ErrMalformed)
		}
		if err := r.begin(ctx, m.Guardians(t.Team, t.Child)); err != nil {
			return nil, fmt.Errorf("invite: %w", err)
		}
	}
	t.Keys = r.keys.Load().ForInvite(t)
	invite, content := m.NewInvite(t)
	grant, err := n.issue(ctx, r, invite, content)
	if err == nil {
		err = r.give(ctx, t.Keys, grant)
	}
	if err == nil {
		err = r.tend(ctx) // keys that a code has no room for, such as those of all children
	}
	if err == nil && t.Child != "" && r.control.Purpose() == access.PurposeTeam {
		err = r.list(ctx, t.Child)
	}
	if err != nil {
		return nil, fmt.Errorf("invite: %w", err)
	}
	return invite, nil
}

// issue writes the control event of an invite and completes it.
func (n *Node) issue(ctx context.Context, r *replica, invite *access.Invite, content []byte) (crdt.Hash, error) {
	chain, err := r.grantChain(r.membership().Grant)
	if err != nil {
		return crdt.Hash{}, err
	}
	e, err := r.writeControl(ctx, content)
	if err != nil {
		return crdt.Hash{}, err
	}
	if net := n.net.Load(); net != nil {
		invite.Peers = net.shareable()
	}
	return e.Hash, invite.Complete(append(chain, e))
}

// writeControl signs, commits and publishes a control event of this device.
// A log that was at rest wakes.
func (r *replica) writeControl(ctx context.Context, content []byte, refs ...crdt.Hash) (*crdt.Event, error) {
	payload, err := crdt.Pad(content)
	if err != nil {
		return nil, err
	}
	r.node.wake(ctx, r)
	e, err := r.write(ctx, "", crdt.Header{Set: crdt.Control, Refs: sortedHashes(refs)}, payload)
	if err != nil {
		return nil, err
	}
	r.publish(e)
	return e, nil
}
