package bridge

import (
	"net/http"
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
	text, info, err := l.server.cfg.Tokens.Mint(r.Context(), TokenTerms{Match: log.ID(), Role: role, Team: in.Team, Child: in.Child, Label: in.Label, Life: life}, time.Now())
	if err != nil {
		return nil, err
	}
	return &Minted{TokenInfo: info, Token: text}, nil
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
