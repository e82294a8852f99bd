package node

import (
	"context"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/recon"
)

// input is what the network's loop reacts to: a closed set of small values.
type input interface{ isInput() }

type (
	found struct { // an address was learnt
		info peer.AddrInfo
		from source
	}
	linked struct { // the first connection to a peer is up
		id      peer.ID
		inbound bool
	}
	unlinked struct{ id peer.ID } // the last connection is gone
	dialled  struct {             // a dial ended
		id  peer.ID
		err error
	}
	met struct { // a meeting ended
		id      peer.ID
		began   bool // by us
		shared  map[crdt.LogID]crdt.Hash
		fresh   []crdt.LogID // shared since now
		refused []refusal
		err     error
	}
	followed struct{ addrs []peer.AddrInfo } // a log was joined while we run
	cut      struct {                        // a right that a peer proved has ended
		id  peer.ID
		log crdt.LogID
		why error
	}
	offended struct { // a peer was sent away
		id  peer.ID
		log crdt.LogID
	}
	regather struct{} // it is time to meet all links again
	beaten   struct { // a heartbeat came
		id    peer.ID
		nonce recon.Nonce
		tag   [tagSize]byte
	}
	echoed struct { // a heartbeat came back
		id  peer.ID
		rtt time.Duration
	}
	asked struct { // an exchange is wanted; the zero ID means with everybody
		id  peer.ID
		why reason
	}
	synced struct { // an exchange that we began ended
		id  peer.ID
		rep exchangeReport
		err error
	}
	servingSync struct { // an exchange that the peer began begins or ends here
		id     peer.ID
		begins bool
	}
	servedSync struct { // an exchange that the peer began ended well
		id  peer.ID
		rep exchangeReport
	}
	readdressed struct{} // our own addresses changed
	inspect     struct { // somebody wants to look at the loop's state
		f    func()
		done chan struct{}
	}
)

func (found) isInput()       {}
func (linked) isInput()      {}
func (unlinked) isInput()    {}
func (dialled) isInput()     {}
func (met) isInput()         {}
func (followed) isInput()    {}
func (cut) isInput()         {}
func (offended) isInput()    {}
func (regather) isInput()    {}
func (beaten) isInput()      {}
func (echoed) isInput()      {}
func (asked) isInput()       {}
func (synced) isInput()      {}
func (servedSync) isInput()  {}
func (servingSync) isInput() {}
func (readdressed) isInput() {}
func (inspect) isInput()     {}

// post hands an input to the loop and waits until it is taken.
func (w *network) post(ctx context.Context, in input) {
	select {
	case w.inbox <- in:
	case <-ctx.Done():
	case <-w.stopped:
	}
}

// view runs f on the loop's goroutine, so that f may read what the loop owns.
// It reports false if the loop has ended.
func (w *network) view(f func()) bool {
	in := inspect{f: f, done: make(chan struct{})}
	select {
	case w.inbox <- in:
		<-in.done
		return true
	case <-w.stopped:
		return false
	}
}
