package node

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// errUnusable: a hint is honest, and yet says nothing here. Others may know more.
var errUnusable = errors.New("the hint's event cannot be taken here")

// isAnnounced notes that a team announced a match.
func (n *Node) isAnnounced(match, team crdt.LogID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !slices.Contains(n.teams[match], team) {
		n.teams[match] = append(n.teams[match], team)
	}
}

// hint sends a live event of this device to the topics of the teams that announced
// its match, where this device may write: members of the team with no link that shares
// the match get it at once.
func (n *Node) hint(e *crdt.Event) {
	if e.Set != crdt.Events || e.Lane != crdt.Live || len(e.Envelope())+access.HintOverhead > crdt.MaxEvent {
		return
	}
	n.mu.Lock()
	teams := n.teams[e.LogID()]
	n.mu.Unlock()
	for _, id := range teams {
		team := n.replica(id)
		if team == nil || team.topic.Load() == nil {
			continue
		}
		m := team.membership()
		right, ok := team.control.Right(m.Grant)
		key, err := team.keys.Load().Choose(access.Everyone)
		if !ok || !right.Writes() || err != nil {
			continue
		}
		if err := team.topic.Load().Send(context.Background(), m.Hint(key, e.Envelope())); err != nil {
			n.cfg.Log.Debug("hint", "team", id.Short(), "err", err)
		}
	}
}

// judgeLive judges what comes on a log's topic: an envelope of the log, or on a team's
// a hint. A nil event is one to be forwarded that this device cannot read, or does not
// follow the match of.
func (n *Node) judgeLive(r *replica, b []byte) (*crdt.Event, error) {
	if r.control.Purpose() != access.PurposeTeam || !access.IsHint(b) {
		return r.log.JudgeAt(intake{r, n.gossip}, b)
	}
	h, sender, err := r.control.Hint(b)
	if err != nil {
		return nil, err
	}
	gate, cost := intake{r, n.gossip}, &crdt.Event{}
	cost.Author, cost.Grant = sender, crdt.Hash(h.Grant)
	if err := gate.Room(cost); err != nil {
		return nil, err
	}
	gate.Took(cost)
	envelope, err := r.keys.Load().OpenHint(h)
	if errors.Is(err, access.ErrNoKey) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %v", errUnusable, err) // who forwarded it may have had no key
	}
	return n.judgeHinted(envelope)
}

// judgeHinted judges the event in a hint as one of its match. Nothing that is wrong
// with it is the fault of who forwarded it.
func (n *Node) judgeHinted(envelope []byte) (*crdt.Event, error) {
	e, err := crdt.Decode(envelope)
	if err != nil || e.Set != crdt.Events {
		return nil, fmt.Errorf("%w: no event of a match", errUnusable)
	}
	match := n.replica(e.LogID())
	if match == nil || match.control.Purpose() != access.PurposeMatch {
		return nil, nil
	}
	if e, err = match.log.JudgeAt(intake{match, n.gossip}, envelope); err != nil {
		return nil, fmt.Errorf("%w: %v", errUnusable, err)
	}
	return e, nil
}

// deliverLive commits what came on a topic to the logs that it belongs to: a
// hint's event to its match's, where all other copies of it are the same.
func (w *network) deliverLive(ctx context.Context, events []*crdt.Event) {
	byLog := map[crdt.LogID][]*crdt.Event{}
	for _, e := range events {
		byLog[e.LogID()] = append(byLog[e.LogID()], e)
	}
	for id, list := range byLog {
		if to := w.node.replica(id); to != nil {
			w.deliver(ctx, to, list)
		}
	}
}
