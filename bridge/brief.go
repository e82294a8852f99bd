package bridge

import (
	"cmp"
	"slices"
	"time"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/match"
)

// brief is what is remembered of a match whose fold may be forgotten: enough to
// find the matches of a team and of a day without folding all.
type brief struct {
	at    crdt.Arrival // as far as the log was read
	teams [2]string    // IDs, home and away; empty while not known
	names [2]string    // of the teams as tables have them; an ID where there is none
	day   string       // on which it was begun, where it was begun; empty while not known
}

func (f *Folds) note(id crdt.LogID, at crdt.Arrival, s *match.State) {
	b := brief{at: at, teams: [2]string{s.Teams[0].Team.ID, s.Teams[1].Team.ID}}
	for i, t := range s.Teams {
		b.names[i] = cmp.Or(t.Team.Name, t.Team.ID)
	}
	for _, e := range s.Timeline {
		if e.Counts && e.OwnMs > 0 {
			b.day = time.UnixMilli(e.OwnMs).Format(time.DateOnly)
			break
		}
	}
	f.mu.Lock()
	f.brief[id] = b
	f.mu.Unlock()
}

// briefly returns what is remembered of a log, after folding it if it has grown.
func (f *Folds) briefly(log *crdt.Log) (brief, error) {
	_, last, err := log.Counts()
	if err != nil {
		return brief{}, err
	}
	f.mu.Lock()
	b, ok := f.brief[log.ID()]
	f.mu.Unlock()
	if ok && b.at >= last {
		return b, nil
	}
	if _, err := f.Of(log); err != nil {
		return brief{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.brief[log.ID()], nil
}

// which lists the followed matches of which yes says so, in order of ID. A
// match that cannot be read here is left out.
func (f *Folds) which(yes func(Match, brief) bool) (out []*crdt.Log) {
	matches := slices.Clone(f.backend.Matches())
	slices.SortFunc(matches, func(a, b Match) int { return crdt.Hash(a.ID).Compare(crdt.Hash(b.ID)) })
	for _, m := range matches {
		log, err := f.backend.Log(m.ID)
		if err != nil {
			continue
		}
		if b, err := f.briefly(log); err == nil && yes(m, b) {
			out = append(out, log)
		}
	}
	return out
}

// earlier is what the players of a side have played in the other matches of the
// day that its team is in.
func (f *Folds) earlier(id crdt.LogID, s *match.State, side match.Side) map[string]int64 {
	team := s.Side(side).Team.ID
	f.mu.Lock()
	day := f.brief[id].day
	f.mu.Unlock()
	if team == "" || team == string(side) || day == "" {
		return nil // another team may be called home, too
	}
	var others []*match.State
	for _, log := range f.which(func(m Match, b brief) bool { return m.ID != id && b.day == day && slices.Contains(b.teams[:], team) }) {
		if other, err := f.Of(log); err == nil {
			others = append(others, other.State)
		}
	}
	return match.DayMinutes(team, others...)
}
