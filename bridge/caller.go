package bridge

import (
	"context"
	"net/http"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// Caller is who sends a request and what the request may do. It is what a
// token, a session or the --guests flag says; the person at the device, who
// comes by the socket in the data folder, may do everything.
type Caller struct {
	Role   access.Role
	Match  crdt.LogID // the only match the caller may touch; zero: all that is followed
	Team   string     // the one side the caller belongs to: home, away or a team's ID; empty: none, or both
	Child  string     // a guardian's own, by its ID as a player of Team, as a token says; empty: what Grant says
	Grant  crdt.Hash  // the right that a device proved; zero: none
	Client string     // names the key that a node signs with for this caller; empty: the device's own
	Token  string     // the ID of the token or session that it came by; empty: by none
	Until  int64      // when that, or a page's right, ends, in milliseconds since 1970; 0: it does not
}

// How clients are named: see [Caller].
const (
	guestClient  = "guest"
	devicePrefix = "device "
)

// owner is the person at the device.
var owner = Caller{Role: access.Organiser}

type callerKey struct{}

func withCaller(r *http.Request, c Caller) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), callerKey{}, c))
}

// callerOf returns who sent the request; false if nobody known did.
func callerOf(r *http.Request) (Caller, bool) {
	c, ok := r.Context().Value(callerKey{}).(Caller)
	return c, ok && c.Role != 0
}

// reads reports whether the caller may see the match.
func (c Caller) reads(id crdt.LogID) bool {
	return c.Role != 0 && c.Role != access.Relay && (c.Match.IsZero() || c.Match == id)
}

// seesAll reports whether the caller sees events as they are, but for what is private.
func (c Caller) seesAll() bool { return c.Role.MayWrite() && c.Team == "" }

// mayRead returns why the sender of r may not see a match; nil if it may.
func mayRead(r *http.Request, id crdt.LogID) error {
	c, ok := callerOf(r)
	if !ok {
		return errNoToken
	}
	if !c.reads(id) {
		return errOtherMatch
	}
	return nil
}

// mayWrite returns who writes with the request, or why it may not.
func mayWrite(r *http.Request, id crdt.LogID) (Caller, error) {
	if err := mayRead(r, id); err != nil {
		return Caller{}, err
	}
	c, _ := callerOf(r)
	return c, c.writes(id)
}

// writes returns why the caller may not write to a match; nil if it may.
func (c Caller) writes(id crdt.LogID) error {
	switch {
	case c.Role == 0:
		return errNoToken
	case !c.Role.MayWrite():
		return c.mayOnly()
	case !c.reads(id):
		return errOtherMatch
	}
	return nil
}

// mayOnly says what the caller may do instead of recording, by what it came, and what
// would let it: a guest has no token that could be looked at.
func (c Caller) mayOnly() *Problem {
	why := "this token lets its holder " + c.Role.String() + ", not record; ask for one with --role record"
	switch {
	case !c.Grant.IsZero():
		why = "this device joined as " + c.Role.String() + ", and does not record; ask for an invite with --role record"
	case c.Client == guestClient:
		why = "guests may only " + c.Role.String() + " here; to record, open a link from touchline token MATCH --role record --link on the node's device, or send such a token"
	}
	return newProblem(http.StatusForbidden, "forbidden", "Not allowed", why)
}

var (
	errNoToken = newProblem(http.StatusUnauthorized, "token", "A token is needed",
		"send Authorization: Bearer TOKEN; touchline token MATCH on the node's device makes one")
	errNoTokens   = newProblem(http.StatusUnauthorized, "token", "The token is not known", "this node has made no tokens")
	errOtherMatch = newProblem(http.StatusForbidden, "other-match", "The token is for another match", "this token belongs to another match")
)
