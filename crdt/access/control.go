package access

import (
	"fmt"
	"sync"

	"touchline.dev/touchline/crdt"
)

// MaxDepth is how many grants may lie between a key and the founder.
// Enrolments do not count.
const MaxDepth = 3

// right is what one control event gives to one key. Depth and role are facts:
// they follow from hashes and never change once known.
type right struct {
	subject crdt.Key
	role    Role
	depth   int
	enrols  bool // an invite's key: may enrol devices and nothing else
}

// Control knows the rights that a log's control set gives. Adding in any
// order gives the same answers once the same events are in. It may be used
// from any goroutine.
type Control struct {
	log crdt.LogID // immutable

	mu     sync.RWMutex
	rights map[crdt.Hash]right // guarded by mu
	sealed bool                // guarded by mu
}

// NewControl returns the rights of an empty control set.
func NewControl(log crdt.LogID) *Control {
	return &Control{log: log, rights: map[crdt.Hash]right{}}
}

// Check says whether e may be a member of its set: nil, or an error wrapping
// crdt.ErrNoGrant (wait), ErrForbidden or ErrMalformed. It looks at clear bytes and at
// present grants only; the signature is checked elsewhere.
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
	c.add(e)
}

// Role returns the role that a grant or enrolment gives; 0 if it is not known.
func (c *Control) Role(grant crdt.Hash) Role {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.rights[grant].role
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

func (c *Control) add(e *crdt.Event) {
	if _, known := c.rights[e.Hash]; known {
		return
	}
	r, err := c.check(e)
	if err != nil || r == nil {
		return
	}
	c.rights[e.Hash] = *r
	if e.IsFounding() {
		plain, _ := e.Plain()
		f, _ := decode[Founding](plain)
		c.sealed = f.Sealed
	}
}

// check returns the right that e gives, if it gives one.
func (c *Control) check(e *crdt.Event) (*right, error) {
	if e.LogID() != c.log {
		return nil, crdt.ErrWrongLog
	}
	if e.IsFounding() {
		return c.checkFounding(e)
	}
	by, ok := c.rights[e.Grant]
	if !ok {
		return nil, crdt.ErrNoGrant
	}
	if by.subject != e.Author {
		return nil, fmt.Errorf("%w: the grant belongs to another key", crdt.ErrForbidden)
	}
	if e.Set != crdt.Control {
		if by.enrols || !by.role.MayWrite() {
			return nil, fmt.Errorf("%w: role %s", crdt.ErrForbidden, by.role)
		}
		return nil, nil
	}
	return c.checkControl(e, by)
}

func (c *Control) checkFounding(e *crdt.Event) (*right, error) {
	plain, err := e.Plain()
	if err != nil {
		return nil, err
	}
	f, err := decode[Founding](plain)
	if err != nil {
		return nil, err
	}
	if f.Kind != KindFounding || !f.valid() {
		return nil, fmt.Errorf("%w: founding record", crdt.ErrMalformed)
	}
	return &right{subject: e.Author, role: Organiser}, nil
}

func (c *Control) checkControl(e *crdt.Event, by right) (*right, error) {
	plain, err := e.Plain()
	if err != nil {
		return nil, fmt.Errorf("%w: %v", crdt.ErrMalformed, err)
	}
	kind := kindOf(plain)
	if by.enrols != (kind == KindEnrolment) {
		return nil, fmt.Errorf("%w: an invite enrols devices and does nothing else", crdt.ErrForbidden)
	}
	switch kind {
	case KindEnrolment:
		en, err := decode[Enrolment](plain)
		if err != nil {
			return nil, err
		}
		if !en.valid(c.log, e.Grant) {
			return nil, fmt.Errorf("%w: enrolment proof", crdt.ErrMalformed)
		}
		return &right{subject: crdt.Key(en.Device), role: by.role, depth: by.depth}, nil
	case KindGrant:
		g, err := decode[Grant](plain)
		if err != nil {
			return nil, err
		}
		if !g.valid() {
			return nil, fmt.Errorf("%w: grant", crdt.ErrMalformed)
		}
		if !by.role.MayGrant() || g.Role < by.role || by.depth >= MaxDepth {
			return nil, fmt.Errorf("%w: a %s may not grant %s", crdt.ErrForbidden, by.role, g.Role)
		}
		return &right{subject: crdt.Key(g.Subject), role: g.Role, depth: by.depth + 1, enrols: g.Enrols > 0}, nil
	}
	if !by.role.MayWrite() {
		return nil, fmt.Errorf("%w: role %s", crdt.ErrForbidden, by.role)
	}
	return nil, nil
}
