package node

import (
	"cmp"
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

	// maxAnnounced is how many matches of a team are followed by themselves, the
	// newest first.
	maxAnnounced = 200
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

// Announce tells a team of a match: who follows the team follows the match, with
// the invite's role. A team's log is always sealed, so who only holds and
// forwards it learns nothing of its matches.
func (n *Node) Announce(ctx context.Context, team crdt.LogID, invite *access.Invite, label string) (*crdt.Event, error) {
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
		Parts:   []Part{{For: access.Everyone, Part: access.Part{Type: partInvite, Data: secret}}},
	})
	if err != nil {
		return nil, fmt.Errorf("announce: %w", err)
	}
	return rec.Event, nil
}

// announced is one announcement that counts.
type announced struct {
	announcement
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
	for _, p := range team.parts(a.event, a.content) {
		var secret announcedInvite
		if p.Type != partInvite || json.Unmarshal(p.Data, &secret) != nil {
			continue
		}
		invite, err := access.ParseInvite(secret.Invite)
		if err != nil {
			return err
		}
		if invite.Log() != a.Match || m != nil && m.Role <= invite.Role() {
			continue
		}
		_, err = n.Join(ctx, invite, a.Label)
		return err
	}
	return nil
}

// announcements returns those that count and can be read, the newest first, one
// a match.
func (r *replica) announcements() (list []announced, err error) {
	var all []announced
	failed := r.eachEvent(func(e *crdt.Event) {
		c, err := r.keys.Load().Open(e)
		if err != nil || c.Type != typeAnnounced {
			return
		}
		a := announced{event: e, content: c}
		if json.Unmarshal(c.Data, &a.announcement) == nil {
			all = append(all, a)
		}
	})
	if failed != nil {
		return nil, failed
	}
	slices.SortFunc(all, func(a, b announced) int {
		return cmp.Or(cmp.Compare(b.event.Time, a.event.Time), b.event.Hash.Compare(a.event.Hash))
	})
	seen := map[crdt.LogID]bool{}
	err = r.withChains(func(chains *access.Chains) {
		for _, a := range all {
			if !seen[a.Match] && len(list) < maxAnnounced && r.control.Verdict(a.event, chains).State == access.Stands {
				seen[a.Match] = true
				list = append(list, a)
			}
		}
	})
	return list, err
}
