package bridge

import (
	"fmt"
	"net/http"

	"touchline.dev/touchline/bridge/wire"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// What one connection of a page may cost.
const (
	maxFollows  = 64
	maxInFlight = 64
	maxSessions = 4
)

// pageState is what a connection's page may do now. It is pure: what it says
// depends on what it was told and on nothing else.
type pageState struct {
	greeted  bool
	caller   Caller                 // by token, or as guest
	proven   map[crdt.LogID]Caller  // by rights that it has shown to have; nil until one is
	follows  map[crdt.LogID]*follow // nil until one is
	sessions map[uint32]*session    // likewise
	inFlight int                    // publishes not yet answered
}

// byeError ends a connection.
type byeError struct {
	reason string
	status int
	detail string
}

func (e *byeError) Error() string { return e.reason + ": " + e.detail }

func outOfTurn(k wire.Kind) error {
	return &byeError{"malformed", http.StatusBadRequest, k.String() + " is out of turn"}
}

// in returns who the page is in a match: by the mightiest of what it has shown.
func (s *pageState) in(id crdt.LogID) Caller {
	c := s.caller
	if p, ok := s.proven[id]; ok && (c.Role == 0 || !c.reads(id) || p.Role < c.Role) {
		return p
	}
	return c
}

// mayDo reports whether the page may do anything at all.
func (s *pageState) mayDo() bool { return s.caller.Role != 0 || len(s.proven) > 0 }

// reads returns why the page may not see a match; nil if it may.
func (s *pageState) reads(id crdt.LogID) error {
	switch c := s.in(id); {
	case !s.mayDo():
		return errNoToken
	case !c.reads(id):
		return errOtherMatch
	}
	return nil
}

// replicates returns why the page may not have signed envelopes of a match.
func (s *pageState) replicates(id crdt.LogID) error {
	if p, ok := s.proven[id]; ok && p.Role <= access.Family {
		return nil
	}
	if err := s.reads(id); err != nil {
		return err
	}
	if c := s.in(id); !c.Role.MayWrite() || c.Team != "" {
		return newProblem(http.StatusForbidden, "forbidden", "Not allowed", "signed events are for devices with a right of their own and for tokens that record; follow as view")
	}
	return nil
}

// writes returns who drafts are signed for, or why not.
func (s *pageState) writes(id crdt.LogID) (Caller, error) {
	if err := s.reads(id); err != nil {
		return Caller{}, err
	}
	c := s.in(id)
	if !c.Role.MayWrite() {
		return c, c.mayOnly()
	}
	return c, nil
}

// allow says whether a frame may be dealt with now: nil, a [Problem] that answers
// it, or a byeError.
func (s *pageState) allow(f wire.Frame) error {
	if _, hello := f.(*wire.Hello); hello == s.greeted {
		return outOfTurn(wire.KindOf(f))
	}
	switch f := f.(type) {
	case *wire.Hello, *wire.Prove, *wire.Unfollow, *wire.Ping, *wire.Pong, *wire.Bye:
		return nil
	case *wire.Enrol:
		_, err := s.writes(f.Match)
		return err
	case *wire.Follow:
		return s.allowFollow(f)
	case *wire.Publish:
		if s.inFlight >= maxInFlight {
			return fmt.Errorf("%w: %d events wait for an answer", crdt.ErrBusy, s.inFlight)
		}
		if !s.mayDo() {
			return errNoToken
		}
		return nil
	case *wire.Compare:
		return s.allowCompare(f)
	case *wire.Equal, *wire.Recon, *wire.Bodies, *wire.Gone, *wire.Fin, *wire.Proof:
		return nil // of a session that is over: late, and nobody's fault
	case *wire.Offer, *wire.Candidate:
		if !s.mayDo() {
			return errNoToken
		}
		return nil
	}
	return outOfTurn(wire.KindOf(f))
}

func (s *pageState) allowFollow(f *wire.Follow) error {
	if _, again := s.follows[f.Match]; !again && len(s.follows) >= maxFollows {
		return fmt.Errorf("%w: a page follows at most %d matches", crdt.ErrBusy, maxFollows)
	}
	if f.Format == wire.Signed {
		return s.replicates(f.Match)
	}
	return s.reads(f.Match)
}

func (s *pageState) allowCompare(f *wire.Compare) error {
	fl := s.follows[f.Match]
	switch {
	case s.sessions[f.Session] != nil:
		return newProblem(http.StatusConflict, "conflict", "The session is open", "number the next session differently")
	case len(s.sessions) >= maxSessions:
		return fmt.Errorf("%w: %d sessions are open", crdt.ErrBusy, len(s.sessions))
	case fl == nil || fl.format != wire.Signed:
		return newProblem(http.StatusConflict, "not-followed", "Not followed", "follow the match as signed first")
	}
	return nil
}
