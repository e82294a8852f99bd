package crdt

import "sync"

const (
	// worthMultiples is how many signatures of an author are verified plainly before
	// its key's multiples are computed, which costs as much as is spared by ten.
	worthMultiples = 12
	// maxMultiples bounds for how many authors of a log they are kept: 5 MB.
	maxMultiples = 32
)

// authors are those of the events in the offers to one log that are under way: after a
// partition they are few, with many events each. They are gone with the last of the
// offers, so that a node at rest has no memory in them.
type authors struct {
	mu     sync.Mutex
	offers int             // guarded by mu
	by     map[Key]*author // guarded by mu
	kept   int             // guarded by mu; verifiers in by
}

type author struct {
	seen     int
	verifier *verifier // nil until it is worth it
}

func newAuthors() *authors { return &authors{by: map[Key]*author{}} }

// enter is called when an offer begins, and leave when it has been judged and ends.
func (a *authors) enter() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.offers++
}

func (a *authors) leave() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.offers--; a.offers == 0 {
		a.forget()
	}
}

func (a *authors) forget() { a.by, a.kept = map[Key]*author{}, 0 }

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
		if a.kept == maxMultiples { // those that are still at it come back
			a.forget()
			a.by[key] = by
		}
		by.verifier = newVerifier(key)
		a.kept++
	}
	return by.verifier
}
