package bridge_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/bridge/wire"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

func draftOf(f *fake, id string) []byte {
	return fmt.Appendf(nil, `{"id":%q,"matchId":%q,"type":"note","data":{"text":%q}}`, id, f.log.ID(), id)
}

// A guest that may record sees what was missed and what comes, and is told where
// its events are.
func TestPageRecordsAndWatches(t *testing.T) {
	f := newFake(t)
	addr, _ := servePages(t, f, bridge.GuestsRecord)
	p := browse(t, addr, "")
	p.send(&wire.Publish{ID: 1, Draft: draftOf(f, "a")}, &wire.Publish{ID: 2, Draft: draftOf(f, "b")})
	first, second := await[*wire.Ack](p), await[*wire.Ack](p)
	if first.Status != wire.New || second.Status != wire.New || first.ID+second.ID != 3 {
		t.Errorf("%+v %+v", first, second)
	}
	if e, err := f.log.Event(first.Hash); err != nil || e.Hash != first.Hash {
		t.Error("acknowledged and not there:", err)
	}
	p.send(&wire.Publish{ID: 3, Draft: draftOf(f, "a")})
	if again := await[*wire.Ack](p); again.Status != wire.Same {
		t.Errorf("%+v", again)
	}
	p.send(&wire.Follow{ID: 4, Match: f.log.ID(), Format: wire.Redacted})
	if began := await[*wire.Following](p); began.Secret != nil || began.After != 0 || began.Grant != f.member.Grant {
		t.Errorf("%+v", began)
	}
	missed := await[*wire.Events](p)
	var e bridge.Event
	if len(missed.Items) != 2 || json.Unmarshal(missed.Items[0].Bytes, &e) != nil || e.Match != f.log.ID() || e.Type != "note" {
		t.Errorf("%d items, %+v", len(missed.Items), e)
	}
	caught := await[*wire.Caught](p)
	p.send(&wire.Publish{ID: 5, Draft: draftOf(f, "c")})
	if ack, view := await[*wire.Ack](p), await[*wire.View](p); view.Arrival <= caught.Arrival || json.Unmarshal(view.JSON, &e) != nil || e.Hash != ack.Hash {
		t.Errorf("%+v, %+v", ack, view)
	}
	if held := await[*wire.Held](p); held.Devices != 3 || !held.Relay {
		t.Errorf("%+v", held)
	}
	p.send(&wire.Unfollow{ID: 6, Match: f.log.ID()}, &wire.Ping{Number: 7})
	await[*wire.Done](p)
	if pong := await[*wire.Pong](p); pong.Number != 7 {
		t.Errorf("%+v", pong)
	}
}

// A page with a token has its own key let in, publishes what it signed itself,
// and proves the right at its next connection.
func TestPageWithItsOwnKey(t *testing.T) {
	f := newFake(t)
	addr, tokens := servePages(t, f, bridge.GuestsNone)
	id := f.log.ID()
	p := browse(t, addr, token(t, tokens, f, access.Scorer))
	p.send(&wire.Follow{ID: 1, Match: id, Format: wire.Signed, FromNow: true})
	began := await[*wire.Following](p)
	if len(began.Secret) != 32 {
		t.Errorf("%+v", began)
	}
	key := enrolled(p, id, began.Grant)
	if right, ok := f.control.Right(key.grant); !ok || right.Role != access.Scorer || right.NotAfter == 0 {
		t.Errorf("%+v", right)
	}
	e, alien := key.sign(t, id, "mine"), key.sign(t, id, "broken").Envelope()
	alien[len(alien)-1] ^= 1
	p.send(&wire.Publish{ID: 2, Envelope: e.Envelope()}, &wire.Publish{ID: 3, Envelope: e.Envelope()}, &wire.Publish{ID: 4, Envelope: alien}, &wire.Publish{ID: 5, Envelope: []byte("x")})
	for _, want := range []wire.Status{wire.New, wire.Same} {
		if ack := await[*wire.Ack](p); ack.Status != want || ack.Hash != e.Hash || ack.Arrival == 0 {
			t.Errorf("%+v, not %d", ack, want)
		}
	}
	got := []string{await[*wire.Problem](p).Name, await[*wire.Problem](p).Name}
	if slices.Sort(got); !slices.Equal(got, []string{"malformed", "signature"}) {
		t.Error(got)
	}
	live := await[*wire.Live](p)
	for !bytes.Equal(live.Envelope, e.Envelope()) { // the grant comes first
		live = await[*wire.Live](p)
	}
	again := browse(t, addr, "")
	again.send(&wire.Follow{ID: 1, Match: id, Format: wire.Signed})
	if no := await[*wire.Problem](again); no.Name != "token" || no.ID != 1 || no.Status != 401 {
		t.Errorf("%+v", no)
	}
	if proved := again.prove(id, key); proved.Role != access.Scorer {
		t.Errorf("%+v", proved)
	}
	again.send(&wire.Follow{ID: 2, Match: id, Format: wire.Signed})
	if await[*wire.Following](again); len(await[*wire.Events](again).Items) != 3 {
		t.Error("not the founding record, the grant and the event")
	}
}

// What a page may not do is answered, and the connection goes on.
func TestPageMayNot(t *testing.T) {
	f := newFake(t)
	addr, tokens := servePages(t, f, bridge.GuestsWatch)
	id, other := f.log.ID(), crdt.LogID{1}
	guest := browse(t, addr, "")
	family := browse(t, addr, token(t, tokens, f, access.Family))
	for i, c := range []struct {
		who  *browser
		sent wire.Frame
		want string
	}{
		{guest, &wire.Publish{ID: 1, Draft: draftOf(f, "x")}, "forbidden"},
		{guest, &wire.Follow{ID: 1, Match: id, Format: wire.Signed}, "forbidden"},
		{guest, &wire.Follow{ID: 1, Match: other, Format: wire.Redacted}, "not-found"},
		{guest, &wire.Enrol{ID: 1, Match: id}, "forbidden"},
		{guest, &wire.Prove{ID: 1, Match: id, Grant: f.member.Grant}, "proof"},
		{guest, &wire.Prove{ID: 1, Match: other, Grant: f.member.Grant}, "proof"},
		{guest, &wire.Compare{Session: 1, Match: id}, "not-followed"},
		{family, &wire.Follow{ID: 1, Match: id, Format: wire.Signed}, "forbidden"},
		{family, &wire.Follow{ID: 1, Match: other, Format: wire.Redacted}, "other-match"},
		{family, &wire.Publish{ID: 1, Draft: []byte("{")}, "malformed"},
		{family, &wire.Publish{ID: 1, Draft: draftOf(f, "x")}, "forbidden"},
	} {
		c.who.send(c.sent)
		if p := await[*wire.Problem](c.who); p.Name != c.want || p.ID != 1 && p.Session != 1 {
			t.Errorf("%d, %s: %+v", i, wire.KindOf(c.sent), p)
		}
	}
	guest.send(&wire.Ping{Number: 1})
	await[*wire.Pong](guest)
}

// What breaks the rules ends the connection, with the reason.
func TestPageBreaksRules(t *testing.T) {
	f := newFake(t)
	addr, tokens := servePages(t, f, bridge.GuestsWatch)
	text := token(t, tokens, f, access.Scorer)
	info, err := tokens.List()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tokens.Revoke(t.Context(), info[0].ID); err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		frames []wire.Frame
		reason string
		code   int
	}{
		"no hello":        {[]wire.Frame{&wire.Ping{Number: 1}}, "malformed", 4400},
		"two hellos":      {[]wire.Frame{&wire.Hello{Version: 1}, &wire.Hello{Version: 1}}, "malformed", 4400},
		"a node's frame":  {[]wire.Frame{&wire.Hello{Version: 1}, &wire.Done{ID: 1}}, "malformed", 4400},
		"a revoked token": {[]wire.Frame{&wire.Hello{Version: 1, Token: text}}, "token", 4401},
		"a false token":   {[]wire.Frame{&wire.Hello{Version: 1, Token: "tl1.x"}}, "token", 4401},
	} {
		p := connect(t, addr)
		p.send(c.frames...)
		if bye := await[*wire.Bye](p); bye.Reason != c.reason {
			t.Errorf("%s: %+v", what, bye)
		}
		if _, err := p.next(); err == nil || !strings.HasPrefix(err.Error(), fmt.Sprintf("closed with %d", c.code)) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Whoever comes back with a cursor gets what it missed and no more; with a cursor
// of another store, everything.
func TestPageResumes(t *testing.T) {
	f := newFake(t)
	addr, _ := servePages(t, f, bridge.GuestsRecord)
	p := browse(t, addr, "")
	p.send(&wire.Publish{ID: 1, Draft: draftOf(f, "a")})
	at := await[*wire.Ack](p).Arrival
	p.send(&wire.Publish{ID: 2, Draft: draftOf(f, "b")})
	b := await[*wire.Ack](p)
	store := f.StoreID()
	p.send(&wire.Follow{ID: 3, Match: f.log.ID(), Format: wire.Redacted, Store: store[:], After: at})
	if began := await[*wire.Following](p); began.Restart || began.After != at {
		t.Errorf("%+v", began)
	}
	if missed := await[*wire.Events](p); len(missed.Items) != 1 || missed.Items[0].Arrival != b.Arrival {
		t.Errorf("%+v", missed)
	}
	p.send(&wire.Follow{ID: 4, Match: f.log.ID(), Format: wire.Redacted, Store: make([]byte, 16), After: at})
	if began := await[*wire.Following](p); !began.Restart || began.After != 0 {
		t.Errorf("%+v", began)
	}
	if missed := await[*wire.Events](p); len(missed.Items) != 2 {
		t.Errorf("%+v", missed)
	}
}

// A store that refuses is said to, and later writes go through.
func TestPageOnASickDisk(t *testing.T) {
	f := newFake(t)
	addr, _ := servePages(t, f, bridge.GuestsRecord)
	p := browse(t, addr, "")
	f.fail = errors.Join(crdt.ErrReadOnly)
	p.send(&wire.Publish{ID: 1, Draft: draftOf(f, "a")})
	if no := await[*wire.Problem](p); no.Name != "read-only" || no.Status != 507 || no.AgainMs == 0 {
		t.Errorf("%+v", no)
	}
	f.fail = nil
	p.send(&wire.Publish{ID: 2, Draft: draftOf(f, "a")})
	await[*wire.Ack](p)
}
