package bridge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/crdt/match"
)

// maxLabel bounds the name that a person gives a match, in bytes.
const maxLabel = 200

// Local returns the handler for the person at the device: everything that
// [New] serves, and under /local/ what needs this person's rights. Whoever
// reaches it may do all of it, so it belongs on a socket in the data folder.
func Local(cfg Config, admin Admin) *Server {
	cfg.Backend = admin
	s := newServer(cfg)
	public := http.NewServeMux()
	s.publicRoutes(public)
	mux := http.NewServeMux()
	mux.Handle("/", s.limits(public))
	l := local{server: s, admin: admin}
	s.route(mux, http.MethodGet, "/local/self", l.self)
	s.route(mux, http.MethodPost, "/local/matches", l.found)
	s.route(mux, http.MethodPost, "/local/join", l.join)
	s.route(mux, http.MethodPost, "/local/matches/{id}/invites", l.invite)
	s.route(mux, http.MethodPost, "/local/matches/{id}/sync", l.sync)
	s.route(mux, http.MethodPost, "/local/matches/{id}/retire", l.retire)
	s.route(mux, http.MethodGet, "/local/matches/{id}/doctor", l.doctor)
	s.route(mux, http.MethodGet, "/local/matches/{id}/devices/{device}", l.device)
	s.route(mux, http.MethodGet, "/local/matches/{id}/export", l.export)
	s.route(mux, http.MethodGet, "/local/matches/{id}/verify", l.verify)
	s.route(mux, http.MethodPost, "/local/import", l.importFile)
	s.route(mux, http.MethodGet, "/local/peers", l.peers)
	s.route(mux, http.MethodGet, "/local/backup", l.backup)
	l.damageRoutes(mux)
	l.rightRoutes(mux)
	l.teamRoutes(mux)
	if cfg.Competitions != nil {
		l.competitionRoutes(mux)
	}
	l.recordRoutes(mux)
	l.server.route(mux, http.MethodPost, "/local/namespace", l.namespace)
	if cfg.Tokens != nil {
		l.tokenRoutes(mux)
	}
	s.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { mux.ServeHTTP(w, withCaller(r, owner)) })
	return s
}

// local holds the handlers under /local/.
type local struct {
	server *Server
	admin  Admin
}

// FoundRequest begins a match.
type FoundRequest struct {
	Label  string `json:"label"`
	Sealed bool   `json:"sealed"` // only members who may read can
	// NoInvites leaves the invites out, for callers that ask for each.
	NoInvites bool `json:"noInvites"`
}

// Founded is a new match with an invite for each common role.
type Founded struct {
	Match   crdt.LogID        `json:"matchId"`
	Label   string            `json:"label,omitempty"`
	Invites map[string]string `json:"invites"`
}

// JoinRequest enrols this device.
type JoinRequest struct {
	Invite string `json:"invite"`
	Label  string `json:"label"`
}

// PeerList lists known devices.
type PeerList struct {
	Peers []Peer `json:"peers"`
}

// CheckList is the doctor's report, from the outermost layer inwards.
type CheckList struct {
	Checks []Check `json:"checks"`
}

// commonRoles are those for which a new match has an invite at once.
var commonRoles = []access.Role{access.Organiser, access.Scorer, access.Spectator, access.Relay}

// usualUses is how many devices an invite enrols unless it is said.
func usualUses(role access.Role) uint64 {
	switch role {
	case access.Scorer:
		return 32
	case access.Spectator:
		return 1000
	case access.Relay:
		return 16
	}
	return 4
}

func (l local) self(w http.ResponseWriter, r *http.Request) {
	self := l.admin.Self()
	if self.Addrs == nil {
		self.Addrs = []string{}
	}
	reply(w, http.StatusOK, self)
}

func (l local) found(w http.ResponseWriter, r *http.Request) {
	var in FoundRequest
	if err := readBody(w, r, &in); err != nil {
		l.server.fail(w, r, err)
		return
	}
	out, err := l.newMatch(r.Context(), in)
	if err != nil {
		l.server.fail(w, r, err)
		return
	}
	reply(w, http.StatusCreated, out)
}

func (l local) newMatch(ctx context.Context, in FoundRequest) (*Founded, error) {
	label, err := l.freeLabel(in.Label)
	if err != nil {
		return nil, err
	}
	id, err := l.admin.Found(ctx, access.PurposeMatch, label, in.Sealed)
	if err != nil {
		return nil, err
	}
	if in.Sealed {
		if err := l.admin.BeginStaff(ctx, id, string(match.Home), string(match.Away)); err != nil {
			return nil, err
		}
	}
	out := &Founded{Match: id, Label: label, Invites: map[string]string{}}
	if in.NoInvites {
		return out, nil
	}
	for _, role := range commonRoles {
		invite, err := l.admin.Invite(ctx, id, access.Terms{Role: role, Uses: usualUses(role)})
		if err != nil {
			return nil, err
		}
		out.Invites[role.String()] = invite.String()
	}
	return out, nil
}

// freeLabel checks a label, since commands accept it in place of a match ID.
func (l local) freeLabel(label string) (string, error) {
	label = strings.TrimSpace(label)
	if len(label) > maxLabel {
		return "", badRequest(fmt.Sprintf("a label has at most %d bytes", maxLabel))
	}
	for _, m := range l.admin.Matches() {
		if label != "" && m.Label == label {
			return "", newProblem(http.StatusConflict, "label", "The label is taken", fmt.Sprintf("match %s is labelled %q already", m.ID.Short(), label))
		}
	}
	return label, nil
}

func (l local) join(w http.ResponseWriter, r *http.Request) {
	var in JoinRequest
	err := readBody(w, r, &in)
	if err != nil {
		l.server.fail(w, r, err)
		return
	}
	invite, err := access.ParseInvite(in.Invite)
	if err != nil {
		l.server.fail(w, r, err)
		return
	}
	label, status := in.Label, http.StatusCreated
	was := l.find(invite.Log())
	if was != nil {
		status = http.StatusOK
	}
	if was == nil || was.Label != strings.TrimSpace(label) {
		if label, err = l.freeLabel(in.Label); err != nil {
			l.server.fail(w, r, err)
			return
		}
	}
	id, err := l.admin.Join(r.Context(), invite, label)
	if err != nil {
		l.server.fail(w, r, err)
		return
	}
	reply(w, status, l.find(id))
}

func (l local) find(id crdt.LogID) *Match {
	for _, m := range l.admin.Matches() {
		if m.ID == id {
			m.Sealed, m.Blind = l.admin.Sealed(id)
			return &m
		}
	}
	return nil
}

func (l local) peers(w http.ResponseWriter, r *http.Request) {
	peers := slices.Clone(l.admin.Peers())
	slices.SortFunc(peers, func(a, b Peer) int { return strings.Compare(a.ID, b.ID) })
	if peers == nil {
		peers = []Peer{}
	}
	reply(w, http.StatusOK, PeerList{peers})
}

func (l local) sync(w http.ResponseWriter, r *http.Request) {
	log, err := l.server.matchLog(r)
	if err != nil {
		l.server.fail(w, r, err)
		return
	}
	report, err := l.admin.Sync(r.Context(), log.ID())
	if err != nil {
		l.server.fail(w, r, err)
		return
	}
	reply(w, http.StatusOK, report)
}

// RetireRequest gives up a match.
type RetireRequest struct {
	Force bool `json:"force"` // even if no other device is known to hold it
}

func (l local) retire(w http.ResponseWriter, r *http.Request) {
	var in RetireRequest
	log, err := l.server.matchLog(r)
	if err == nil {
		err = readBody(w, r, &in)
	}
	if err == nil {
		err = l.admin.Retire(r.Context(), log.ID(), in.Force)
	}
	if err != nil {
		l.server.fail(w, r, err)
		return
	}
	reply(w, http.StatusOK, map[string]crdt.LogID{"retired": log.ID()})
}

func (l local) doctor(w http.ResponseWriter, r *http.Request) {
	log, err := l.server.matchLog(r)
	if err != nil {
		l.server.fail(w, r, err)
		return
	}
	checks, err := l.admin.Doctor(r.Context(), log.ID())
	if err != nil {
		l.server.fail(w, r, err)
		return
	}
	reply(w, http.StatusOK, CheckList{checks})
}

func (l local) verify(w http.ResponseWriter, r *http.Request) {
	log, err := l.server.matchLog(r)
	if err != nil {
		l.server.fail(w, r, err)
		return
	}
	report, err := VerifyLog(log)
	if err == nil {
		var lost Lost
		if lost, err = l.admin.Lost(log.ID()); lost.Count > 0 {
			report.Lost = &lost
		}
	}
	if err != nil {
		l.server.fail(w, r, err)
		return
	}
	reply(w, http.StatusOK, report)
}

func (l local) export(w http.ResponseWriter, r *http.Request) {
	log, err := l.server.matchLog(r)
	if err != nil {
		l.server.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	if err := WriteArchive(w, log); err != nil {
		l.server.log.Warn("export", "match", log.ID().Short(), "err", err)
		panic(http.ErrAbortHandler) // the archive has no last line, and the connection breaks
	}
}

func (l local) importFile(w http.ResponseWriter, r *http.Request) {
	report, err := ImportArchive(r.Context(), r.Body, l.admin)
	if err != nil {
		l.server.fail(w, r, err)
		return
	}
	reply(w, http.StatusOK, report)
}

func (l local) backup(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/octet-stream")
	out := &counter{w: w}
	err := l.admin.Backup(r.Context(), out)
	switch {
	case errors.Is(err, crdt.ErrCorrupt): // whole, and names what it lacks
		l.server.log.Warn("backup", "err", err)
	case err != nil && out.n == 0:
		l.server.fail(w, r, err)
	case err != nil:
		l.server.log.Warn("backup", "err", err)
		panic(http.ErrAbortHandler) // so that the client sees a cut-off body
	}
}

// counter counts what goes through it.
type counter struct {
	w io.Writer
	n int
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += n
	return n, err
}

// readBody reads a small JSON body into v; an empty one leaves v as it is.
func readBody(w http.ResponseWriter, r *http.Request, v any) error {
	b, err := readWhole(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil || len(b) == 0 {
		return err
	}
	return decodeStrict(b, v)
}
