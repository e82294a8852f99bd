package bridge

import (
	"fmt"
	"runtime"

	"golang.org/x/sync/errgroup"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/match"
)

// standings is what a table needs of a match, kept of every match that was in one, so
// that a season is not folded anew for one more goal: of far more matches than stay folded.
type standings struct {
	store  crdt.StoreID
	at     crdt.Arrival
	learnt uint64
	counts [crdt.NumSets]uint64
	state  *match.State // without timeline, and only players who have cards
}

// now says how far a log has come, as far as a table depends on it.
func (f *Folds) now(log *crdt.Log) (now standings, err error) {
	now = standings{store: f.backend.StoreID(), learnt: log.Learnt()}
	if now.counts, now.at, err = log.Counts(); err != nil {
		return now, fmt.Errorf("match %s: %w", log.ID().Short(), err)
	}
	return now, nil
}

// tabled reports whether anything is kept of a match for tables.
func (f *Folds) tabled(id crdt.LogID) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, ok := f.tables[id]
	return ok
}

// stands returns what is kept of a match for tables; nil if that is not how it is now.
func (f *Folds) stands(log *crdt.Log) *match.State {
	f.mu.Lock()
	kept, ok := f.tables[log.ID()]
	f.mu.Unlock()
	if !ok {
		return nil
	}
	now, err := f.now(log)
	if now.state = kept.state; err != nil || kept != now {
		return nil
	}
	return kept.state
}

// standing folds a match and keeps what a table needs of it. The state lacks the rest.
func (f *Folds) standing(log *crdt.Log) (*match.State, error) {
	now, err := f.now(log)
	if err != nil {
		return nil, err
	}
	folded, err := f.Of(log)
	if err != nil {
		return nil, err
	}
	now.state = forTables(folded.State)
	f.mu.Lock()
	f.tables[log.ID()] = now // if the log grew meanwhile, whoever asks next sees that
	f.mu.Unlock()
	return now.state, nil
}

// standings are those of the matches of a competition; nil where one cannot be read. A
// cold season is read on all processors.
func (s *Server) standings(matches []Fixture) []*match.State {
	out := make([]*match.State, len(matches))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, f := range matches {
		if out[i] = s.stands(f.Match); out[i] != nil {
			continue
		}
		group.Go(func() error {
			log, err := s.backend.Log(f.Match)
			if err != nil {
				return nil
			}
			if state, err := s.folds.standing(log); err == nil {
				out[i] = state
			}
			return nil
		})
	}
	group.Wait()
	return out
}

// stands is [Folds.stands] of a match that was in a table before.
func (s *Server) stands(id crdt.LogID) *match.State {
	if !s.folds.tabled(id) {
		return nil
	}
	log, err := s.backend.Log(id)
	if err != nil {
		return nil
	}
	return s.folds.stands(log)
}

// forTables leaves out what no table looks at.
func forTables(s *match.State) *match.State {
	out := &match.State{Setup: s.Setup, Phase: s.Phase, Result: s.Result}
	for i := range s.Teams {
		t := &s.Teams[i]
		out.Teams[i].Team, out.Teams[i].Stats.Cards = t.Team, t.Stats.Cards
		for _, p := range t.Players {
			if p.Cards != (match.Cards{}) {
				out.Teams[i].Players = append(out.Teams[i].Players, match.Player{ID: p.ID, Cards: p.Cards})
			}
		}
	}
	return out
}
