package bridge

import (
	"net/http"
	"strings"
	"time"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// Right is one right in a match, for people.
type Right struct {
	Grant   crdt.Hash  `json:"grant"`
	Parent  string     `json:"parent,omitempty"` // the right it was given under
	Kind    string     `json:"kind"`             // founder, invite, device, hand-over, client, key
	Role    string     `json:"role"`
	Team    string     `json:"team,omitempty"`
	Key     string     `json:"key"`
	Until   *time.Time `json:"until,omitempty"`
	Uses    uint64     `json:"uses,omitempty"`    // of an invite
	Devices int        `json:"devices,omitempty"` // that came by an invite and stand
	State   string     `json:"state"`             // good, ended, handed over, unconfirmed
	Why     string     `json:"why,omitempty"`
	Own     bool       `json:"own,omitempty"` // this device's
}

// RightList lists the rights in a match, each after the one it was given under.
type RightList struct {
	Rights []Right `json:"rights"`
}

// RevokeRequest ends a right.
type RevokeRequest struct {
	Grant   string `json:"grant"`   // hash, or enough of its beginning
	Nothing bool   `json:"nothing"` // let nothing stand of what was written under it
}

// Revoked is a revocation.
type Revoked struct {
	Revocation crdt.Hash `json:"revocation"` // zeros: it had ended before, and nothing was changed
	Right      Right     `json:"right"`
}

var kindNames = map[access.Kind]string{
	access.KindFounding: "founder", access.KindGrant: "key", access.KindEnrolment: "device",
	access.KindHandOver: "hand-over", access.KindClient: "client",
}

func (l local) rightRoutes(mux *http.ServeMux) {
	l.server.route(mux, http.MethodGet, "/local/matches/{id}/rights", l.rights)
	l.server.route(mux, http.MethodPost, "/local/matches/{id}/revoke", l.revoke)
	l.server.route(mux, http.MethodPost, "/local/matches/{id}/handover", l.handOver)
}

// showRight is a right for people; own is this device's.
func showRight(r access.Right, own crdt.Hash) Right {
	out := Right{
		Grant: r.Hash, Kind: kindNames[r.Kind], Role: r.Role.String(), Team: r.Team, Key: r.Subject.String(),
		Uses: r.Enrols, Devices: r.Devices, State: "good", Own: r.Hash == own,
	}
	if r.Kind == access.KindGrant && r.Enrols > 0 {
		out.Kind = "invite"
	}
	if !r.Parent.IsZero() {
		out.Parent = r.Parent.String()
	}
	if r.NotAfter > 0 {
		t := time.UnixMilli(r.NotAfter).UTC()
		out.Until = &t
	}
	switch {
	case r.HandedOver:
		out.State, out.Why = "handed over", "its holder handed it over (cut "+r.CutBy.Short()+")"
	case r.Verdict.State != access.Stands:
		out.State, out.Why = "unconfirmed", r.Verdict.Why()
	case !r.CutBy.IsZero():
		out.State, out.Why = "ended", r.Ended()
	default:
		out.Why = r.Verdict.Why()
	}
	return out
}

func (l local) rights(w http.ResponseWriter, r *http.Request) {
	log, err := l.server.matchLog(r)
	if err != nil {
		l.server.fail(w, r, err)
		return
	}
	list, err := l.rightList(log.ID())
	if err != nil {
		l.server.fail(w, r, err)
		return
	}
	reply(w, http.StatusOK, list)
}

func (l local) rightList(id crdt.LogID) (*RightList, error) {
	rights, err := l.admin.Rights(id)
	if err != nil {
		return nil, err
	}
	var own crdt.Hash
	if m := l.find(id); m != nil {
		own = m.Grant
	}
	out := &RightList{Rights: make([]Right, 0, len(rights))}
	for _, right := range rights {
		out.Rights = append(out.Rights, showRight(right, own))
	}
	return out, nil
}

func (l local) revoke(w http.ResponseWriter, r *http.Request) {
	var in RevokeRequest
	log, err := l.server.matchLog(r)
	if err == nil {
		err = readBody(w, r, &in)
	}
	var out *Revoked
	if err == nil {
		out, err = l.revokeRight(r, log.ID(), in)
	}
	if err != nil {
		l.server.fail(w, r, err)
		return
	}
	reply(w, http.StatusCreated, out)
}

func (l local) revokeRight(r *http.Request, id crdt.LogID, in RevokeRequest) (*Revoked, error) {
	list, err := l.rightList(id)
	if err != nil {
		return nil, err
	}
	right, err := list.Find(in.Grant)
	if err != nil {
		return nil, err
	}
	keep := access.KeepSeen
	switch {
	case in.Nothing:
		keep = access.KeepNothing
	case right.State == "ended":
		return &Revoked{Right: *right}, nil // another would let stand what came past the end
	}
	e, err := l.admin.Revoke(r.Context(), id, right.Grant, keep)
	if err != nil {
		return nil, err
	}
	if t := l.server.cfg.Tokens; t != nil {
		l.endPages(r.Context(), t.pages(func(in *letIn) bool { return in.Match == id && in.Device == right.Grant }))
	}
	return &Revoked{Revocation: e.Hash, Right: *right}, nil
}

// Find returns the one right whose grant or key begins with text.
func (l *RightList) Find(text string) (*Right, error) {
	var found *Right
	for i := range l.Rights {
		r := &l.Rights[i]
		if text == "" || !strings.HasPrefix(r.Grant.String(), text) && !strings.HasPrefix(r.Key, text) {
			continue
		}
		if found != nil {
			return nil, badRequest("more than one right begins with " + text + "; give more of it")
		}
		found = r
	}
	if found == nil {
		return nil, newProblem(http.StatusNotFound, "not-found", "Not found", "no right begins with "+text+"; touchline grants shows them")
	}
	return found, nil
}

func (l local) handOver(w http.ResponseWriter, r *http.Request) {
	log, err := l.server.matchLog(r)
	var invite *access.Invite
	if err == nil {
		invite, err = l.admin.HandOver(r.Context(), log.ID())
	}
	if err != nil {
		l.server.fail(w, r, err)
		return
	}
	reply(w, http.StatusCreated, Invited{Match: log.ID(), Role: invite.Role().String(), Uses: 1, Invite: invite.String()})
}
