package bridge

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"touchline.dev/touchline/crdt"
)

// Names makes matches of the names that pages give them.
type Names interface {
	// Match returns the match with a name. found: it is followed here; else
	// Follow makes it so.
	Match(name string) (id crdt.LogID, found bool, err error)
	Follow(ctx context.Context, name string) error
	// Shared reports whether other nodes make the same matches, so that there may
	// be events of a match that nobody here has written to.
	Shared() bool
	// Secret is what another node needs to make the same matches.
	Secret(context.Context) (string, error)
}

// Namespace is the secret behind the names of matches.
type Namespace struct {
	Namespace string `json:"namespace"`
}

func (l local) namespace(w http.ResponseWriter, r *http.Request) {
	if l.server.cfg.Legacy == nil {
		l.server.fail(w, r, newProblem(http.StatusNotFound, "not-found", "Not found", "this node makes no matches of names"))
		return
	}
	secret, err := l.server.cfg.Legacy.Secret(r.Context())
	if err != nil {
		l.server.fail(w, r, err)
		return
	}
	reply(w, http.StatusOK, Namespace{secret})
}

// Limits of what clients can make a node follow by naming it.
const (
	maxNames   = 2000
	namesBurst = 200
	namesEvery = time.Second // one more
)

// names are the matches that clients named, and how many more they may.
type names struct {
	server *Server
	from   Names

	mu     sync.Mutex
	known  map[string]crdt.LogID // guarded by mu; followed, and named before
	credit int                   // guarded by mu
	since  time.Time             // guarded by mu; when credit was counted
}

func newNames(s *Server, from Names) *names {
	return &names{server: s, from: from, known: map[string]crdt.LogID{}, credit: namesBurst}
}

// match returns the log that a client means: by its ID, or by a name, which a
// page made up. create: follow it if it is not here yet. ErrNotFound: it is not
// here.
func (n *names) match(ctx context.Context, text string, create bool) (crdt.LogID, error) {
	if id, err := crdt.ParseLogID(text); err == nil {
		_, err := n.server.backend.Log(id)
		return id, err
	}
	if n.from == nil {
		return crdt.LogID{}, badRequest("matchId is no match's ID, and this node makes no matches of names")
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if id, ok := n.known[text]; ok {
		if _, err := n.server.backend.Log(id); err == nil {
			return id, nil
		}
		delete(n.known, text) // retired meanwhile
	}
	id, found, err := n.from.Match(text)
	if err != nil {
		return id, badRequest(err.Error())
	}
	if !found {
		if !create {
			return id, fmt.Errorf("match %q: %w", text, crdt.ErrNotFound)
		}
		if err := n.spendLocked(time.Now()); err != nil {
			return id, err
		}
		if err := n.from.Follow(ctx, text); err != nil {
			return id, fmt.Errorf("match %q: %w", text, err)
		}
	}
	if len(n.known) >= maxNames {
		clear(n.known)
	}
	n.known[text] = id
	return id, nil
}

// spendLocked takes one new match off what clients may make.
func (n *names) spendLocked(now time.Time) error {
	if gained := int(now.Sub(n.since) / namesEvery); gained > 0 {
		n.credit, n.since = min(n.credit+gained, namesBurst), now
	}
	if n.credit == 0 || len(n.server.backend.Matches()) >= maxNames {
		return newProblem(http.StatusTooManyRequests, "busy", "Busy, try later", "clients name too many new matches at this node")
	}
	n.credit--
	return nil
}

// shared reports whether other nodes make the same matches of names.
func (n *names) shared() bool { return n.from != nil && n.from.Shared() }
