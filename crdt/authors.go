package crdt

import "sync"

// worthMultiples is how many signatures of an author are verified plainly before
// its key's multiples are computed, which costs as much as is spared by six.
const worthMultiples = 8

// authors are those of the events in one offer: after a partition they are few,
// with many events each. They are gone with the offer, so that a node at rest
// has no memory in them.
type authors struct {
	mu sync.Mutex
	by map[Key]*author // guarded by mu
}

type author struct {
	seen     int
	verifier *verifier // nil until it is worth it
}

func newAuthors() *authors { return &authors{by: map[Key]*author{}} }

// verify is [Event.Verify].
func (a *authors) verify(e *Event) error {
	v := a.verifier(e.Author)
	if v == nil {
		return e.Verify()
	}
	if !v.verify(e.signed(), e.signature) {
		return ErrSignature
	}
	return nil
}

// verifier returns nil for an author of few events so far.
func (a *authors) verifier(key Key) *verifier {
	a.mu.Lock()
	defer a.mu.Unlock()
	by := a.by[key]
	if by == nil {
		by = &author{}
		a.by[key] = by
	}
	if by.seen++; by.seen > worthMultiples && by.verifier == nil {
		by.verifier = newVerifier(key)
	}
	return by.verifier
}
