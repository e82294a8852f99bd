package access

import (
	"fmt"

	"touchline.dev/touchline/crdt"
)

// State is whether what an event says counts.
type State uint8

const (
	// Unconfirmed: kept and shown, with the reason, but does not count.
	Unconfirmed State = iota
	// Stands: counts.
	Stands
)

// String is the state's name in JSON.
func (s State) String() string {
	if s == Stands {
		return "counts"
	}
	return "unconfirmed"
}

// Reason says why an event is unconfirmed.
type Reason uint8

const (
	// BecauseGrant: the right it was written under does not stand.
	BecauseGrant Reason = iota + 1
	// BecauseCut: it lies past the place where its author's right ended.
	BecauseCut
	// BecauseFork: its chain has two bodies at its place or at one before.
	BecauseFork
)

// String is a sentence for people.
func (r Reason) String() string {
	switch r {
	case BecauseGrant:
		return "its author's right does not stand"
	case BecauseCut:
		return "it was written past the end of its author's right"
	case BecauseFork:
		return "its author's device wrote two different events at one place"
	}
	return ""
}

// Verdict is what the control set says about one event. It is a function of
// the sets and may change as they grow; it never decides about membership.
type Verdict struct {
	State  State
	Reason Reason    // why it is unconfirmed; zero when it stands
	By     crdt.Hash // the revocation or hand-over that decided; zero if none did

	// Flags; none of them keeps an event from counting.
	Expired  bool // written after its grant's end, by the author's own clock
	Forked   bool // a control event of a forked chain
	Overused bool // its author came by an invite that let in too many devices
}

// Why is the verdict in words; empty when there is nothing to say.
func (v Verdict) Why() string {
	if v.State != Stands {
		if v.By.IsZero() {
			return v.Reason.String()
		}
		return fmt.Sprintf("%s (cut %s)", v.Reason, v.By.Short())
	}
	switch {
	case v.Expired:
		return "written after its author's right had expired"
	case v.Overused:
		return "its author's invite let in more devices than it may"
	case v.Forked:
		return BecauseFork.String()
	}
	return ""
}

// Verdict says whether a member of one of the sets counts. chains must know
// the log's events; for control events it is not used.
func (c *Control) Verdict(e *crdt.Event, chains *Chains) Verdict {
	j, done := c.judgement()
	defer done()
	r := c.rights[e.Grant]
	if e.IsFounding() || r == nil {
		return j.control(placeOf(e), e.IsFounding())
	}
	var v Verdict
	if e.Set == crdt.Control {
		v = j.control(placeOf(e), false)
	} else {
		v = j.at(placeOf(e), chains, false)
	}
	v.Expired = r.notAfter > 0 && e.OwnMs > r.notAfter
	v.Overused = v.Overused || j.standing[r.hash].Overused
	return v
}

// judgement returns what the present control set says, computed if need be,
// with the lock held until done is called.
func (c *Control) judgement() (j *judged, done func()) {
	c.mu.Lock() // not RLock: Chains keeps memos
	if c.judged == nil {
		c.judged = c.judge()
	}
	return c.judged, c.mu.Unlock
}
