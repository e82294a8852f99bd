package node

import (
	"fmt"
	"time"

	"touchline.dev/touchline/crdt"
)

// Rates at which events are taken, by identity and never by address: a family
// shares one. What a client of this node brings at once is a match replayed. Gossip
// takes less of it: everybody judges what it brings, and sends it on, in the moment
// in which others' events must pass; what it leaves is not lost. Bulk is
// reconciliation, which asks for what it gets and can wait.
var (
	gossipDevice = allowance{burst: 500, rate: 100}
	gossipInvite = allowance{burst: 2_000, rate: 400} // the devices that came by one invite, together
	clientDevice = allowance{burst: 2_000, rate: 100}
	clientInvite = allowance{burst: 8_000, rate: 400}
	bulkDevice   = allowance{burst: 20_000, rate: 400} // five minutes of partition at 50 events a second are 15,000
	bulkInvite   = allowance{burst: 40_000, rate: 1_600}
	// enrolling is how many devices may come by one invite, on every path: what is in a
	// control set is in memory, judged and there for ever. A club's team is at once,
	// and devices that hold different parts of a crowd are soon equal.
	enrolling = allowance{burst: 1_000, rate: 10}
	// offending is what a peer may send that an honest one, who judges before
	// it forwards, cannot have sent: versions may differ for a moment. Past it,
	// the device is sent away until the debt is paid, which banned sets.
	offending = allowance{burst: 20, rate: 0.2}
)

const banned = 5 * time.Minute

// rates are the budgets of one kind of entry.
type rates struct{ devices, invites, enrolments *budget }

// newRates returns those of one kind; enrolments are counted together for all.
func newRates(device, invite allowance, enrolments *budget) *rates {
	return &rates{newBudget(device), newBudget(invite), enrolments}
}

// intake is the gate of one log at one kind of entry: how much is taken of its
// author and of all who came by the same invite. What finds no room comes later
// by reconciliation.
type intake struct {
	r     *replica
	rates *rates
}

var _ crdt.Gate = intake{}

// Room implements crdt.Gate.
func (i intake) Room(e *crdt.Event) error {
	now := time.Now()
	if !i.rates.devices.left(now, string(e.Author[:])) {
		return fmt.Errorf("%w: device %s writes more than is taken of one", crdt.ErrBusy, e.Author.Short())
	}
	invite := i.r.control.CameBy(e.Grant)
	if enrols(e, invite) && !i.rates.enrolments.left(now, string(invite[:])) {
		return fmt.Errorf("%w: more devices come by invite %s than are taken of one", crdt.ErrBusy, invite.Short())
	}
	if !invite.IsZero() && !i.rates.invites.left(now, string(invite[:])) {
		return fmt.Errorf("%w: the devices of invite %s write more than is taken of one", crdt.ErrBusy, invite.Short())
	}
	return nil
}

// Took implements crdt.Gate.
func (i intake) Took(e *crdt.Event) {
	now := time.Now()
	i.rates.devices.spend(now, string(e.Author[:]), 1)
	invite := i.r.control.CameBy(e.Grant)
	if !invite.IsZero() {
		i.rates.invites.spend(now, string(invite[:]), 1)
	}
	if enrols(e, invite) {
		i.rates.enrolments.spend(now, string(invite[:]), 1)
	}
}

// enrols reports whether an event was written with an invite's own key: it lets a device in.
func enrols(e *crdt.Event, invite crdt.Hash) bool {
	return e.Set == crdt.Control && e.Grant == invite && !invite.IsZero()
}

// left reports whether an identity may cost one more.
func (b *budget) left(now time.Time, who string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	k := b.buckets[who]
	if k == nil {
		return true
	}
	k.fill(now, b.allowance)
	return k.left >= 1
}

// spend takes what something cost.
func (b *budget) spend(now time.Time, who string, cost float64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.bucket(now, who).left -= cost
}
