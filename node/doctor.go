package node

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"touchline.dev/touchline/crdt"
)

// Check is the state of one layer between two devices.
type Check struct {
	Layer  string // store, discovery, dial, access, subscribe, reconcile, apply
	OK     bool
	Detail string
	Hint   string // what a volunteer can do about it; empty when OK
}

// Doctor looks at the layers through which an event must pass, from the wire
// up, and names the ones that fail. It runs one reconciliation.
func (n *Node) Doctor(ctx context.Context, id crdt.LogID) ([]Check, error) {
	r, err := n.mustReplica(id)
	if err != nil {
		return nil, err
	}
	n.wake(ctx, r)
	checks := []Check{n.checkStore()}
	w := n.net.Load()
	if w == nil {
		return append(checks, Check{Layer: "discovery", Detail: "no node is running for this data folder",
			Hint: "start one with: touchline node"}), nil
	}
	peers := n.Peers()
	discovery, dial, access := n.checkDiscovery(peers), checkDial(peers), checkAccess(r, peers)
	if right, known := r.control.Right(r.membership().Grant); known && !right.Live() {
		checks = append(checks, access, discovery, dial) // others refuse this device: links fail for it
	} else {
		checks = append(checks, discovery, dial, access)
	}
	checks = append(checks, checkSubscribe(r))
	rep, err := n.Sync(ctx, id)
	if err != nil {
		return nil, err
	}
	return append(checks, checkReconcile(rep), n.checkApply(r)), nil
}

func (n *Node) checkStore() Check {
	if err := n.store.Health(); err != nil {
		return Check{Layer: "store", Detail: err.Error(), Hint: "free space on the disk of the data folder; writing resumes by itself"}
	}
	return Check{Layer: "store", OK: true, Detail: "accepts writes"}
}

func (n *Node) checkDiscovery(peers []PeerInfo) Check {
	by := map[string]int{}
	for _, p := range peers {
		by[p.Source]++
	}
	c := Check{Layer: "discovery", OK: len(peers) > 0, Detail: plural(len(peers), "other device") + " known" + bySource(by)}
	if !c.OK {
		c.Hint = "no other device was heard of: same Wi-Fi? If it isolates its clients, pass --peer with an address from 'touchline peers' over there"
		if n.cfg.NoMDNS {
			c.Hint = "discovery is switched off (--no-mdns) and no --peer was given"
		}
	}
	return c
}

// sourceWords say how devices became known.
var sourceWords = map[source]string{
	fromMDNS: "found on this network", fromMemory: "met before", fromFlag: "given by --peer", fromRelayFlag: "given by --relay",
	fromInvite: "named in an invite", fromConnection: "called this one",
}

// plural writes a number with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// bySource writes counts as ": 2 found on this network, 1 given by --peer".
func bySource(by map[string]int) string {
	var parts []string
	for _, from := range slices.Sorted(maps.Keys(by)) {
		parts = append(parts, fmt.Sprintf("%d %s", by[from], sourceWords[source(from)]))
	}
	if len(parts) == 0 {
		return ""
	}
	return ": " + strings.Join(parts, ", ")
}

func checkDial(peers []PeerInfo) Check {
	connected := 0
	var failing []string
	for _, p := range peers {
		if p.Connected {
			connected++
		} else if p.LastError != "" {
			failing = append(failing, fmt.Sprintf("%s: %s", p.ID, p.LastError))
		}
	}
	c := Check{Layer: "dial", OK: connected > 0, Detail: fmt.Sprintf("%d of %d connected", connected, len(peers))}
	if !c.OK {
		c.Hint = "nobody answers: is the other node running, and does a firewall block its port?"
		if len(failing) > 0 {
			c.Hint += " " + strings.Join(failing, "; ")
		}
	}
	return c
}

func checkAccess(r *replica, peers []PeerInfo) Check {
	m := r.membership()
	c := Check{Layer: "access", OK: true, Detail: fmt.Sprintf("this device is %s", m.Role)}
	for _, p := range peers {
		if p.Refused != "" {
			c.Detail += fmt.Sprintf("; peer %s %s", p.ID, p.Refused)
		}
	}
	right, known := r.control.Right(m.Grant)
	switch {
	case !r.control.Founded():
		c.OK, c.Detail = false, "the founding record has not arrived"
		c.Hint = "connect to any device of this match"
	case known && !right.Live():
		c.OK, c.Detail = false, fmt.Sprintf("this device's right has ended: %s", right.Ended())
		c.Hint = "others refuse it from there on; what it recorded before stays as it was. Ask for a fresh invite"
	case !known:
		c.OK, c.Detail = false, "this device's own grant is not in the control set"
		c.Hint = "join again with a fresh invite"
	case r.log.Waiting() > 0:
		c.OK, c.Detail = false, fmt.Sprintf("%d events wait for their author's grant", r.log.Waiting())
		c.Hint = "connect to the device that enrolled their author"
	}
	return c
}

func checkSubscribe(r *replica) Check {
	t := r.topic.Load()
	if t == nil {
		return Check{Layer: "subscribe", Detail: "not subscribed", Hint: "restart the node"}
	}
	n := len(t.Peers())
	c := Check{Layer: "subscribe", OK: n > 0, Detail: plural(n, "connected device") + " live on this match"}
	if n == 0 {
		c.Hint = "the connected devices do not follow this match: let them join by an invite"
	}
	return c
}

func checkReconcile(rep SyncReport) Check {
	c := Check{Layer: "reconcile", OK: rep.Peers > 0 && rep.Equal == rep.Peers,
		Detail: fmt.Sprintf("%d of %d devices proved equal; %d sent, %d got in %v", rep.Equal, rep.Peers, rep.Sent, rep.Got, rep.Duration.Round(1e6))}
	if !c.OK {
		c.Hint = "if it stays so while nobody records, run 'touchline verify' on both sides"
		for p, e := range rep.Errors {
			c.Hint += fmt.Sprintf("; %s: %s", p, e)
		}
	}
	return c
}

// checkApply compares what the store holds with what the index of
// reconciliation believes.
func (n *Node) checkApply(r *replica) Check {
	d, _, err := r.sums()
	if err != nil {
		return Check{Layer: "apply", Detail: err.Error(), Hint: "run 'touchline verify'"}
	}
	snapshots, err := r.snapshots()
	if err != nil {
		return Check{Layer: "apply", Detail: err.Error(), Hint: "run 'touchline verify'"}
	}
	for set, s := range snapshots {
		if uint64(s.Len()) < d.Counts[set] {
			return Check{Layer: "apply", Detail: fmt.Sprintf("%s: %d stored, %d indexed", crdt.Set(set), d.Counts[set], s.Len()), Hint: "restart the node"}
		}
	}
	return Check{Layer: "apply", OK: true, Detail: fmt.Sprintf("%s, %d more of rights and keys, %s", plural(int(d.Counts[crdt.Events]), "event"), d.Counts[crdt.Control], plural(int(d.Counts[crdt.Records]), "erasable record"))}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
