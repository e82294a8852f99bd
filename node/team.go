package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// Announcements in a team's log (rule R10).
const (
	typeAnnounced = "match.announced"
	partInvite    = "match.invite"
	typeChild     = "team.child" // of an event and of the part in it: a child has guardians in the team

	// maxAnnounced is how many matches of a team are followed by themselves, the
	// newest first.
	maxAnnounced = 200
	// maxTold is how many announcements of one match are looked at.
	maxTold = 64
)

// announcement is the data of an event of type match.announced. The invite lies
// beside it in a box, so that no list of events shows it.
type announcement struct {
	Match crdt.LogID `json:"matchId"`
	Label string     `json:"label"`
}

type announcedInvite struct {
	Invite string `json:"invite"`
}

// teamChild is what only the child's guardians and those who write for the team are told.
type teamChild struct {
	Child string `json:"child"`
}

// Announce tells a team of a match: who follows the team follows the match, with
// the invite's role. A team's log is always sealed, so who only holds and
// forwards it learns nothing of its matches.
func (n *Node) Announce(ctx context.Context, team crdt.LogID, invite *access.Invite, label string) (*crdt.Event, error) {
	return n.announce(ctx, team, invite, label, access.Everyone)
}

// AnnounceTo is [Node.Announce] for the guardians of one of the team's children.
func (n *Node) AnnounceTo(ctx context.Context, team crdt.LogID, child string, invite *access.Invite, label string) error {
	r, err := n.mustReplica(team)
	if err != nil {
		return err
	}
	_, err = n.announce(ctx, team, invite, label, r.membership().Guardians("", child))
	return err
}

func (n *Node) announce(ctx context.Context, team crdt.LogID, invite *access.Invite, label string, to access.Audience) (*crdt.Event, error) {
	r, err := n.mustReplica(team)
	if err != nil {
		return nil, err
	}
	if r.control.Purpose() != access.PurposeTeam {
		return nil, fmt.Errorf("announce: %w: %s is no team", crdt.ErrForbidden, team.Short())
	}
	data, err := json.Marshal(announcement{Match: invite.Log(), Label: label})
	if err != nil {
		return nil, fmt.Errorf("announce: %w", err)
	}
	secret, err := json.Marshal(announcedInvite{Invite: invite.String()})
	if err != nil {
		return nil, fmt.Errorf("announce: %w", err)
	}
	rec, err := n.Record(ctx, team, Draft{
		Content: crdt.Content{Type: typeAnnounced, Data: data},
		Parts:   []Part{{For: to, Part: access.Part{Type: partInvite, Data: secret}}},
	})
	if err != nil {
		return nil, fmt.Errorf("announce: %w", err)
	}
	return rec.Event, nil
}

// list tells those who write for a team that a child has guardians in it, unless it
// was told before.
func (r *replica) list(ctx context.Context, child string) error {
	known, err := r.children()
	if err != nil || slices.Contains(known, child) {
		return err
	}
	data, err := json.Marshal(teamChild{child})
	if err != nil {
		return err
	}
	_, err = r.node.Record(ctx, r.log.ID(), Draft{
		Content: crdt.Content{Type: typeChild},
		Parts:   []Part{{For: r.membership().Guardians("", child), Part: access.Part{Type: typeChild, Data: data}}},
	})
	return err
}

// Children lists the children who have guardians in a team, as far as this device may
// know, sorted.
func (n *Node) Children(team crdt.LogID) ([]string, error) {
	r, err := n.mustReplica(team)
	if err != nil {
		return nil, err
	}
	return r.children()
}

func (r *replica) children() (children []string, err error) {
	err = r.eachEvent(func(e *crdt.Event) {
		c, err := r.keys.Load().Open(e)
		if err != nil || c.Type != typeChild {
			return
		}
		for _, p := range r.parts(e, c) {
			var said teamChild
			if p.Type == typeChild && json.Unmarshal(p.Data, &said) == nil && said.Child != "" {
				children = append(children, said.Child)
			}
		}
	})
	slices.Sort(children)
	return slices.Compact(children), err
}

// announced is a match, as told by an announcement that counts.
type announced struct {
	announcement
	told []told // the newest first
}

// told is one announcement.
type told struct {
	event   *crdt.Event
	content *crdt.Content
}

// followAnnounced joins the newest matches that a team announced. A match that
// was retired here stays so.
func (n *Node) followAnnounced(ctx context.Context, team *replica) error {
	list, err := team.announcements()
	if err != nil {
		return fmt.Errorf("matches of team %s: %w", team.log.ID().Short(), err)
	}
	slices.Reverse(list) // those that became live last rest last: the newest
	var failed error
	for _, a := range list {
		n.isAnnounced(a.Match, team.log.ID())
		if err := n.followOne(ctx, team, a); err != nil {
			failed = errors.Join(failed, fmt.Errorf("match %s of team %s: %w", a.Match.Short(), team.log.ID().Short(), err))
		}
	}
	return failed
}

func (n *Node) followOne(ctx context.Context, team *replica, a announced) error {
	n.mu.Lock()
	m, retired := n.members[a.Match], n.retired[a.Match]
	n.mu.Unlock()
	if retired {
		return nil
	}
	best, err := team.bestInvite(&a)
	if best == nil || m != nil && m.Role <= best.Role() {
		return err
	}
	_, err = n.Join(ctx, best, a.Label)
	return err
}

// bestInvite is the invite to a match that gives this device most, of those that it
// can read: a guardian's before the family's. The error says what was wrong with others.
func (r *replica) bestInvite(a *announced) (best *access.Invite, failed error) {
	for _, t := range a.told {
		for _, p := range r.parts(t.event, t.content) {
			var secret announcedInvite
			if p.Type != partInvite || json.Unmarshal(p.Data, &secret) != nil {
				continue
			}
			invite, err := access.ParseInvite(secret.Invite)
			if err != nil {
				failed = errors.Join(failed, err)
				continue
			}
			if invite.Log() == a.Match && (best == nil || invite.Role() < best.Role()) {
				best = invite
			}
		}
	}
	return best, failed
}

// announcements returns the matches of those that count and can be read, the newest
// first.
func (r *replica) announcements() (list []announced, err error) {
	var all []announced
	failed := r.eachEvent(func(e *crdt.Event) {
		c, err := r.keys.Load().Open(e)
		if err != nil || c.Type != typeAnnounced {
			return
		}
		a := announced{told: []told{{e, c}}}
		if json.Unmarshal(c.Data, &a.announcement) == nil {
			all = append(all, a)
		}
	})
	if failed != nil {
		return nil, failed
	}
	slices.SortFunc(all, func(a, b announced) int {
		return b.told[0].event.Element().Compare(a.told[0].event.Element())
	})
	at := map[crdt.LogID]int{}
	err = r.withChains(func(chains *access.Chains) {
		for _, a := range all {
			i, seen := at[a.Match]
			if !seen && len(list) == maxAnnounced || r.control.Verdict(a.told[0].event, chains).State != access.Stands {
				continue
			}
			if !seen {
				at[a.Match], list = len(list), append(list, a)
			} else if len(list[i].told) < maxTold {
				list[i].told = append(list[i].told, a.told...)
			}
		}
	})
	return list, err
}
