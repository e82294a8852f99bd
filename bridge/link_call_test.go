package bridge_test

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/bridge/wire"
	"touchline.dev/touchline/crdt/access"
)

// call opens a data channel over a page's WebSocket, with candidates one by one,
// as a browser does.
func (b *browser) call(label string) *browser {
	b.t.Helper()
	var e webrtc.SettingEngine
	e.SetIncludeLoopbackCandidate(true)
	conn, err := webrtc.NewAPI(webrtc.WithSettingEngine(e)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { conn.Close() })
	dc, err := conn.CreateDataChannel(label, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	c := &browser{t: b.t, channel: dc, got: make(chan []byte, 1000), store: b.store}
	open := make(chan struct{})
	var closing sync.Once
	dc.OnOpen(func() { close(open) })
	dc.OnMessage(func(m webrtc.DataChannelMessage) { c.got <- m.Data })
	dc.OnClose(func() { closing.Do(func() { close(c.got) }) })
	candidates := make(chan string, 100)
	conn.OnICECandidate(func(i *webrtc.ICECandidate) {
		if i != nil {
			text, _ := json.Marshal(i.ToJSON())
			candidates <- string(text)
		}
	})
	offer, err := conn.CreateOffer(nil)
	if err == nil {
		err = conn.SetLocalDescription(offer)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	b.send(&wire.Offer{ID: 700, SDP: offer.SDP})
	answer := await[*wire.Answer](b)
	if err := conn.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer.SDP}); err != nil {
		b.t.Fatal(err)
	}
	late := time.After(time.Minute)
	for {
		select {
		case text := <-candidates:
			b.send(&wire.Candidate{ID: 700, Candidate: text})
		case <-open:
			return c
		case <-late:
			b.t.Fatal("the channel does not open")
		}
	}
}

// A data channel is who its WebSocket is, carries the same frames, and lives on
// without it.
func TestPageCalls(t *testing.T) {
	f := newFake(t)
	addr, tokens := servePages(t, f, bridge.GuestsNone)
	id := f.log.ID()
	first := browse(t, addr, token(t, tokens, f, access.Scorer))
	c := first.call("touchline.v1")
	first.conn.Close()
	h := &wire.Hello{Version: 1, Store: c.store}
	rand.Read(h.Nonce[:])
	c.send(h)
	if w := await[*wire.Welcome](c); w.Role != access.Scorer || w.Store != f.StoreID() {
		t.Errorf("%+v", w)
	}
	c.node = f.StoreID()
	for i := range uint32(40) {
		c.send(&wire.Publish{ID: i + 1, Draft: draftOf(f, fmt.Sprint("event ", i))})
	}
	for range 40 {
		await[*wire.Ack](c)
	}
	c.send(&wire.Follow{ID: 100, Match: id, Format: wire.Signed, FromNow: true})
	began := await[*wire.Following](c)
	await[*wire.Caught](c)
	r := newReplica(c, id, began.Secret)
	if _, equal, got := r.compare(); !equal || got != 41 {
		t.Errorf("equal %v, got %d", equal, got)
	}
	c.send(&wire.Publish{ID: 101, Draft: draftOf(f, "live")})
	ack := await[*wire.Ack](c)
	if live := await[*wire.Live](c); live.Arrival != ack.Arrival {
		t.Errorf("%+v, %+v", ack, live)
	}
	c.send(&wire.Done{ID: 1})
	if bye := await[*wire.Bye](c); bye.Reason != "malformed" {
		t.Errorf("%+v", bye)
	}
	if frame, err := c.next(); err == nil {
		t.Errorf("after bye: %v", frame)
	}
}

// Calls that come to nothing are answered, and strangers cannot call.
func TestPageMayNotCall(t *testing.T) {
	f := newFake(t)
	addr, tokens := servePages(t, f, bridge.GuestsNone)
	stranger := browse(t, addr, "")
	stranger.send(&wire.Offer{ID: 1, SDP: "v=0"})
	if no := await[*wire.Problem](stranger); no.Name != "token" || no.ID != 1 {
		t.Errorf("%+v", no)
	}
	p := browse(t, addr, token(t, tokens, f, access.Scorer))
	for _, sent := range []wire.Frame{&wire.Offer{ID: 2, SDP: "v=0"}, &wire.Candidate{ID: 2, Candidate: "{}"}} {
		p.send(sent)
		if no := await[*wire.Problem](p); no.Name != "malformed" || no.ID != 2 {
			t.Errorf("%+v", no)
		}
	}
}
