package node

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multiaddr"

	"touchline.dev/touchline/crdt"
)

// Config says what a Node is. It is not changed after New.
type Config struct {
	// Store holds logs, memberships and remembered peers. Required. The node
	// does not close it.
	Store crdt.Store

	// Dir holds the node's network key. Empty: a fresh key each time.
	Dir string

	// Listen are the multiaddresses to listen on. Empty: TCP on every
	// interface, on a port of the system's choice.
	Listen []string

	// NoMDNS switches discovery on the local network off.
	NoMDNS bool

	// Peers and Relays are multiaddresses with a peer ID that are always
	// dialled, whatever the number of other peers.
	Peers, Relays []string

	// Volatile says that the store keeps nothing: peers do not count this
	// device among those that hold an event.
	Volatile bool

	// Keep is how long a log is kept after its newest event, when another
	// device holds all of it. Zero: for ever.
	Keep time.Duration

	// Public is a relay's setting: many more connections, peer scoring.
	Public bool

	// Now is the wall clock; tests have wrong ones. Nil: the system's.
	Now func() time.Time

	// Log receives what the node has to say. Nil: nothing.
	Log *slog.Logger
}

func (c Config) withDefaults() Config {
	if len(c.Listen) == 0 {
		c.Listen = []string{"/ip4/0.0.0.0/tcp/0", "/ip6/::/tcp/0"}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Check returns why an address cannot be used, before anything is opened.
func (c Config) Check() error {
	for _, s := range c.Listen {
		if _, err := multiaddr.NewMultiaddr(s); err != nil {
			return fmt.Errorf("address to listen on %q needs the form /ip4/0.0.0.0/tcp/PORT (%w)", s, err)
		}
	}
	for _, s := range slices.Concat(c.Peers, c.Relays) {
		if _, err := peer.AddrInfoFromString(s); err != nil {
			return fmt.Errorf("peer address %q needs the form /ip4/ADDRESS/tcp/PORT/p2p/ID, as touchline peers shows it over there (%w)", s, err)
		}
	}
	return nil
}

// Timings and limits of a node. The heartbeat finds a dead link in under 2 s.
const (
	beatEvery   = 700 * time.Millisecond
	beatTimeout = 1800 * time.Millisecond
	beatLate    = 100 * time.Millisecond // a timeout noticed so much later says nothing of the peer
	beatOpening = 4 * time.Second        // for the two round trips before the first beat
	echoEvery   = 8                      // beats between two measurements of the round trip
	redialFirst = 300 * time.Millisecond // back-off begins here
	redialMost  = 900 * time.Millisecond // and ends here for peers seen lately: a LAN redials within 1 s
	redialGone  = 15 * time.Second       // the longest for peers that are gone,
	goneShare   = 300                    // which otherwise wait this part of the time that they were not seen

	strangerFirst = 30 * time.Second // strangers are dialled again after this, doubling
	strangerMost  = 10 * time.Minute
	keptFirst     = 2 * time.Second // the same for peers given by the user
	keptMost      = 30 * time.Second

	tieBreak     = 700 * time.Millisecond // the higher peer ID waits this long before it dials
	wantDegree   = 8                      // dial until so many peers are connected
	maxDialing   = 2                      // of these at a time, so that those who dial us count
	maxUnproven  = 64                     // inbound connections before their proof, beyond which a node that is no relay refuses
	maxInbound   = 24                     // beyond, a node that is no relay refuses
	mdnsRestart  = 60 * time.Second
	answerers    = 4 // devices of a large LAN that answer newcomers at a time
	addressPoll  = 2 * time.Second
	deafTimeout  = 4 * time.Second // a peer that shares a log may be missing from its topic so long
	exchangeIdle = 3 * time.Second // longest wait for the next frame of an exchange
	syncTimeout  = 60 * time.Second
)
