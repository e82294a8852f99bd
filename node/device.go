package node

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/libp2p/go-libp2p/core/peer"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/recon"
)

// DeviceReport says what another device lacks of a log, and why.
type DeviceReport struct {
	Peer   string
	Checks []Check // discovery, dial, access, subscribe, reconcile; none after the first that fails
	// Missing are the events it lacked when it was asked, in the log's order; it
	// got them by that. While it cannot be asked, they are those that arrived
	// here since it last proved to hold the same.
	Missing []crdt.Hash
	Asked   bool // it was asked just now
}

// ErrAmbiguous: more than one peer's ID ends or begins like this.
var ErrAmbiguous = errors.New("more than one device is called so")

// Device looks at the layers between this device and one other, named by its
// peer ID or by the beginning or end of it, and at what that one lacks of a log.
func (n *Node) Device(ctx context.Context, id crdt.LogID, name string) (DeviceReport, error) {
	r, err := n.mustReplica(id)
	if err != nil {
		return DeviceReport{}, err
	}
	n.wake(ctx, r)
	p, err := n.findPeer(r, name)
	if err != nil {
		return DeviceReport{}, err
	}
	rep := DeviceReport{Peer: p.ID, Checks: []Check{{Layer: "discovery", OK: true, Detail: "known by " + p.Source}}}
	if p.Source == "" {
		rep.Checks[0] = Check{Layer: "discovery", Detail: "not heard of since this node runs", Hint: "is it on the same network, and does a node run on it?"}
	}
	pid, err := peer.Decode(p.ID)
	if err != nil {
		return rep, fmt.Errorf("device %s: %w", name, crdt.ErrNotFound)
	}
	if rep.Checks[0].OK && n.reach(r, pid, p, &rep) {
		return rep, n.ask(ctx, r, pid, &rep)
	}
	rep.Missing, err = r.sinceProof(pid)
	return rep, err
}

// findPeer finds a peer among those that are known and those that once proved
// to hold the log; Source is empty for the latter.
func (n *Node) findPeer(r *replica, name string) (PeerInfo, error) {
	var found []PeerInfo
	for _, p := range n.Peers() {
		if strings.HasPrefix(p.ID, name) || strings.HasSuffix(p.ID, name) {
			found = append(found, p)
		}
	}
	keys, err := n.store.MetaKeys(syncPointPrefix + r.log.ID().String() + "/")
	if err != nil {
		return PeerInfo{}, err
	}
	for _, key := range keys {
		id := key[strings.LastIndexByte(key, '/')+1:]
		known := slices.ContainsFunc(found, func(p PeerInfo) bool { return p.ID == id })
		if !known && (strings.HasPrefix(id, name) || strings.HasSuffix(id, name)) {
			found = append(found, PeerInfo{ID: id})
		}
	}
	switch len(found) {
	case 0:
		return PeerInfo{}, fmt.Errorf("device %s: %w: touchline peers lists those that are known here", name, crdt.ErrNotFound)
	case 1:
		return found[0], nil
	}
	return PeerInfo{}, fmt.Errorf("device %s: %w; give more of its ID", name, ErrAmbiguous)
}

// reach checks the layers below an exchange, up to the first that fails.
func (n *Node) reach(r *replica, id peer.ID, p PeerInfo, rep *DeviceReport) bool {
	add := func(c Check) bool {
		rep.Checks = append(rep.Checks, c)
		return c.OK
	}
	if !p.Connected {
		detail := "not connected"
		if p.LastError != "" {
			detail += ": " + firstLine(p.LastError)
		}
		return add(Check{Layer: "dial", Detail: detail, Hint: "does its node run, is it in reach, and does a firewall block its port?"})
	}
	add(Check{Layer: "dial", OK: true, Detail: "connected"})
	shared := slices.Contains(n.net.Load().sharedWith(id), r)
	topic := r.topic.Load()
	live := topic != nil && slices.Contains(topic.Peers(), id)
	if !shared && !live {
		return add(Check{Layer: "access", Detail: "it has not proved to be a member of this match", Hint: "let it join by an invite, or follow the match again"})
	}
	add(Check{Layer: "access", OK: true, Detail: "it is a member of this match"})
	c := Check{Layer: "subscribe", OK: live, Detail: "it follows the match live"}
	if !live {
		c.Detail, c.Hint = "it does not follow the match live: what is new reaches it by reconciling only", "let its node follow the match"
	}
	add(c)
	return true
}

// ask reconciles with a peer and notes what it lacked.
func (n *Node) ask(ctx context.Context, r *replica, id peer.ID, rep *DeviceReport) error {
	x, err := n.net.Load().exchange(ctx, id, becauseAsked)
	c := Check{Layer: "reconcile", Detail: "it proved to hold the same"}
	if err != nil {
		c.Detail, c.Hint = firstLine(err.Error()), "ask again; if it stays so, run 'touchline verify' on both sides"
		rep.Checks = append(rep.Checks, c)
		rep.Missing, err = r.sinceProof(id)
		return err
	}
	rep.Asked = true
	at := slices.IndexFunc(x.Logs, func(l logReport) bool { return l.Log == r.log.ID() })
	switch {
	case at < 0:
		c.Detail, c.Hint = "it did not offer this match", "let its node follow the match"
	case x.Logs[at].Retired:
		c.Detail, c.Hint = "it gave its copy up", "let it join again"
	default:
		l := x.Logs[at]
		c.OK = l.Equal
		if !c.OK {
			c.Detail = fmt.Sprintf("not equal yet; sent %d, got %d", l.Sent, l.Got)
			c.Hint = "events may be on their way; if it stays so, its disk may be full: run 'touchline doctor' over there"
		}
		if rep.Missing, err = r.eventsOf(l.Gave); err != nil {
			return err
		}
	}
	rep.Checks = append(rep.Checks, c)
	return nil
}

// eventsOf are the hashes of those of the items that are events, in the log's
// order.
func (r *replica) eventsOf(items []recon.Item) ([]crdt.Hash, error) {
	var list []crdt.Element
	for _, it := range items {
		if it.Set != crdt.Events {
			continue
		}
		found, err := r.node.store.Find(r.log.ID(), it.Set, it.Name.Time, it.Name.Prefix[:])
		if err != nil {
			return nil, err
		}
		list = append(list, found...)
	}
	return hashesInOrder(list), nil
}

// sinceProof are the events that arrived after the last exchange that proved a
// peer equal; all, if there was none.
func (r *replica) sinceProof(with peer.ID) ([]crdt.Hash, error) {
	var at crdt.Arrival
	b, err := r.node.store.Meta(syncPointKey(r.log.ID(), with))
	if err == nil && len(b) == 2*len(crdt.StoreID{})+16 && crdt.StoreID(b) == r.node.store.ID() {
		at = crdt.Arrival(binary.BigEndian.Uint64(b[2*len(crdt.StoreID{}):]))
	}
	var list []crdt.Element
	for {
		entries, err := r.log.Since(at, 1000)
		if err != nil || len(entries) == 0 {
			return hashesInOrder(list), err
		}
		for _, en := range entries {
			if at = en.Arrival; en.Set == crdt.Events {
				list = append(list, en.Element)
			}
		}
	}
}

func hashesInOrder(list []crdt.Element) []crdt.Hash {
	slices.SortFunc(list, crdt.Element.Compare)
	out := make([]crdt.Hash, 0, len(list))
	for _, e := range list {
		out = append(out, e.Hash)
	}
	return slices.Compact(out)
}
