package node

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// Private says for whom a draft's content is, when it is not for all who read the
// log (rule R7): the staff of one team and the guardians of one of its children.
type Private struct {
	Teams []string // names of the team, the one that every log knows first
	Child string   // its ID as a player; empty: no guardian sees the content
	Stub  string   // type of what all others see, which has nothing else but ID, period and clock
	// Must: without a key for the team's staff nothing is recorded. Else the content is
	// for all who read the log then, and always in a log that is not sealed.
	Must bool
}

// conceal puts a private draft's content into parts, behind a stub.
func (r *replica) conceal(ctx context.Context, d *Draft) (*Draft, error) {
	if d.Private == nil || !d.Private.Must && !r.control.Sealed() {
		return d, nil
	}
	privy, err := r.privy(ctx, d.Private)
	if errors.Is(err, access.ErrNoKey) && !d.Private.Must {
		return d, nil
	}
	if err != nil {
		return nil, err
	}
	return d.behindStub(privy...), nil
}

// behindStub is the draft as it is written for some audiences.
func (d *Draft) behindStub(privy ...access.Audience) *Draft {
	out, c := *d, &d.Content
	part := access.Part{Type: c.Type, Team: c.Team, Data: c.Data}
	out.Content = crdt.Content{ID: c.ID, Type: d.Private.Stub, Period: c.Period, ClockMs: c.ClockMs}
	out.Parts = nil
	for _, a := range privy {
		out.Parts = append(out.Parts, Part{For: a, Part: part})
	}
	return &out
}

// saidBefore reports whether an event is what an earlier request with this draft
// made, by the keys that were here then.
func (r *replica) saidBefore(e *crdt.Event, d *Draft) bool {
	return r.says(e, d) || d.Private != nil && r.says(e, d.behindStub(access.Everyone))
}

// privy are the audiences that this device can seal a private draft for: the team's
// staff at least. A team that has no key for its staff yet is given one, if this
// device may.
func (r *replica) privy(ctx context.Context, p *Private) (list []access.Audience, err error) {
	m := r.membership()
	teams := slices.DeleteFunc(slices.Clone(p.Teams), func(team string) bool { return !r.knowsTeam(team) })
	if len(teams) == 0 {
		teams = p.Teams[:1]
	}
	staffed := false
	for _, team := range teams {
		staff := m.Staff(team)
		if err := r.beginIfMay(ctx, staff); err != nil {
			return nil, err
		}
		if _, err := r.keys.Load().Choose(staff); err == nil {
			list, staffed = append(list, staff), true
		}
		child := m.Guardians(team, p.Child)
		if _, err := r.keys.Load().Choose(child); p.Child != "" && err == nil {
			list = append(list, child)
		}
	}
	if !staffed {
		return nil, fmt.Errorf("%w to seal it for that team's staff with; a coach of the team or an organiser has one", access.ErrNoKey)
	}
	return list, nil
}

// knowsTeam reports whether some right is bound to the team by this name, or its
// staff has a key.
func (r *replica) knowsTeam(team string) bool {
	return len(r.control.Heads(r.membership().Staff(team))) > 0 || slices.ContainsFunc(r.control.Rights(), func(right access.Right) bool { return right.Team == team })
}

// beginIfMay makes an audience's first key, unless it has one or this device may not.
func (r *replica) beginIfMay(ctx context.Context, a access.Audience) error {
	if !r.membership().Role.MayGrant() {
		return nil
	}
	if err := r.begin(ctx, a); err != nil && !errors.Is(err, crdt.ErrForbidden) {
		return err
	}
	return nil
}

// BeginStaff gives the staff of teams keys of their own, so that all who are invited
// from now on can seal what is private.
func (n *Node) BeginStaff(ctx context.Context, id crdt.LogID, teams ...string) error {
	r, err := n.mustReplica(id)
	if err != nil {
		return err
	}
	for _, team := range teams {
		if err := r.begin(ctx, r.membership().Staff(team)); err != nil {
			return fmt.Errorf("key for the staff of %s: %w", team, err)
		}
	}
	return nil
}
