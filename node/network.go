package node

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	libnet "github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/pubsub"
)

// network is a node's presence among its peers while Run runs. One loop owns
// what is decided; goroutines that talk to peers post inputs to it.
type network struct {
	node    *Node           // immutable
	log     *slog.Logger    // immutable
	host    host.Host       // immutable
	gate    *gate           // immutable
	router  *pubsub.Router  // immutable
	inbox   chan input      // immutable
	stopped chan struct{}   // closed when the loop has ended
	ctx     context.Context // ends when the loop does
	began   time.Time       // immutable; of the common beat

	spawned  sync.WaitGroup
	fleeting sync.Map // peer.ID of peers whose store keeps nothing
	stores   sync.Map // peer.ID → crdt.StoreID, as told last
	shared   sync.Map // peer.ID → []*replica: logs that both ends follow
	doors    *doors   // which logs each peer proved
	offences *budget  // by device

	// Owned by the loop.
	book     *dialBook
	plan     *syncPlan
	links    map[peer.ID]*linkState
	minded   time.Time // when the neighbours were looked at
	enoughAt time.Time // when each log had neighbours enough, or the loop began
	madeRoom time.Time // when a link was given up for others
	// meetAgain says that regather is on its way.
	meetAgain bool
}

// linkState is what the loop knows of a connected peer.
type linkState struct {
	ctx     context.Context
	cancel  context.CancelFunc // ends ctx and with it the goroutines of the link
	inbound bool
	proven  bool          // a log is shared; before, nothing but the proof happens
	answers chan struct{} // the peer's beats, to be answered; nil if we dialled
	logs    map[crdt.LogID]bool
	// resting are logs that the peer has and does not follow live.
	resting map[crdt.LogID]bool
	last    exchangeReport // of the latest exchange, either way
	lastOK  time.Time
	tag     [tagSize]byte // of the peer's latest beat
	own     [tagSize]byte // what we would have answered
	deaf    time.Time     // since when a shared topic lacks the peer; zero if none does
}

// Run takes part in the network until ctx is done, then drains and returns
// nil, or returns why it could not. It may be called once at a time.
func (n *Node) Run(ctx context.Context) error {
	gate := &gate{}
	if !n.cfg.Public {
		gate.most = maxInbound
	}
	h, err := newHost(n.cfg, gate)
	if err != nil {
		return err
	}
	defer h.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	random := rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	w := &network{
		node: n, log: n.cfg.Log, host: h, gate: gate, ctx: ctx,
		inbox:    make(chan input, 256),
		stopped:  make(chan struct{}),
		began:    time.Now(),
		book:     newDialBook(h.ID(), random),
		plan:     newSyncPlan(random),
		links:    map[peer.ID]*linkState{},
		doors:    newDoors(),
		offences: newBudget(offending),
	}
	if w.router, err = pubsub.New(ctx, &provenHost{h, w.doors}, pubsub.Config{Log: n.cfg.Log, Public: n.cfg.Public, Member: w.onTopic, OnDrop: w.dropped}); err != nil {
		return err
	}
	defer w.router.Close()
	if err := w.start(ctx); err != nil {
		if ctx.Err() != nil {
			err = nil // told to stop before it was up
		}
		cancel()
		w.spawned.Wait()
		return err
	}
	err = w.run(ctx)
	n.net.Store(nil)
	cancel()
	for _, r := range n.allReplicas() {
		if t := r.topic.Swap(nil); t != nil {
			t.Close()
		}
	}
	n.outgoing.wait()
	w.router.Close() // before the host
	h.Close()
	w.spawned.Wait()
	return err
}

// start registers handlers, subscribes and begins discovery.
func (w *network) start(ctx context.Context) error {
	w.host.Network().Notify(&libnet.NotifyBundle{ConnectedF: w.onConnected, DisconnectedF: w.onDisconnected})
	w.host.SetStreamHandler(memberProtocol, func(s libnet.Stream) { w.serveMeeting(ctx, s) })
	members := &provenHost{w.host, w.doors}
	members.SetStreamHandler(beatProtocol, func(s libnet.Stream) { w.receiveBeats(ctx, s) })
	members.SetStreamHandler(syncProtocol, func(s libnet.Stream) { w.serveExchange(ctx, s) })
	n := w.node
	n.mu.Lock()
	for _, id := range n.roster.live {
		r, err := n.openLocked(id)
		if err == nil {
			err = w.subscribe(r)
		}
		if err != nil {
			n.mu.Unlock()
			return err
		}
	}
	n.net.Store(w)
	n.mu.Unlock()
	now := time.Now()
	w.remember(now)
	if err := w.given(now); err != nil {
		return err
	}
	w.spawn(func() { w.discover(ctx) })
	w.spawn(func() { n.tendAll(ctx) })
	if n.cfg.Keep > 0 {
		w.spawn(func() { n.retain(ctx) })
	}
	select {
	case <-n.ready:
	default:
		close(n.ready)
	}
	w.log.Info("node is up", "peer", w.host.ID(), "addrs", w.host.Addrs())
	return nil
}

// run is the network's only loop; it owns book, plan and links.
func (w *network) run(ctx context.Context) error {
	defer close(w.stopped)
	timer := time.NewTimer(0)
	defer timer.Stop()
	w.enoughAt = time.Now()
	for {
		select {
		case <-ctx.Done():
			return nil
		case in := <-w.inbox:
			w.step(ctx, in)
		case <-timer.C:
		}
		now := time.Now()
		w.mind(now)
		for _, c := range w.book.due(now) {
			w.dial(ctx, peer.AddrInfo{ID: c.id, Addrs: c.addrs})
		}
		for _, nx := range w.plan.due(now) {
			w.beginExchange(ctx, nx)
		}
		timer.Reset(w.pause(now))
	}
}

func (w *network) pause(now time.Time) time.Duration {
	at := now.Add(time.Minute)
	for _, t := range []time.Time{w.book.wake(now), w.plan.wake()} {
		if !t.IsZero() {
			at = earliest(at, t)
		}
	}
	return max(at.Sub(now), 10*time.Millisecond)
}

func (w *network) step(ctx context.Context, in input) {
	now := time.Now()
	switch in := in.(type) {
	case found:
		if in.from == fromConnection && w.links[in.info.ID] == nil {
			return // gone meanwhile
		}
		w.book.found(now, in.info, in.from)
	case linked:
		w.up(ctx, now, in)
	case unlinked:
		w.down(now, in.id)
	case dialled:
		if in.err != nil {
			w.failedDial(now, in)
		} else if w.links[in.id] == nil {
			w.book.failed(now, in.id, errors.New("connection closed at once"))
		}
	case met:
		w.met(ctx, now, in)
	case followed:
		w.followed(ctx, now, in)
	case regather:
		w.regather(ctx)
	case offended:
		w.offended(now, in)
	case cut:
		w.endRight(now, in)
	case beaten:
		w.beat(now, in)
	case echoed:
		if c := w.book.peers[in.id]; c != nil {
			c.rtt = in.rtt
		}
	case asked:
		if in.id == "" {
			w.plan.triggerAll(now, in.why)
		} else {
			w.plan.trigger(now, in.id, in.why)
		}
	case synced:
		w.plan.finished(now, in.id, in.err, in.rep.moved(), in.rep.Equal())
		w.noteExchange(now, in.id, in.rep, in.err)
	case servingSync:
		w.plan.serving(in.id, in.begins)
	case servedSync:
		w.plan.served(in.id)
		w.noteExchange(now, in.id, in.rep, nil)
	case readdressed:
		w.book.networkChanged(now)
		w.plan.triggerAll(now, becauseNetwork)
	case inspect:
		in.f()
		close(in.done)
	}
}

func (w *network) up(ctx context.Context, now time.Time, in linked) {
	if !w.connected(in.id) {
		return
	}
	if !in.inbound {
		w.greet(ctx, in.id)
	}
	if w.links[in.id] != nil {
		return
	}
	w.log.Info("peer connected", "peer", in.id, "inbound", in.inbound)
	link := &linkState{inbound: in.inbound, logs: map[crdt.LogID]bool{}, resting: map[crdt.LogID]bool{}}
	link.ctx, link.cancel = context.WithCancel(ctx)
	if in.inbound {
		link.answers = make(chan struct{}, 1)
	}
	w.links[in.id] = link
	w.book.connected(now, in.id, in.inbound)
	if w.doors.proven(in.id) { // the meeting was over before this came
		w.enter(ctx, now, in.id, link)
		return
	}
	w.spawn(func() { w.expectProof(link.ctx, in.id) })
}

func (w *network) down(now time.Time, id peer.ID) {
	link := w.links[id]
	if link == nil || w.host.Network().Connectedness(id) == libnet.Connected {
		return
	}
	w.log.Info("peer gone", "peer", id)
	link.cancel()
	w.doors.close(id)
	if link.proven && link.inbound {
		w.gate.members.Add(-1)
	}
	w.shared.Delete(id)
	delete(w.links, id)
	w.book.lost(now, id)
	w.plan.lost(id)
	if _, left := w.fleeting.LoadAndDelete(id); left {
		w.book.forget(id)
	}
}

func (w *network) noteExchange(now time.Time, id peer.ID, rep exchangeReport, err error) {
	link := w.links[id]
	if link == nil {
		return
	}
	if err != nil {
		link.last.Err = err.Error()
		return
	}
	link.last, link.lastOK = rep, now
	w.share(id, rep.Logs)
	clear(link.logs)
	clear(link.resting)
	for _, l := range rep.Logs {
		if !l.Retired {
			link.logs[l.Log] = true
		}
		link.resting[l.Log] = l.Resting
	}
}

// beat compares a heartbeat's proof with what we hold of the logs we share, and
// notes equality.
func (w *network) beat(now time.Time, in beaten) {
	link := w.links[in.id]
	if link == nil {
		return
	}
	select {
	case link.answers <- struct{}{}:
	default:
	}
	logs := w.sharedWith(in.id)
	var digests []crdt.Hash
	for _, r := range logs {
		digests = append(digests, r.digest())
	}
	own := beatTag(in.nonce, in.id, logs)
	same := in.tag == own
	if same {
		for i, r := range logs {
			w.proved(r, in.id, digests[i], now)
		}
	}
	w.plan.beat(now, in.id, same, in.tag != link.tag || own != link.own)
	link.tag, link.own = in.tag, own
	w.checkGossip(now, in.id)
}

// checkGossip hangs up on a peer that follows a log with us and yet stays
// missing from its topic: gossipsub lost its stream to that peer, and a peer
// announces its topics only once a connection.
func (w *network) checkGossip(now time.Time, id peer.ID) {
	link := w.links[id]
	if link == nil {
		return
	}
	for _, r := range w.sharedWith(id) {
		t := r.topic.Load()
		if t == nil || link.resting[r.log.ID()] || slices.Contains(t.Peers(), id) {
			continue
		}
		if link.deaf.IsZero() {
			link.deaf = now
		} else if now.Sub(link.deaf) > deafTimeout {
			w.log.Warn("peer is missing from a topic", "peer", id, "match", r.log.ID().Short())
			w.spawn(func() { w.hangUp(w.ctx, id, errDeaf) })
			link.deaf = now
		}
		return
	}
	link.deaf = time.Time{}
}

// spawn runs f in a goroutine that Run waits for.
func (w *network) spawn(f func()) {
	w.spawned.Add(1)
	go func() {
		defer w.spawned.Done()
		f()
	}()
}

// onConnected and onDisconnected are called by libp2p and must not block.
func (w *network) onConnected(_ libnet.Network, c libnet.Conn) {
	inbound := c.Stat().Direction == libnet.DirInbound
	if inbound {
		w.gate.inbound.Add(1)
	}
	w.spawn(func() { w.post(w.ctx, linked{c.RemotePeer(), inbound}) })
}

func (w *network) onDisconnected(_ libnet.Network, c libnet.Conn) {
	if c.Stat().Direction == libnet.DirInbound {
		w.gate.inbound.Add(-1)
	}
	w.spawn(func() { w.post(w.ctx, unlinked{c.RemotePeer()}) })
}

// dropped is told by gossip that something may have been lost.
func (w *network) dropped(_, why string) {
	w.log.Debug("gossip dropped", "why", why)
	w.spawn(func() { w.post(w.ctx, asked{why: becauseDropped}) })
}
