package pubsub_test

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/connmgr"

	"touchline.dev/touchline/pubsub"
)

// A connection manager that takes no note of who brings what is worth no line a message.
func TestUnrankedLinksAreNotWarnedOf(t *testing.T) {
	var log bytes.Buffer
	cfg := pubsub.Config{Log: slog.New(slog.NewTextHandler(&log, nil))}
	a, b := newMember(t, pubsub.Config{}), newMemberAt(t, newHost(t, libp2p.ConnectionManager(connmgr.NullConnMgr{})), cfg)
	a.join(t)
	b.join(t)
	connect(t, a.host, b.host)
	a.untilPeer(t, b)
	a.publish(t, events(t, 0, 5)...)
	b.until(t, "all events", func() bool { return len(b.got) == 5 })
	b.router.Close()
	if log.Len() > 0 {
		t.Error(log.String())
	}
}
