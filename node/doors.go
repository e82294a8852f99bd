package node

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/libp2p/go-libp2p/core/peer"

	"touchline.dev/touchline/crdt"
)

// errStranger: the peer has not proved to be a member of anything we follow.
var errStranger = errors.New("shares no match with this device")

// doors knows which logs each connected peer has proved to be a member of. All
// our protocols but the proof itself wait behind a peer's door.
type doors struct {
	mu    sync.Mutex
	peers map[peer.ID]*door // guarded by mu
}

type door struct {
	logs    map[crdt.LogID]crdt.Hash // proven; the grant that the peer's device holds
	topics  map[string]crdt.LogID    // by name, of the logs proven
	changed chan struct{}            // closed and replaced when logs change or the link ends
	waiting int
	lost    int // how often the link ended
}

func newDoors() *doors { return &doors{peers: map[peer.ID]*door{}} }

func (d *doors) doorLocked(id peer.ID) *door {
	p := d.peers[id]
	if p == nil {
		p = &door{changed: make(chan struct{})}
		d.peers[id] = p
	}
	return p
}

// open notes what a meeting with a peer proved, in the place of what the one
// before did. It returns the logs that are new.
func (d *doors) open(id peer.ID, logs map[crdt.LogID]crdt.Hash, topics map[string]crdt.LogID) (fresh []crdt.LogID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.doorLocked(id)
	for log := range logs {
		if _, ok := p.logs[log]; !ok {
			fresh = append(fresh, log)
		}
	}
	p.logs, p.topics = maps.Clone(logs), topics // drop changes ours; the meeting's goes on to the loop
	d.changeLocked(id, p)
	return fresh
}

// close forgets a peer, whose link has ended.
func (d *doors) close(id peer.ID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if p := d.peers[id]; p != nil {
		p.logs = nil
		p.lost++
		d.changeLocked(id, p)
	}
}

// drop takes back one log of a peer.
func (d *doors) drop(id peer.ID, log crdt.LogID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if p := d.peers[id]; p != nil {
		delete(p.logs, log)
		d.changeLocked(id, p)
	}
}

func (d *doors) changeLocked(id peer.ID, p *door) {
	close(p.changed)
	p.changed = make(chan struct{})
	if len(p.logs) == 0 && p.waiting == 0 {
		delete(d.peers, id)
	}
}

// shares reports whether a log is proven with a peer.
func (d *doors) shares(id peer.ID, log crdt.LogID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.peers[id]
	if p == nil {
		return false
	}
	_, ok := p.logs[log]
	return ok
}

// onTopic reports whether the log of a topic is proven with a peer.
func (d *doors) onTopic(id peer.ID, topic string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.peers[id]
	if p == nil {
		return false
	}
	_, ok := p.logs[p.topics[topic]] // no log has the zero ID
	return ok
}

// proven reports whether any log is.
func (d *doors) proven(id peer.ID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.peers[id]
	return p != nil && len(p.logs) > 0
}

// members returns who has proved a log, with the grant of each.
func (d *doors) members(log crdt.LogID) map[peer.ID]crdt.Hash {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := map[peer.ID]crdt.Hash{}
	for id, p := range d.peers {
		if grant, ok := p.logs[log]; ok {
			out[id] = grant
		}
	}
	return out
}

// grant returns what a peer proved for a log; zero if nothing.
func (d *doors) grant(id peer.ID, log crdt.LogID) crdt.Hash {
	d.mu.Lock()
	defer d.mu.Unlock()
	if p := d.peers[id]; p != nil {
		return p.logs[log]
	}
	return crdt.Hash{}
}

// identity names a peer by what it proved, the same for every link and address
// of one device; by its peer ID if it proved nothing.
func (d *doors) identity(id peer.ID) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.peers[id]
	if p == nil || len(p.logs) == 0 {
		return string(id)
	}
	least := slices.MinFunc(slices.Collect(maps.Values(p.logs)), crdt.Hash.Compare)
	return string(least[:])
}

// await waits until a peer has proved something, its link ends, or ctx is done.
func (d *doors) await(ctx context.Context, id peer.ID) error {
	d.mu.Lock()
	p := d.doorLocked(id)
	p.waiting++
	lost := p.lost
	defer func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if p.waiting--; p.waiting == 0 && len(p.logs) == 0 && d.peers[id] == p {
			delete(d.peers, id)
		}
	}()
	for {
		in, gone, changed := len(p.logs) > 0, p.lost != lost, p.changed
		d.mu.Unlock()
		if in {
			return nil
		}
		if gone {
			return errStranger
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		d.mu.Lock()
	}
}
