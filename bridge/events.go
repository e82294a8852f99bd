package bridge

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

const (
	defaultLimit = 1000
	maxLimit     = 10_000
	maxBatch     = 1000 // events posted at once
)

// EventList is one page of a match's events in order of arrival. Next is
// where the following page, or a live stream, begins.
type EventList struct {
	Events []Event   `json:"events"`
	Next   string    `json:"next"`
	Count  uint64    `json:"count"`  // of all events of the match
	Digest crdt.Hash `json:"digest"` // of its three sets
}

// MatchList is a page of what this device follows, each match with what the caller
// may do in it, by label and ID.
type MatchList struct {
	Matches []Match `json:"matches"`
	Next    string  `json:"next,omitempty"` // where the next page begins; empty: this is the last
}

func (s *Server) getMatches(w http.ResponseWriter, r *http.Request) {
	caller, ok := callerOf(r)
	if !ok {
		s.fail(w, r, errNoToken)
		return
	}
	list := slices.DeleteFunc(slices.Clone(s.backend.Matches()), func(m Match) bool { return !caller.reads(m.ID) })
	list, next, err := pageOf(r, list, func(m *Match) string { return m.Label + "\x00" + m.ID.String() })
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if list == nil {
		list = []Match{}
	}
	for i := range list {
		list[i].Sealed, list[i].Blind = s.backend.Sealed(list[i].ID)
		if caller != owner {
			list[i].Role, list[i].Of = caller.Role.String(), caller.Team
		} else if right, ok := s.backend.Right(list[i].ID, list[i].Grant); ok {
			list[i].Of = right.Team
		}
	}
	reply(w, http.StatusOK, MatchList{list, next})
}

func (s *Server) getStatus(w http.ResponseWriter, r *http.Request) {
	log, err := s.matchLog(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	status, err := s.statusFor(log, s.lens(r, log))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	caller, _ := callerOf(r)
	reply(w, http.StatusOK, status.seenBy(caller))
}

// statusFor is the status as far as it is for whoever looks through a lens: who may not
// see the result may not count what is hidden either.
func (s *Server) statusFor(log *crdt.Log, l *lens) (Status, error) {
	status, err := s.status(log.ID())
	if err != nil {
		return status, err
	}
	if err := l.focus(); err != nil && !errors.Is(err, errSealed) {
		return status, err
	}
	if l.hides() {
		status.Count, status.Digest, status.Records, status.Waiting = uint64(len(l.view.entries)), crdt.Hash{}, 0, 0
	}
	return status, nil
}

func (s *Server) status(id crdt.LogID) (Status, error) {
	status, err := s.backend.Status(id)
	status.Sealed, status.Blind = s.backend.Sealed(id)
	if status.Peers == nil {
		status.Peers = []PeerStatus{}
	}
	return status, err
}

// seenBy is the status with the caller's own role, and without the names by which
// devices are known in the network if the caller only watches.
func (st Status) seenBy(c Caller) Status {
	if c == owner {
		return st
	}
	st.Role, st.Damages = c.Role.String(), nil
	if !c.Role.MayWrite() {
		st.Peers = slices.Clone(st.Peers)
		for i := range st.Peers {
			st.Peers[i].ID = ""
		}
	}
	return st
}

func (s *Server) getEvents(w http.ResponseWriter, r *http.Request) {
	list, err := s.list(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	reply(w, http.StatusOK, list)
}

func (s *Server) list(r *http.Request) (*EventList, error) {
	log, err := s.matchLog(r)
	if err != nil {
		return nil, err
	}
	limit, err := limitOf(r, defaultLimit)
	if err != nil {
		return nil, err
	}
	store := s.backend.StoreID()
	at := cursorAt(store, 0)
	if text := r.FormValue("after"); text != "" {
		if at, err = parseCursor(text); err != nil {
			return nil, err
		}
		if !at.of(store) {
			return nil, newProblem(http.StatusGone, "cursor", "The cursor is of another store",
				"the cursor was made by another node, or before this one was restored; leave it out to begin at the beginning")
		}
	}
	list, lens := &EventList{Events: []Event{}}, s.lens(r, log)
	if at, err = lens.place(at); err != nil {
		return nil, err
	}
	for len(list.Events) < limit {
		entries, err := log.Since(at.at, limit-len(list.Events))
		if err != nil {
			return nil, err
		}
		if len(entries) == 0 {
			break
		}
		if err := lens.focus(); err != nil {
			return nil, err
		}
		for _, en := range entries {
			at.at = en.Arrival
			if !shown(en) {
				continue
			}
			if e, ok := lens.show(en.Event); ok {
				list.Events = append(list.Events, e)
			}
		}
	}
	status, err := s.statusFor(log, lens)
	list.Next, list.Count, list.Digest = lens.cursor(at).String(), status.Count, status.Digest
	return list, err
}

// limitOf is how many items a request asks for at most.
func limitOf(r *http.Request, unsaid int) (int, error) {
	text := r.FormValue("limit")
	if text == "" {
		return unsaid, nil
	}
	limit, err := strconv.Atoi(text)
	if err != nil || limit < 1 || limit > maxLimit {
		return 0, badRequest(fmt.Sprintf("limit must be a number from 1 to %d", maxLimit))
	}
	return limit, nil
}

// shown reports whether an entry appears in lists and streams.
func shown(en crdt.Entry) bool { return en.Set == crdt.Events && en.Event != nil }

// Result is the answer for one event of a batch: the status that it would
// have had alone, and the event or the problem.
type Result struct {
	Status  int      `json:"status"`
	Event   any      `json:"event,omitempty"` // an [Event], or with the fields of the page that sent it
	Problem *Problem `json:"problem,omitempty"`
}

// Results answers a batch, in its order.
type Results struct {
	Results []Result `json:"results"`
}

func (s *Server) postEvents(w http.ResponseWriter, r *http.Request) {
	if _, ok := callerOf(r); !ok {
		s.fail(w, r, errNoToken) // for a batch once, and not for each event
		return
	}
	body, err := readWhole(r.Body)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if !bytes.HasPrefix(bytes.TrimSpace(body), []byte("[")) {
		res := s.record(r, body)
		if res.Problem != nil {
			s.fail(w, r, res.Problem)
			return
		}
		reply(w, res.Status, res.Event)
		return
	}
	var batch []json.RawMessage
	if err := decodeStrict(body, &batch); err != nil {
		s.fail(w, r, err)
		return
	}
	if len(batch) > maxBatch {
		s.fail(w, r, newProblem(http.StatusRequestEntityTooLarge, "too-large", "The request is too large",
			fmt.Sprintf("a batch has at most %d events, not %d; send smaller ones", maxBatch, len(batch))))
		return
	}
	out := Results{Results: make([]Result, len(batch))}
	for i, item := range batch {
		out.Results[i] = s.record(r, item)
	}
	// On a slow disk, making a batch durable takes longer than an answer may.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(s.cfg.WriteTimeout))
	reply(w, http.StatusOK, out)
}

// readWhole reads the body of a request.
func readWhole(body io.Reader) ([]byte, error) {
	b, err := io.ReadAll(body)
	if tooBig := (*http.MaxBytesError)(nil); err != nil && !errors.As(err, &tooBig) {
		err = badRequest("the body ended early")
	}
	return b, err
}

// record writes one posted event.
func (s *Server) record(r *http.Request, body []byte) Result {
	refuse := func(err error) Result {
		p := problemOf(err)
		return Result{Status: p.Status, Problem: p}
	}
	if asPage(body) {
		return s.recordAsPage(r, body)
	}
	var in NewEvent
	if err := decodeStrict(body, &in); err != nil {
		return refuse(err)
	}
	d, err := in.draft()
	if err != nil {
		return refuse(err)
	}
	caller, err := mayWrite(r, in.Match)
	if err != nil {
		return refuse(err)
	}
	if err := s.conceal(&in, &d); err != nil {
		return refuse(err)
	}
	d.Client, d.Side = caller.Client, caller.Team
	rec, err := s.write(r.Context(), in.Match, d)
	if err != nil {
		res := refuse(err)
		if errors.Is(err, ErrConflict) && rec.Event != nil {
			res.Problem.Hash = rec.Event.Hash.String()
		}
		return res
	}
	e := s.render(rec.Event)
	e.WaitsFor = s.waitsFor(rec.Event)
	res := Result{Status: http.StatusOK, Event: &e}
	if rec.New {
		res.Status = http.StatusCreated
	}
	return res
}

// waitsFor is the role that may let an event count which came after the final whistle,
// so that whoever records it is told; empty if it waits for nobody, or that is not known.
func (s *Server) waitsFor(e *crdt.Event) string {
	log, err := s.backend.Log(e.LogID())
	if err != nil {
		return ""
	}
	folded, err := s.folds.OfCalm(log)
	if err != nil || folded == nil {
		return ""
	}
	if role := folded.State.WaitsFor(e.Hash); role != 0 {
		return access.Role(role).String()
	}
	return ""
}

// recordAsPage writes an event in the form of the first plan's pages and answers
// with all their fields.
func (s *Server) recordAsPage(r *http.Request, body []byte) Result {
	caller, _ := callerOf(r)
	out, err := s.recordPage(r.Context(), caller, body)
	if err != nil {
		res := Result{Problem: problemOf(err)}
		res.Status = res.Problem.Status
		if errors.Is(err, ErrConflict) && out.event != nil {
			res.Problem.Hash = out.event.Hash.String()
		}
		return res
	}
	res := Result{Status: http.StatusOK, Event: json.RawMessage(out.body)}
	if out.new {
		res.Status = http.StatusCreated
	}
	return res
}

func (s *Server) getHealth(w http.ResponseWriter, r *http.Request) {
	reply(w, http.StatusOK, map[string]bool{"ok": true})
}

// getMetrics answers the person at the device, programs of this machine, and
// whoever may record: its counts tell of events that others are not shown.
func (s *Server) getMetrics(w http.ResponseWriter, r *http.Request) {
	if c, _ := callerOf(r); !c.Role.MayWrite() && !fromHere(r) {
		s.fail(w, r, errNoToken)
		return
	}
	s.metrics.handler.ServeHTTP(w, r)
}

// fromHere reports whether a program of this machine asks for itself, and not as a
// proxy, most of which say for whom they ask.
func fromHere(r *http.Request) bool {
	return IsLoopback(r.RemoteAddr) && r.Header.Get("X-Forwarded-For") == "" && r.Header.Get("Forwarded") == ""
}

// getReady says whether events can be written here now.
func (s *Server) getReady(w http.ResponseWriter, r *http.Request) {
	if err := s.backend.Health(); err != nil {
		s.fail(w, r, newProblem(http.StatusServiceUnavailable, "not-ready", "Not ready", err.Error()))
		return
	}
	reply(w, http.StatusOK, map[string]bool{"ready": true})
}
