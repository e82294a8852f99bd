package bridge_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/gobwas/ws"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/bridge/wire"
	"touchline.dev/touchline/crdt/access"
)

// Who reconciles without end is told to wait, and a new connection changes nothing.
func TestPageReconcilesTooOften(t *testing.T) {
	f := newFake(t)
	addr, tokens := servePages(t, f, bridge.GuestsNone)
	id, tok := f.log.ID(), token(t, tokens, f, access.Scorer)
	begin := func() *replica {
		p := browse(t, addr, tok)
		p.send(&wire.Follow{ID: 1, Match: id, Format: wire.Signed, FromNow: true})
		return newReplica(p, id, await[*wire.Following](p).Secret)
	}
	r := begin()
	r.compare()
	for range 30 {
		if before, _, _ := r.compare(); !before {
			t.Fatal("not equal")
		}
	}
	again := begin()
	again.compare()
	var told *wire.Problem
	for i := uint32(100); told == nil && i < 300; i++ {
		again.b.send(&wire.Compare{Session: i, Match: id})
		told = refusedSession(again.b, i)
	}
	if told == nil || told.Status != http.StatusTooManyRequests || told.Session < 110 {
		t.Errorf("told %+v", told)
	}
}

// refusedSession is why a session was not begun; nil: it was, and it is over again,
// as a wrong tag ends it.
func refusedSession(b *browser, i uint32) *wire.Problem {
	b.t.Helper()
	for {
		f, err := b.next()
		if err != nil {
			b.t.Fatal(err)
		}
		switch f := f.(type) {
		case *wire.Compared:
			b.send(&wire.Equal{Session: i})
		case *wire.Problem:
			if f.Session == i && f.Status == http.StatusConflict {
				return nil
			}
			return f
		}
	}
}

// Pages of strangers and strange host names do not get as far as the first frame.
func TestPagesOfStrangers(t *testing.T) {
	addr, _ := servePages(t, newFake(t), bridge.GuestsRecord)
	for name, header := range map[string]http.Header{
		"foreign origin": {"Origin": {"http://evil.example"}},
		"opaque origin":  {"Origin": {"null"}},
	} {
		d := ws.Dialer{Protocols: []string{"touchline.v1"}, Header: ws.HandshakeHeaderHTTP(header)}
		refused(t, name, d, "ws://"+addr+"/ws")
	}
	d := ws.Dialer{Protocols: []string{"touchline.v1"}, Host: "evil.example"}
	refused(t, "foreign host", d, "ws://"+addr+"/ws")
}

func refused(t *testing.T, name string, d ws.Dialer, url string) {
	t.Helper()
	conn, _, _, err := d.Dial(context.Background(), url)
	if err == nil {
		conn.Close()
	}
	var status ws.StatusError
	if !errors.As(err, &status) || int(status) < 400 || int(status) > 499 {
		t.Errorf("%s: %v", name, err)
	}
}
