package access

import (
	"fmt"

	"touchline.dev/touchline/crdt"
)

// MaxDepth is how many grants may lie between a key and the founder.
// Enrolments, hand-overs and clients do not count.
const MaxDepth = 3

// right is what one control event gives to one key. All of it follows from
// hashes and never changes once known; whether it still stands is another
// question: see judged.
type right struct {
	hash   crdt.Hash
	parent *right // nil for the founder
	place  placed // of the control event itself
	kind   Kind
	level  int // control events between this one and the founding record
	depth  int // grants among them

	subject   crdt.Key
	hpke      [hpkeKeySize]byte // zero for a client's key, which reads nothing
	role      Role
	team      string
	audiences uint64
	notAfter  int64  // milliseconds since 1970, the earliest of the chain; 0: never
	enrols    uint64 // an invite's key: enrols so many devices and does nothing else
}

// mayControl reports whether the key signs control events at all.
func (r *right) mayControl() bool { return r.role.MayWrite() && r.kind != KindClient && r.enrols == 0 }

// within reports whether r is a, or lies beneath it.
func (r *right) within(a crdt.Hash) bool {
	for ; r != nil; r = r.parent {
		if r.hash == a {
			return true
		}
	}
	return false
}

// child begins a right that passes on what r has.
func (r *right) child(e *crdt.Event, kind Kind, subject []byte) *right {
	n := *r
	n.hash, n.parent, n.place, n.kind = e.Hash, r, placeOf(e), kind
	n.level, n.subject, n.hpke, n.enrols = r.level+1, crdt.Key(subject), [hpkeKeySize]byte{}, 0
	return &n
}

func (r *right) refuse(format string, args ...any) error {
	return fmt.Errorf("%w: a %s may not %s", crdt.ErrForbidden, r.role, fmt.Sprintf(format, args...))
}

// granted returns the right that a grant under r gives; it must narrow.
func (r *right) granted(e *crdt.Event, plain []byte) (*right, error) {
	g, err := decodeValid[Grant](plain, "grant")
	if err != nil {
		return nil, err
	}
	switch {
	case !r.role.MayGrant() || g.Role < r.role || r.depth >= MaxDepth:
		return nil, r.refuse("grant %s", g.Role)
	case r.team != "" && g.Team != r.team:
		return nil, r.refuse("grant rights that are not for its own team (%s)", r.team)
	case g.Audiences&^r.audiences != 0:
		return nil, r.refuse("grant an audience that it is not part of")
	}
	n := r.child(e, KindGrant, g.Subject)
	n.hpke = [hpkeKeySize]byte(g.HPKE)
	n.role, n.team, n.audiences, n.enrols, n.depth = g.Role, g.Team, g.Audiences, g.Enrols, r.depth+1
	n.endAt(g.NotAfter)
	return n, nil
}

// endAt narrows a right to end at a time; 0: it does not.
func (r *right) endAt(t int64) {
	if t > 0 && (r.notAfter == 0 || t < r.notAfter) {
		r.notAfter = t
	}
}

// enrolled returns the right of a device that an invite's key lets in.
func (r *right) enrolled(e *crdt.Event, plain []byte) (*right, error) {
	en, err := decode[Enrolment](plain)
	if err != nil {
		return nil, err
	}
	if !en.valid(e.Log, e.Grant) {
		return nil, fmt.Errorf("%w: enrolment proof", crdt.ErrMalformed)
	}
	n := r.child(e, KindEnrolment, en.Device)
	n.hpke = [hpkeKeySize]byte(en.HPKE)
	return n, nil
}

// handedOver returns the right of the successor's invite.
func (r *right) handedOver(e *crdt.Event, plain []byte) (*right, error) {
	h, err := decodeValid[HandOver](plain, "hand-over")
	if err != nil {
		return nil, err
	}
	n := r.child(e, KindHandOver, h.Subject)
	n.hpke, n.enrols = [hpkeKeySize]byte(h.HPKE), 1
	return n, nil
}

// client returns the right of a key that a node keeps for one of its clients.
func (r *right) client(e *crdt.Event, plain []byte) (*right, error) {
	cl, err := decode[Client](plain)
	if err != nil {
		return nil, err
	}
	if !cl.valid(e.Log, e.Grant) {
		return nil, fmt.Errorf("%w: client proof", crdt.ErrMalformed)
	}
	n := r.child(e, KindClient, cl.Device)
	n.role = max(n.role, Scorer)
	n.audiences &= AudienceMatch
	n.endAt(cl.NotAfter)
	return n, nil
}
