package bridge

import (
	"context"
	"net/http"
	"strconv"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	football "touchline.dev/touchline/crdt/match"
)

// AnnounceRequest lets the followers of a team follow a match, too.
type AnnounceRequest struct {
	Match crdt.LogID `json:"matchId"`
	Role  string     `json:"role"` // what they may do in it
	Label string     `json:"label"`
	Side  string     `json:"side"` // that the team plays on; needed when its children have guardians
}

// teamUses is how many devices may join a match by a team's announcement.
const teamUses = 500

// guardianUses is how many devices of one child's guardians may.
const guardianUses = 8

func (l local) teamRoutes(mux *http.ServeMux) {
	l.server.route(mux, http.MethodPost, "/local/teams", l.foundTeam)
	l.server.route(mux, http.MethodPost, "/local/teams/{id}/announce", l.announce)
	l.server.route(mux, http.MethodPost, "/local/matches/{id}/rotate", l.rotate)
}

func (l local) foundTeam(w http.ResponseWriter, r *http.Request) {
	var in FoundRequest
	err := readBody(w, r, &in)
	var label string
	if err == nil {
		label, err = l.freeLabel(in.Label)
	}
	var id crdt.LogID
	if err == nil {
		id, err = l.admin.Found(r.Context(), access.PurposeTeam, label, true)
	}
	if err != nil {
		l.server.fail(w, r, err)
		return
	}
	reply(w, http.StatusCreated, l.find(id))
}

func (l local) announce(w http.ResponseWriter, r *http.Request) {
	var in AnnounceRequest
	team, err := l.server.matchLog(r)
	if err == nil {
		err = readBody(w, r, &in)
	}
	if err == nil {
		err = l.announceMatch(r.Context(), team.ID(), in)
	}
	if err != nil {
		l.server.fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (l local) announceMatch(ctx context.Context, team crdt.LogID, in AnnounceRequest) error {
	role, err := access.ParseRole(in.Role)
	if err != nil {
		return badRequest(err.Error())
	}
	if in.Side != "" && in.Side != string(football.Home) && in.Side != string(football.Away) {
		return badRequest("a team plays home or away, not " + strconv.Quote(in.Side))
	}
	match := l.find(in.Match)
	if match == nil {
		return crdt.ErrNotFound
	}
	label := in.Label
	if label == "" {
		label = match.Label
	}
	children, err := l.admin.Children(team)
	if err != nil {
		return err
	}
	if len(children) > 0 && in.Side == "" {
		return badRequest("say which side the team plays on, home or away: guardians follow their own child in it")
	}
	invite, err := l.admin.Invite(ctx, in.Match, access.Terms{Role: role, Uses: teamUses})
	if err == nil {
		err = l.admin.Announce(ctx, team, invite, label)
	}
	for _, child := range children {
		if err == nil {
			err = l.announceTo(ctx, team, child, in, label)
		}
	}
	return err
}

// announceTo makes a child's guardians in the team its guardians in a match.
func (l local) announceTo(ctx context.Context, team crdt.LogID, child string, in AnnounceRequest, label string) error {
	invite, err := l.admin.Invite(ctx, in.Match, access.Terms{Role: access.Guardian, Team: in.Side, Child: child, Uses: guardianUses})
	if err != nil {
		return err
	}
	return l.admin.AnnounceTo(ctx, team, child, invite, label)
}

func (l local) rotate(w http.ResponseWriter, r *http.Request) {
	log, err := l.server.matchLog(r)
	if err == nil {
		err = l.admin.Rotate(r.Context(), log.ID())
	}
	if err != nil {
		l.server.fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
