package bridge

import (
	"encoding/json"
	"errors"
	"sync/atomic"

	"touchline.dev/touchline/bridge/fanout"
	"touchline.dev/touchline/bridge/wire"
	"touchline.dev/touchline/crdt"
)

const (
	catchUpAtOnce = 256       // entries read together
	catchUpAhead  = 128 << 10 // bytes that may wait for the page meanwhile
	eventsRoom    = 64        // of an events frame, for what is not events
	itemRoom      = 16        // of one event in it
)

// follow is a match that a page follows.
type follow struct {
	page   *page
	log    *crdt.Log
	format wire.Format
	maker  maker
	ended  atomic.Bool
	sub    atomic.Pointer[fanout.Subscription]
}

// end stops it; what is on its way may still arrive.
func (f *follow) end() {
	f.ended.Store(true)
	if sub := f.sub.Swap(nil); sub != nil {
		sub.Leave()
	}
}

// Deliver implements fanout.Sink.
func (f *follow) Deliver(b *fanout.Batch) bool {
	f.page.pages.metrics.delivered.Add(1)
	return f.page.link.Deliver(b)
}

// Left implements fanout.Leaver: the page comes again and begins anew.
func (f *follow) Left() {
	f.page.bye(&byeError{"lost", 503, "the events of a match cannot be read now"})
}

// follow begins to send the events of a match.
func (p *page) follow(f *wire.Follow) error {
	log, err := p.pages.server.backend.Log(f.Match)
	if err != nil {
		return err
	}
	p.mu.Lock()
	caller := p.state.in(f.Match)
	p.mu.Unlock()
	fl := &follow{page: p, log: log, format: f.Format, maker: p.maker(f.Format, log, caller)}
	_, last, err := log.Counts()
	if err != nil {
		return err
	}
	out := &wire.Following{ID: f.ID, Match: f.Match, Format: f.Format, Grant: p.pages.ownGrant(f.Match)}
	from := last
	if !f.FromNow {
		from, out.Restart, err = p.pages.resume(f, p.pages.server.lensOf(caller, log), last)
	}
	if err == nil {
		out.After, err = fl.maker.place(from)
	}
	if err != nil {
		return err
	}
	if f.Format == wire.Signed {
		secret := p.pages.secret(f.Match)
		out.Secret = secret[:]
	}
	if !p.enter(fl) {
		return nil
	}
	p.send(out)
	go fl.catchUp(from)
	return nil
}

// resume is where a page goes on that has followed the match before. restart: what it
// had is no place here, and it begins at the beginning.
func (ps *pages) resume(f *wire.Follow, l *lens, last crdt.Arrival) (from crdt.Arrival, restart bool, err error) {
	if len(f.Store) == 0 {
		return 0, false, nil
	}
	from, ok, err := l.arrived(f.After, last)
	if err != nil || !ok || crdt.StoreID(f.Store) != ps.server.backend.StoreID() {
		return 0, true, err
	}
	return from, false, nil
}

// enter replaces what the page followed; false: the page has gone.
func (p *page) enter(fl *follow) bool {
	p.mu.Lock()
	if p.over {
		p.mu.Unlock()
		return false
	}
	if p.state.follows == nil {
		p.state.follows = map[crdt.LogID]*follow{}
	}
	old := p.state.follows[fl.log.ID()]
	p.state.follows[fl.log.ID()] = fl
	p.mu.Unlock()
	if old != nil {
		old.end()
	}
	return true
}

func (p *page) unfollow(id crdt.LogID) {
	p.mu.Lock()
	old := p.state.follows[id]
	delete(p.state.follows, id)
	delete(p.acked, id)
	p.mu.Unlock()
	if old != nil {
		old.end()
	}
}

// ownGrant is this device's right in a match.
func (ps *pages) ownGrant(id crdt.LogID) crdt.Hash {
	for _, m := range ps.server.backend.Matches() {
		if m.ID == id {
			return m.Grant
		}
	}
	return crdt.Hash{}
}

// catchUp sends what the page missed and then makes it a reader of the live
// stream.
func (f *follow) catchUp(at crdt.Arrival) {
	hub := f.page.pages.hub
	for !f.ended.Load() && f.page.link.Await(catchUpAhead) {
		next, err := f.piece(at)
		if err == nil && next == at {
			var sub *fanout.Subscription
			if sub, next, err = hub.Join(f.log, at, f.maker.format, f); sub != nil {
				f.joined(sub, next)
				return
			}
		}
		if err != nil {
			f.failed(err)
			return
		}
		at = next
	}
}

func (f *follow) failed(err error) {
	if !errors.Is(err, fanout.ErrClosed) {
		f.page.pages.server.log.Warn("catch up", "match", f.log.ID().Short(), "err", err)
		f.Left()
	}
}

func (f *follow) joined(sub *fanout.Subscription, at crdt.Arrival) {
	f.sub.Store(sub)
	if f.ended.Load() {
		f.end()
		return
	}
	told, err := f.maker.place(at)
	if err != nil {
		f.failed(err)
		return
	}
	f.page.send(&wire.Caught{Match: f.log.ID(), Arrival: told})
}

// piece sends the next entries and returns how far it came.
func (f *follow) piece(at crdt.Arrival) (crdt.Arrival, error) {
	f.page.pages.catching <- struct{}{} // so that a crowd that returns does not hold the memory of all
	defer func() { <-f.page.pages.catching }()
	entries, err := f.log.Since(at, catchUpAtOnce)
	if err != nil || len(entries) == 0 {
		return at, err
	}
	items, err := f.maker.items(entries)
	if err != nil {
		return at, err
	}
	for _, frame := range packed(f.log.ID(), items) {
		if !f.page.send(frame) {
			return at, nil
		}
	}
	return entries[len(entries)-1].Arrival, nil
}

// packed puts events into as few frames as they fit.
func packed(id crdt.LogID, items []wire.Item) (frames []*wire.Events) {
	size := 0
	for _, it := range items {
		n := len(it.Bytes) + itemRoom
		if len(frames) == 0 || size+n > wire.MaxFrame-eventsRoom {
			frames, size = append(frames, &wire.Events{Match: id}), 0
		}
		last := frames[len(frames)-1]
		last.Items, size = append(last.Items, it), size+n
	}
	return frames
}

// maker makes what a page gets of events: one for all pages that see the same.
type maker struct {
	format fanout.Format
	items  func([]crdt.Entry) ([]wire.Item, error)  // of one page, when it catches up
	place  func(crdt.Arrival) (crdt.Arrival, error) // as the page is told it; from any goroutine
}

type formatKey struct {
	framing string
	format  wire.Format
	seer    Caller // as far as it decides what is seen; zero: whole envelopes
}

func (p *page) maker(format wire.Format, log *crdt.Log, caller Caller) maker {
	if format == wire.Signed {
		same := func(at crdt.Arrival) (crdt.Arrival, error) { return at, nil }
		return p.framing.maker(formatKey{format: format}, log.ID(), maker{items: signedItems, place: same}, liveFrame)
	}
	l := p.pages.server.lensOf(caller, log)
	place := func(at crdt.Arrival) (crdt.Arrival, error) {
		l := p.pages.server.lensOf(caller, log)
		err := l.focus()
		return l.arrival(at), err
	}
	to := caller.audience()
	key := formatKey{format: format, seer: Caller{Role: to.role, Team: to.team, Child: to.child, Grant: to.grant}}
	return p.framing.maker(key, log.ID(), maker{items: l.items, place: place}, viewFrame)
}

// maker adds the format. Who is told no places of what is hidden is not told either that
// something hidden has come.
func (fr framing) maker(key formatKey, id crdt.LogID, m maker, frame func(crdt.LogID, wire.Item) wire.Frame) maker {
	key.framing = fr.name
	shown := false // something, since the last Caught
	m.format = fanout.Format{Key: key, Encode: func(t fanout.Turn) (b fanout.Batch, err error) {
		list, err := m.items(t.Entries)
		if err != nil {
			return b, err
		}
		for _, it := range list {
			fr.add(&b, frame(id, it))
		}
		shown = shown || len(list) > 0
		if t.Caught > 0 {
			at, err := m.place(t.Caught)
			if err != nil {
				return b, err
			}
			if shown || at&toldPlaces == 0 {
				fr.add(&b, &wire.Caught{Match: id, Arrival: at})
			}
			shown = false
		}
		return b, nil
	}}
	return m
}

func (fr framing) add(b *fanout.Batch, f wire.Frame) {
	m := wire.Encode(f)
	b.Add(fr.header(nil, len(m)), m)
}

func liveFrame(_ crdt.LogID, it wire.Item) wire.Frame {
	return &wire.Live{Arrival: it.Arrival, Envelope: it.Bytes}
}

func viewFrame(id crdt.LogID, it wire.Item) wire.Frame {
	return &wire.View{Match: id, Arrival: it.Arrival, JSON: it.Bytes}
}

// signedItems are the envelopes of all sets.
func signedItems(entries []crdt.Entry) (items []wire.Item, err error) {
	for _, en := range entries {
		if en.Event != nil {
			items = append(items, wire.Item{Arrival: en.Arrival, Bytes: en.Event.Envelope()})
		}
	}
	return items, nil
}

// maxView is the longest event in JSON that fits a frame.
const maxView = wire.MaxFrame - eventsRoom - itemRoom

// items are the events as the lens shows them.
func (l *lens) items(entries []crdt.Entry) (items []wire.Item, err error) {
	if len(entries) > 0 {
		if err := l.focus(); err != nil {
			return nil, err
		}
	}
	for _, en := range entries {
		if !shown(en) {
			continue
		}
		e, ok := l.show(en.Event)
		if !ok {
			continue
		}
		b, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		if len(b) > maxView {
			b = []byte{}
		}
		items = append(items, wire.Item{Arrival: l.arrival(en.Arrival), Bytes: b})
	}
	return items, nil
}
