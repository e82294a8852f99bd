package bridge

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// TokenRequest asks for a token for clients of this node.
type TokenRequest struct {
	Role  string `json:"role"`
	Team  string `json:"team"`  // the one side that the holder belongs to; empty: none, or both
	Child string `json:"child"` // of that team, whose guardian the holder is
	Label string `json:"label"`
	Life  string `json:"for"` // a duration such as 12h
}

// Minted is a new token. Its text is shown this once.
type Minted struct {
	TokenInfo
	Token string `json:"token"`
}

// TokenList lists what was minted here; it cannot show the tokens' text.
type TokenList struct {
	Tokens []TokenInfo `json:"tokens"`
}

// RevokedToken is a token that was ended, with the rights that pages got by it.
type RevokedToken struct {
	TokenInfo
	Pages int `json:"pages"`          // how many such rights were revoked now
	Left  int `json:"left,omitempty"` // how many this device may not revoke: only it refuses them
}

func (l local) tokenRoutes(mux *http.ServeMux) {
	l.server.route(mux, http.MethodPost, "/local/matches/{id}/tokens", l.mint)
	l.server.route(mux, http.MethodGet, "/local/tokens", l.tokens)
	l.server.route(mux, http.MethodPost, "/local/tokens/{token}/revoke", l.revokeToken)
}

func (l local) mint(w http.ResponseWriter, r *http.Request) {
	var in TokenRequest
	log, err := l.server.matchLog(r)
	if err == nil {
		err = readBody(w, r, &in)
	}
	var out *Minted
	if err == nil {
		out, err = l.newToken(r, log, in)
	}
	if err != nil {
		l.server.fail(w, r, err)
		return
	}
	reply(w, http.StatusCreated, out)
}

func (l local) newToken(r *http.Request, log *crdt.Log, in TokenRequest) (*Minted, error) {
	role, err := access.ParseRole(in.Role)
	if err != nil {
		return nil, badRequest(err.Error())
	}
	life, err := time.ParseDuration(in.Life)
	if err != nil {
		return nil, badRequest("how long the token is for must be a duration such as 12h")
	}
	terms := TokenTerms{Match: log.ID(), Role: role, Team: in.Team, Child: in.Child, Label: in.Label, Life: life}
	if err := terms.check(); err != nil {
		return nil, err
	}
	if terms.Team, err = l.server.teamOf(terms); err == nil {
		err = MayLetIn(l.server.backend, terms)
	}
	if err != nil {
		return nil, err
	}
	text, info, err := l.server.cfg.Tokens.Mint(r.Context(), terms, time.Now())
	if err != nil {
		return nil, err
	}
	return &Minted{TokenInfo: info, Token: text}, nil
}

// MayLetIn returns why a device makes no token on these terms; nil if it does. A token
// opens no more than the device's own right does, and nothing once that has ended:
// whoever was put out lets nobody in, himself included. A right that was handed over
// reads on, and lets others read.
func MayLetIn(b Backend, t TokenTerms) error {
	right := access.Right{Role: access.Spectator}
	if grant := ownGrant(b, t.Match); !grant.IsZero() {
		known := false
		if right, known = b.Right(t.Match, grant); !known {
			return noToken("the right that this device joined by has not arrived yet; touchline doctor says why")
		}
		if !right.Live() {
			return noToken("this device's right has ended: " + right.Ended() + "; ask for a new invite")
		}
	}
	own := min(roleOf(right), access.Spectator) // a relay's people watch
	switch {
	case t.Role >= own && (t.Child == "" || own.MayGrant() || slices.Contains(b.Wards(t.Match, right.Hash, []string{t.Child}), t.Child)):
		return nil
	case t.Role >= own:
		return noToken("this device joined as " + roleOf(right).String() + ", and is no guardian of that child; a coach makes the token")
	case right.HandedOver:
		return noToken("this device handed its right over and only reads on; its tokens let others read, too: --role family or watch")
	}
	return noToken(fmt.Sprintf("this device joined as %s, and its tokens let nobody do more: it makes them with --role %s. For --role %s take a device that may itself, or ask who runs the match for an invite and join by it",
		roleOf(right), strings.Join(tokenRoles(own), " or "), t.Role))
}

// tokenRoles are the roles of the tokens that a device of a role makes.
func tokenRoles(own access.Role) (list []string) {
	for _, r := range []access.Role{access.Coach, access.Scorer, access.Guardian, access.Family, access.Spectator} {
		if r >= own {
			list = append(list, r.String())
		}
	}
	return list
}

// teamOf is the team that a token is for: who belongs to one side lets nobody see as one
// of the other, or of both.
func (s *Server) teamOf(t TokenTerms) (string, error) {
	_, own, _ := s.ownRight(t.Match)
	switch {
	case own == "" || t.Role == access.Spectator || slices.Contains(s.teamNames(t.Match, own), t.Team):
		return t.Team, nil
	case t.Team == "":
		return own, nil
	}
	return "", noToken("this device's right is for " + own + " only, and so are its tokens")
}

func noToken(why string) *Problem {
	return newProblem(http.StatusForbidden, "forbidden", "Not allowed", why)
}

func (l local) tokens(w http.ResponseWriter, r *http.Request) {
	list, err := l.server.cfg.Tokens.List()
	if err != nil {
		l.server.fail(w, r, err)
		return
	}
	reply(w, http.StatusOK, TokenList{list})
}

func (l local) revokeToken(w http.ResponseWriter, r *http.Request) {
	info, err := l.server.cfg.Tokens.Revoke(r.Context(), r.PathValue("token"))
	if err != nil {
		l.server.fail(w, r, err)
		return
	}
	out := RevokedToken{TokenInfo: info}
	out.Pages, out.Left = l.endPages(r.Context(), l.server.cfg.Tokens.pages(func(in *letIn) bool { return in.Token == info.ID }))
	reply(w, http.StatusOK, out)
}
