package bridge_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"testing"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/bridge/wire"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/crdt/recon"
)

// replica is a page's copy of a match.
type replica struct {
	b      *browser
	log    *crdt.Log
	secret []byte
	number uint32
}

func newReplica(b *browser, id crdt.LogID, secret []byte) *replica {
	b.t.Helper()
	log, err := crdt.OpenLog(crdt.NewMemStore(), id, access.NewControl(id), nil, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return &replica{b: b, log: log, secret: secret}
}

func (r *replica) digests() (d recon.Digests) {
	r.b.t.Helper()
	digests, _, err := r.log.Digest()
	if err != nil {
		r.b.t.Fatal(err)
	}
	for i := range digests {
		d.Sums[i], d.Counts[i] = digests[i].Sum(), digests[i].Count()
	}
	return d
}

// compare runs a session to its end and reports whether the node proved at its
// beginning, and at its end, to hold what the page held then.
func (r *replica) compare() (before, after bool, got int) {
	t, b := r.b.t, r.b
	t.Helper()
	r.number++
	var nonce recon.Nonce
	rand.Read(nonce[:])
	b.send(&wire.Compare{Session: r.number, Match: r.log.ID(), Nonce: nonce})
	c := await[*wire.Compared](b)
	store := b.node
	tags := recon.NewTagKey(r.secret)
	theirs := func() recon.Tag { return recon.NewTag(tags, nonce, store[:], r.digests()) }
	ours := func() recon.Tag { return recon.NewTag(tags, c.Nonce, b.store[:], r.digests()) }
	if c.Tag == theirs() {
		b.send(&wire.Equal{Session: r.number, Tag: ours()})
		return true, true, 0
	}
	cfg := recon.Config{
		Role: recon.Initiator, Key: recon.NewSessionKey(r.secret, nonce, c.Nonce), Digests: r.digests(), Elements: r.log.Elements,
	}
	for _, set := range crdt.Sets {
		x := recon.NewIndex(recon.IndexKey(r.secret, set))
		if err := r.log.Elements(set, crdt.Element{}, func(e crdt.Element) bool { x.Insert(recon.NameOf(e)); return true }); err != nil {
			t.Fatal(err)
		}
		cfg.Snapshots[set] = x.Snapshot()
	}
	s := recon.New(cfg)
	out, err := s.Start()
	finSent, finGot := false, false
	obey := func() {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range out.Reply {
			b.send(&wire.Recon{Session: r.number, Frame: m})
		}
		for _, it := range out.Send {
			elements, _ := r.log.Find(it.Set, it.Name.Time, it.Name.Prefix[:])
			for _, el := range elements {
				e, _ := r.log.Event(el.Hash)
				b.send(&wire.Bodies{Session: r.number, Envelopes: [][]byte{e.Envelope()}})
			}
		}
		if out.Done && !finSent {
			finSent = true
			b.send(&wire.Fin{Session: r.number})
		}
		out = recon.Output{}
	}
	obey()
	for !finSent || !finGot {
		f, failed := b.next()
		if failed != nil {
			t.Fatal(failed)
		}
		switch f := f.(type) {
		case *wire.Recon:
			out, err = s.Step(f.Frame)
			obey()
		case *wire.Bodies:
			for _, o := range r.log.Admit(context.Background(), "node", f.Envelopes...) {
				got++
				if errors.Is(o.Err, crdt.ErrNoGrant) {
					continue // newest first: it waits for the one before
				}
				if o.Err != nil {
					t.Fatal(o.Err)
				}
				s.Got(recon.Item{Set: o.Event.Set, Name: recon.NameOf(o.Event.Element())})
			}
		case *wire.Fin:
			finGot = true
		case *wire.Problem:
			t.Fatalf("%+v", f)
		}
	}
	b.send(&wire.Proof{Session: r.number, Tag: ours(), Arrival: 1})
	return false, await[*wire.Proof](b).Tag == theirs(), got
}

// A page that has nothing, one that has more, and one that has the same, all end
// equal to the node, in one session.
func TestPageReconciles(t *testing.T) {
	f := newFake(t)
	addr, tokens := servePages(t, f, bridge.GuestsNone)
	id := f.log.ID()
	p := browse(t, addr, token(t, tokens, f, access.Scorer))
	for i := range 120 {
		p.send(&wire.Publish{ID: uint32(i + 1), Draft: draftOf(f, fmt.Sprint("event ", i))})
		if i%50 == 49 || i == 119 {
			for range min(50, i%50+1) {
				await[*wire.Ack](p)
			}
		}
	}
	p.send(&wire.Follow{ID: 1, Match: id, Format: wire.Signed, FromNow: true})
	began := await[*wire.Following](p)
	key := enrolled(p, id, began.Grant)
	p.send(&wire.Unfollow{ID: 1, Match: id}, &wire.Follow{ID: 2, Match: id, Format: wire.Signed, FromNow: true})
	await[*wire.Done](p)
	await[*wire.Following](p)
	r := newReplica(p, id, began.Secret)
	if before, after, got := r.compare(); before || !after || got != 122 {
		t.Errorf("an empty page: %v, %v, got %d", before, after, got)
	}
	if before, _, _ := r.compare(); !before {
		t.Error("not equal at once")
	}
	var own []*crdt.Event
	for i := range 40 {
		e := key.sign(t, id, fmt.Sprint("offline ", i))
		own = append(own, e)
		if o := r.log.Admit(t.Context(), "", e.Envelope())[0]; o.Err != nil {
			t.Fatal(o.Err)
		}
	}
	p.send(&wire.Publish{ID: 500, Draft: draftOf(f, "meanwhile")})
	await[*wire.Ack](p)
	if before, after, got := r.compare(); before || !after || got != 1 {
		t.Errorf("a page with more: %v, %v, got %d", before, after, got)
	}
	for _, e := range own {
		if _, err := f.log.Event(e.Hash); err != nil {
			t.Fatal("recorded offline and lost:", err)
		}
	}
}

// A page that lies about its sets is told so, and one that talks nonsense in a
// session loses the session and not the connection.
func TestPageLiesInSession(t *testing.T) {
	f := newFake(t)
	addr, tokens := servePages(t, f, bridge.GuestsNone)
	id := f.log.ID()
	p := browse(t, addr, token(t, tokens, f, access.Scorer))
	p.send(&wire.Follow{ID: 1, Match: id, Format: wire.Signed, FromNow: true})
	await[*wire.Following](p)
	for session, lie := range map[uint32]wire.Frame{
		1: &wire.Equal{Session: 1}, 2: &wire.Recon{Session: 2, Frame: []byte("nonsense")},
		3: &wire.Proof{Session: 3}, 4: &wire.Bodies{Session: 4, Envelopes: [][]byte{[]byte("nonsense")}},
	} {
		p.send(&wire.Compare{Session: session, Match: id}, lie)
		await[*wire.Compared](p)
		if no := await[*wire.Problem](p); no.Session != session {
			t.Errorf("%d: %+v", session, no)
		}
		p.send(lie, &wire.Ping{Number: 1}) // late
		await[*wire.Pong](p)
	}
	for i := range uint32(5) {
		p.send(&wire.Compare{Session: 10 + i, Match: id})
	}
	if no := await[*wire.Problem](p); no.Session != 14 || no.Name != "busy" {
		t.Errorf("%+v", no)
	}
}
