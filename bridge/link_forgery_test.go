package bridge_test

import (
	"bytes"
	"crypto/ed25519"
	"strings"
	"testing"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/bridge/wire"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// flip returns a copy of an envelope with one bit changed, counted from its end.
func flip(envelope []byte, fromEnd int) []byte {
	b := bytes.Clone(envelope)
	b[len(b)-fromEnd] ^= 1
	return b
}

// Forged in every way and published by a page that has a right of its own, no
// envelope is taken, each for its reason; who goes on is sent away.
func TestPageForges(t *testing.T) {
	f := newFake(t)
	addr, tokens := servePages(t, f, bridge.GuestsNone)
	id := f.log.ID()
	p := browse(t, addr, token(t, tokens, f, access.Scorer))
	p.send(&wire.Follow{ID: 1, Match: id, Format: wire.Signed, FromNow: true})
	key := enrolled(p, id, await[*wire.Following](p).Grant)
	victim := f.scorer(t)
	watcher := f.joined(t, access.Spectator)
	relay := f.joined(t, access.Relay)
	honest := key.sign(t, id, "honest").Envelope()
	by := func(k pageKey) []byte {
		k.chain, k.clock = crdt.NewChain(), crdt.NewClock(nil)
		return k.sign(t, id, "forged").Envelope()
	}
	mine, theirs := crdt.Key(key.key.Public().(ed25519.PublicKey)), victim.Device()
	wrongKey := bytes.Replace(by(pageKey{key: key.key, grant: victim.Grant}), mine[:], theirs[:], 1)
	for _, c := range []struct {
		name     string
		envelope []byte
		want     string
	}{
		{"unsigned", append(bytes.Clone(honest[:len(honest)-64]), make([]byte, 64)...), "signature"},
		{"wrong key", wrongKey, "signature"},
		{"another's right", by(pageKey{key: key.key, grant: victim.Grant}), "forbidden"},
		{"a watcher", by(pageKey{key: watcher.Key(), grant: watcher.Grant}), "forbidden"},
		{"a relay", by(pageKey{key: relay.Key(), grant: relay.Grant}), "forbidden"},
		{"other match", key.sign(t, crdt.LogID{9}, "elsewhere").Envelope(), "other-match"},
		{"body changed", flip(honest, 67), "signature"},
		{"signature changed", flip(honest, 1), "signature"},
		{"longer length prefix", append(append(bytes.Clone(honest[:len(honest)-66]), 0x59, 0, 64), honest[len(honest)-64:]...), "malformed"},
		{"a byte more", append(bytes.Clone(honest), 0), "malformed"},
	} {
		p.send(&wire.Publish{ID: 7, Envelope: c.envelope})
		if no := await[*wire.Problem](p); no.Name != c.want {
			t.Errorf("%s: %s %s, want %s", c.name, no.Name, no.Detail, c.want)
		}
	}
	p.send(&wire.Publish{ID: 8, Envelope: honest})
	if ack := await[*wire.Ack](p); ack.Status != wire.New {
		t.Errorf("the honest one: %+v", ack)
	}
	d, _, err := f.log.Digest()
	if err != nil || d[crdt.Events].Count() != 1 {
		t.Errorf("%d events, %v", d[crdt.Events].Count(), err)
	}
	for range 20 { // with those before, more than is borne
		p.send(&wire.Publish{ID: 9, Envelope: flip(honest, 1)})
		if _, ended := waitProblem(p); ended != nil {
			if !strings.HasPrefix(ended.Error(), "closed with 4429") {
				t.Error(ended)
			}
			return
		}
	}
	t.Error("a forger is not sent away")
}

// waitProblem returns the next problem, or why the connection ended.
func waitProblem(b *browser) (*wire.Problem, error) {
	for {
		f, err := b.next()
		if err != nil {
			return nil, err
		}
		if no, ok := f.(*wire.Problem); ok {
			return no, nil
		}
	}
}

// A draft with private fields is concealed on this path, too.
func TestPagePrivate(t *testing.T) {
	f := newFake(t)
	addr, _ := servePages(t, f, bridge.GuestsRecord)
	p := browse(t, addr, "")
	draft := `{"matchId":"` + f.log.ID().String() + `","type":"goal","teamId":"home","private":{"scorer":7}}`
	p.send(&wire.Publish{ID: 1, Draft: []byte(draft)})
	if no := await[*wire.Problem](p); no.Name != "malformed" || !strings.Contains(no.Detail, "injuries") {
		t.Errorf("%+v", no)
	}
	draft = `{"matchId":"` + f.log.ID().String() + `","type":"injury","teamId":"home","data":{"player":7},"private":{"area":"head"}}`
	p.send(&wire.Publish{ID: 2, Draft: []byte(draft)})
	await[*wire.Ack](p)
	if d := f.drafted; d == nil || d.Private == nil || !d.Private.Must || d.Private.Child != "7" || d.Private.Teams[0] != "home" || d.Private.Stub != "play.stopped" {
		t.Errorf("%+v", d)
	}
}
