package access

import (
	"fmt"
	"sync"

	"touchline.dev/touchline/crdt"
)

// Control knows the rights that a log's control set gives, and what that set
// says about them since. Adding in any order gives the same answers once the
// same events are in. It may be used from any goroutine.
//
// Two kinds of answers must not be mixed up. [Control.Check] is membership
// (rule R1): it depends on bytes, present grants, purges and erasures, which
// are facts that are only ever added. [Control.Verdict] and all that speaks of
// standing are verdicts: they may change either way as control events arrive.
type Control struct {
	log crdt.LogID // immutable

	mu      sync.RWMutex
	purpose uint64               // guarded by mu
	sealed  bool                 // guarded by mu
	topic   []byte               // guarded by mu; commitment to the topic secret
	secret  []byte               // guarded by mu; the topic secret, once there is a keyring
	rights  map[crdt.Hash]*right // guarded by mu
	present map[crdt.Hash]bool   // guarded by mu; all control events taken note of
	chains  *Chains              // guarded by mu; of the control set
	rulings rulings              // guarded by mu
	judged  *judged              // guarded by mu; nil after a change
}

// NewControl returns the rights of an empty control set.
func NewControl(log crdt.LogID) *Control {
	return &Control{
		log: log, rights: map[crdt.Hash]*right{}, present: map[crdt.Hash]bool{},
		chains: NewChains(), rulings: newRulings(),
	}
}

// Check says whether e may be a member of its set: nil, or an error wrapping
// crdt.ErrNoGrant (wait), ErrForbidden, ErrMalformed, or ErrGone when a purge or
// an erasure bars it. It looks at clear bytes and at present control events
// only; the signature is checked elsewhere.
func (c *Control) Check(e *crdt.Event) error {
	c.mu.RLock()
	defer c.mu.RUnlock()
	_, err := c.check(e)
	return err
}

// Add takes note of a member of the control set. Other events change nothing.
func (c *Control) Add(e *crdt.Event) {
	if e.Set != crdt.Control {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.present[e.Hash] {
		return
	}
	r, err := c.check(e)
	if err != nil {
		return
	}
	c.present[e.Hash] = true
	c.judged = nil
	if r != nil {
		c.rights[e.Hash] = r
	}
	if e.IsFounding() {
		plain, _ := e.Plain()
		f, _ := decode[Founding](plain)
		c.purpose, c.sealed, c.topic = f.Purpose, f.Sealed, f.Topic
		return
	}
	c.chains.Add(e)
	c.rulings.add(e, c.rights[e.Grant])
}

// Bars reports whether e is a control event of a kind that bars others.
func (c *Control) Bars(e *crdt.Event) bool {
	if e.Set != crdt.Control {
		return false
	}
	plain, err := e.Plain()
	return err == nil && (kindOf(plain) == KindPurge || kindOf(plain) == KindErasure)
}

// Purpose is what the log is for; 0 while its founding record is not present.
func (c *Control) Purpose() uint64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.purpose
}

// Sealed reports whether the log's payloads are sealed.
func (c *Control) Sealed() bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.sealed
}

// Founded reports whether the founding record is present.
func (c *Control) Founded() bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	_, ok := c.rights[crdt.Hash(c.log)]
	return ok
}

// check returns the right that e gives, if it gives one.
func (c *Control) check(e *crdt.Event) (*right, error) {
	if e.LogID() != c.log {
		return nil, crdt.ErrWrongLog
	}
	if e.IsFounding() {
		return checkFounding(e)
	}
	by, ok := c.rights[e.Grant]
	if !ok {
		return nil, crdt.ErrNoGrant
	}
	if by.subject != e.Author {
		return nil, fmt.Errorf("%w: the grant belongs to another key", crdt.ErrForbidden)
	}
	if e.Set == crdt.Control {
		return checkControl(e, by)
	}
	if by.enrols > 0 || !by.role.MayWrite() {
		return nil, fmt.Errorf("%w: role %s", crdt.ErrForbidden, by.role)
	}
	return nil, c.rulings.bars(e, by)
}

func checkFounding(e *crdt.Event) (*right, error) {
	plain, err := e.Plain()
	if err != nil {
		return nil, fmt.Errorf("%w: founding record: %v", crdt.ErrMalformed, err)
	}
	f, err := decode[Founding](plain)
	if err != nil {
		return nil, err
	}
	if f.Kind != KindFounding || !f.valid() {
		return nil, fmt.Errorf("%w: founding record", crdt.ErrMalformed)
	}
	return &right{
		hash: e.Hash, place: placeOf(e), kind: KindFounding, subject: e.Author,
		hpke: [hpkeKeySize]byte(f.HPKE), role: Organiser, audiences: AllAudiences,
	}, nil
}

// checkControl holds a control event to what its kind demands of its author
// (ADR 2, ADR 7): all of it follows from the bytes and the chain alone.
func checkControl(e *crdt.Event, by *right) (*right, error) {
	plain, err := e.Plain()
	if err != nil {
		return nil, fmt.Errorf("%w: %v", crdt.ErrMalformed, err)
	}
	kind := kindOf(plain)
	if (by.enrols > 0) != (kind == KindEnrolment) {
		return nil, fmt.Errorf("%w: an invite enrols devices and does nothing else", crdt.ErrForbidden)
	}
	if kind == KindEnrolment {
		return by.enrolled(e, plain)
	}
	if !by.mayControl() {
		return nil, by.refuse("sign control events")
	}
	switch kind {
	case KindFounding:
		return nil, fmt.Errorf("%w: a founding record founds a log of its own", crdt.ErrMalformed)
	case KindGrant:
		return by.granted(e, plain)
	case KindHandOver:
		return by.handedOver(e, plain)
	case KindClient:
		return by.client(e, plain)
	case KindRevocation:
		_, err = decodeValid[Revocation](plain, "revocation")
	case KindPurge:
		if by.kind != KindFounding {
			return nil, by.refuse("purge: only the founding key may")
		}
		_, err = decodeValid[Purge](plain, "purge")
	case KindErasure:
		if !by.role.MayGrant() {
			return nil, by.refuse("erase; a coach, a referee or an organiser may")
		}
		_, err = decodeValid[Erasure](plain, "erasure")
	case KindEpoch:
		if !by.role.MayGrant() {
			return nil, by.refuse("change keys")
		}
		_, err = decodeValid[Epoch](plain, "epoch")
	case KindWraps:
		_, err = decodeValid[Wraps](plain, "wraps")
	}
	return nil, err
}
