package node

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// Status is what this device knows of one log and of who else holds it.
type Status struct {
	Log       crdt.LogID
	Label     string
	Role      access.Role
	Ended     string // why this device's right has ended; empty while it goes on
	Counts    [crdt.NumSets]uint64
	Digest    crdt.Hash // over the three sets; equal digests are equal logs
	LastHeard time.Time // own clock; zero when nobody was heard of yet
	Waiting   int       // events that wait for their grant
	Peers     []PeerStatus
	Holders   int   // devices proved to hold exactly this, this one included
	Writable  error // why nothing can be written now, or nil
}

// PeerStatus is what one peer is known to hold of a log.
type PeerStatus struct {
	ID        string
	Connected bool
	Equal     bool      // proved equal to what we hold now
	LastEqual time.Time // of the last such proof, whatever came since
	Relay     bool      // connected, and a member as relay
}

// Status returns what is known of a followed log.
func (n *Node) Status(id crdt.LogID) (Status, error) {
	r, err := n.mustReplica(id)
	if err != nil {
		return Status{}, err
	}
	d, _, err := r.sums()
	if err != nil {
		return Status{}, fmt.Errorf("status: %w", err)
	}
	m := r.membership()
	s := Status{
		Log: id, Label: m.Label, Role: m.Role, Counts: d.Counts, Digest: combined(d),
		Waiting: r.log.Waiting(), Holders: 1, Writable: n.store.Health(),
	}
	if right, known := r.control.Right(m.Grant); known {
		s.Ended = right.Ended()
		if right.HandedOver {
			s.Ended = "it was handed over (cut " + right.CutBy.Short() + "); it reads on"
		}
	}
	if ms := r.lastHeard.Load(); ms > 0 {
		s.LastHeard = time.UnixMilli(ms)
	}
	connected, relays := map[string]bool{}, map[string]bool{}
	if w := n.net.Load(); w != nil {
		for _, id := range w.host.Network().Peers() {
			connected[id.String()] = true
			relays[id.String()] = r.control.Role(w.doors.grant(id, r.log.ID())) == access.Relay
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, eq := range r.equal {
		p := PeerStatus{ID: id, Connected: connected[id], Equal: eq.digest == s.Digest, LastEqual: eq.at, Relay: relays[id]}
		if p.Equal {
			s.Holders++
		}
		s.Peers = append(s.Peers, p)
	}
	slices.SortFunc(s.Peers, func(a, b PeerStatus) int { return strings.Compare(a.ID, b.ID) })
	return s, nil
}

// PeerInfo is what the network knows of one peer.
type PeerInfo struct {
	ID        string
	Addrs     []string
	Connected bool
	Inbound   bool
	RTT       time.Duration
	Source    string // mdns, remembered, flag, relay, invite, inbound
	LastSeen  time.Time
	Logs      int // followed by both
	Failures  int // dials in a row
	LastError string
	Refused   string // why the last meeting left out a log; empty if it did not
}

// Peers lists all known peers, connected ones first. Empty without a network.
func (n *Node) Peers() (out []PeerInfo) {
	w := n.net.Load()
	if w == nil {
		return nil
	}
	w.view(func() {
		for id, c := range w.book.peers {
			p := PeerInfo{
				ID: id.String(), Connected: c.connected, Inbound: c.inbound, RTT: c.rtt,
				Source: string(c.source), LastSeen: c.lastSeen, Failures: c.failures, LastError: c.lastError, Refused: c.refusal,
			}
			for _, a := range c.addrs {
				p.Addrs = append(p.Addrs, a.String())
			}
			if link := w.links[id]; link != nil {
				p.Logs = len(link.logs)
				if link.last.Err != "" {
					p.LastError = link.last.Err
				}
			}
			out = append(out, p)
		}
	})
	slices.SortFunc(out, func(a, b PeerInfo) int {
		if a.Connected != b.Connected {
			if a.Connected {
				return -1
			}
			return 1
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out
}

// Ready is closed when Run takes part in the network.
func (n *Node) Ready() <-chan struct{} { return n.ready }

// PeerID names this node in the network; empty before Ready.
func (n *Node) PeerID() string {
	if w := n.net.Load(); w != nil {
		return w.host.ID().String()
	}
	return ""
}

// Addrs are the full addresses that others can dial; none before Ready.
func (n *Node) Addrs() (out []string) {
	if w := n.net.Load(); w != nil {
		for _, a := range w.host.Addrs() {
			out = append(out, a.String()+"/p2p/"+w.host.ID().String())
		}
	}
	return out
}

// SyncReport says what one round of exchanges did for one log.
type SyncReport struct {
	Peers    int
	Equal    int // peers proved equal
	Sent     int
	Got      int
	Duration time.Duration
	Errors   map[string]string // by peer
}

// Sync reconciles a log with every connected peer that follows it, one after
// the other, and reports. Without a network it reports no peers.
func (n *Node) Sync(ctx context.Context, id crdt.LogID) (SyncReport, error) {
	rep := SyncReport{Errors: map[string]string{}}
	r, err := n.mustReplica(id)
	if err != nil {
		return rep, err
	}
	n.wake(ctx, r)
	w := n.net.Load()
	if w == nil {
		return rep, nil
	}
	start := time.Now()
	var peers []peer.ID
	w.view(func() {
		for p, link := range w.links {
			if link.proven {
				peers = append(peers, p)
			}
		}
	})
	for _, p := range peers {
		x, err := w.exchange(ctx, p, becauseAsked)
		if err != nil {
			rep.Errors[p.String()] = err.Error()
			continue
		}
		for _, l := range x.Logs {
			if l.Log != id || l.Retired {
				continue
			}
			rep.Peers++
			rep.Sent += l.Sent
			rep.Got += l.Got
			if l.Equal {
				rep.Equal++
			}
		}
	}
	rep.Duration = time.Since(start)
	return rep, nil
}
