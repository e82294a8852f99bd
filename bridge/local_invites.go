package bridge

import (
	"fmt"
	"net/http"
	"time"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// maxUses is how many devices one invite may let in.
const maxUses = 65_536

// InviteRequest asks for an invite to a match. Zero Uses: as many as is usual
// for the role.
type InviteRequest struct {
	Role     string     `json:"role"`
	Uses     uint64     `json:"uses"`
	NotAfter *time.Time `json:"notAfter"`
	Team     string     `json:"team"`  // rights for one side only; empty: both
	Child    string     `json:"child"` // of that team, whose guardian the holder is
}

// Invited is an invite in text form. Whoever holds it may use it.
type Invited struct {
	Match  crdt.LogID `json:"matchId"`
	Role   string     `json:"role"`
	Uses   uint64     `json:"uses"`
	Invite string     `json:"invite"`
}

func (l local) invite(w http.ResponseWriter, r *http.Request) {
	var in InviteRequest
	log, err := l.server.matchLog(r)
	if err == nil {
		err = readBody(w, r, &in)
	}
	var t access.Terms
	if err == nil {
		t, err = l.terms(log, &in)
	}
	var invite *access.Invite
	if err == nil {
		invite, err = l.admin.Invite(r.Context(), log.ID(), t)
	}
	if err != nil {
		l.server.fail(w, r, err)
		return
	}
	reply(w, http.StatusCreated, Invited{Match: log.ID(), Role: t.Role.String(), Uses: t.Uses, Invite: invite.String()})
}

// terms are what is asked for, or why it makes no sense.
func (l local) terms(log *crdt.Log, in *InviteRequest) (access.Terms, error) {
	role, err := access.ParseRole(in.Role)
	if err != nil {
		return access.Terms{}, badRequest(err.Error())
	}
	team := in.Team
	if m := l.find(log.ID()); m != nil && m.Team {
		if team == "" {
			team = m.ID.String() // the log is one team's, and needs no name for it
		}
	} else if err := l.checkSide(log, in.Team); err != nil {
		return access.Terms{}, err
	}
	switch {
	case role == access.Guardian && in.Child == "":
		return access.Terms{}, badRequest("say whose guardian: --child 7, and in a match --team home or away; family sees what a guardian of nobody would")
	case in.Uses > maxUses:
		return access.Terms{}, badRequest(fmt.Sprintf("an invite lets in at most %d devices", maxUses))
	}
	if err := checkChild(role, team, in.Child); err != nil {
		return access.Terms{}, err
	}
	t := access.Terms{Role: role, Team: in.Team, Child: in.Child, Uses: in.Uses}
	if in.NotAfter != nil {
		t.NotAfter = in.NotAfter.UnixMilli()
	}
	if t.Uses == 0 {
		t.Uses = usualUses(role)
	}
	return t, nil
}

// checkSide says why a match has no such team: a side, or the ID of a team that its
// setup names.
func (l local) checkSide(log *crdt.Log, team string) error {
	if team == "" || team == "home" || team == "away" {
		return nil
	}
	folded, err := l.server.folds.Of(log)
	if err != nil {
		return err
	}
	for _, t := range folded.State.Teams {
		if t.Team.ID == team {
			return nil
		}
	}
	return badRequest(fmt.Sprintf("no team of this match is %q: say home, away, or the ID of a team that its setup names", team))
}
