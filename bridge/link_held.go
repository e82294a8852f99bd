package bridge

import (
	"touchline.dev/touchline/bridge/wire"
	"touchline.dev/touchline/crdt"
)

// ackedUpTo is the last acknowledgement of a page in a match, and what it was
// told about where that is, too.
type ackedUpTo struct {
	arrival crdt.Arrival
	devices int
	relay   bool
}

// expectHeld lets the sweep look for where acknowledged events are.
func (ps *pages) expectHeld() { ps.expecting.Store(true) }

// tellHeld tells pages on how many devices what they published is by now.
func (ps *pages) tellHeld() {
	if !ps.expecting.Swap(false) {
		return
	}
	known := map[crdt.LogID]*wire.Held{}
	for _, p := range ps.all() {
		for _, h := range p.news(known) {
			p.send(h)
		}
	}
}

// news is what a page has not been told yet. known is what was looked up for
// others.
func (p *page) news(known map[crdt.LogID]*wire.Held) (out []*wire.Held) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, a := range p.acked {
		held, ok := known[id]
		if !ok {
			held = p.pages.held(id)
			known[id] = held
		}
		if held != nil && held.Arrival >= a.arrival && (int(held.Devices) > a.devices || held.Relay && !a.relay) {
			a.devices, a.relay = int(held.Devices), held.Relay
			copied := *held // encoding writes to it
			out = append(out, &copied)
		}
		if a.relay {
			delete(p.acked, id)
		} else {
			p.pages.expectHeld()
		}
	}
	return out
}

// held is what is proven of a match now; nil when it cannot be said.
func (ps *pages) held(id crdt.LogID) *wire.Held {
	log, err := ps.server.backend.Log(id)
	if err != nil {
		return nil
	}
	digests, last, err := log.Digest()
	if err != nil {
		return nil
	}
	var sums [crdt.NumSets]crdt.Hash
	for i := range digests {
		sums[i] = digests[i].Sum()
	}
	status, err := ps.server.backend.Status(id)
	if err != nil || status.Digest != crdt.CombineSums(sums) {
		return nil // something came in between: the next look sees it
	}
	out := &wire.Held{Match: id, Arrival: last, Devices: uint64(status.Holders)}
	for _, peer := range status.Peers {
		out.Relay = out.Relay || peer.Equal && peer.Relay
	}
	return out
}
