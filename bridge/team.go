package bridge

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"touchline.dev/touchline/crdt"
)

// getTeamEvents lists the events of the followed matches that a team plays in,
// in the order of their time. Next is the place after the last; what arrives
// late, before it, is found from the beginning only: Digest says whether
// anything has.
func (s *Server) getTeamEvents(w http.ResponseWriter, r *http.Request) {
	list, err := s.teamEvents(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	reply(w, http.StatusOK, list)
}

func (s *Server) teamEvents(r *http.Request) (*EventList, error) {
	caller, ok := callerOf(r)
	if !ok {
		return nil, errNoToken
	}
	limit, err := limitOf(r, defaultLimit)
	if err != nil {
		return nil, err
	}
	after, err := parsePlace(r.FormValue("after"))
	if err != nil {
		return nil, err
	}
	team := r.PathValue("team")
	logs := s.folds.which(func(m Match, b brief) bool { return caller.reads(m.ID) && slices.Contains(b.teams[:], team) })
	if len(logs) == 0 {
		return nil, fmt.Errorf("team %q: %w: no match followed here names it", team, crdt.ErrNotFound)
	}
	list := &EventList{Events: []Event{}, Next: r.FormValue("after")}
	var found []*crdt.Event
	lenses := map[crdt.LogID]*lens{}
	var sums []byte
	for _, log := range logs {
		events, err := eventsAfter(log, after)
		if err != nil {
			return nil, err
		}
		found = append(found, events...)
		lenses[log.ID()] = s.lens(r, log)
		if err := lenses[log.ID()].focus(); err != nil {
			return nil, err
		}
		status, err := s.statusFor(log, lenses[log.ID()])
		if err != nil {
			return nil, err
		}
		list.Count += status.Count
		sums = append(sums, status.Digest[:]...)
	}
	list.Digest = crdt.Sum(sums)
	slices.SortFunc(found, func(a, b *crdt.Event) int { return a.Element().Compare(b.Element()) })
	for _, e := range found {
		shown, ok := lenses[e.LogID()].show(e)
		if !ok && lenses[e.LogID()].hides() {
			continue // not even its place
		}
		if limit--; limit < 0 {
			break
		}
		list.Next = placeText(e.Element())
		if ok {
			list.Events = append(list.Events, shown)
		}
	}
	return list, nil
}

// eventsAfter reads the events of a log that come after a place by time.
func eventsAfter(log *crdt.Log, after crdt.Element) (out []*crdt.Event, err error) {
	var at crdt.Arrival
	for {
		entries, err := log.Since(at, foldPage)
		if err != nil || len(entries) == 0 {
			return out, err
		}
		for _, en := range entries {
			if at = en.Arrival; shown(en) && en.Element.Compare(after) > 0 {
				out = append(out, en.Event)
			}
		}
	}
}

// placeText is a place by time and hash, opaque to clients.
func placeText(e crdt.Element) string {
	return strconv.FormatUint(uint64(e.Time), 10) + "." + e.Hash.String()
}

func parsePlace(s string) (e crdt.Element, err error) {
	if s == "" {
		return e, nil
	}
	number, name, ok := strings.Cut(s, ".")
	at, errNumber := strconv.ParseUint(number, 10, 64)
	hash, errHash := crdt.ParseHash(name)
	if !ok || errNumber != nil || errHash != nil {
		return e, errCursor
	}
	return crdt.Element{Time: crdt.Time(at), Hash: hash}, nil
}
