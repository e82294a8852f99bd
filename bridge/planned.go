package bridge

import (
	"slices"

	"touchline.dev/touchline/crdt/match/openfootball"
	"touchline.dev/touchline/crdt/match/table"
)

// plan finds for the ties of the file those of the organiser's knock-out: by number,
// else by the name of the round where it has one tie, else by the teams that are known
// to play it. Each that is found may say who plays the next.
func (in *importing) plan() {
	for i, t := range in.file.Ties {
		if p := in.planned(func(p *table.Tie) bool {
			return p.ID == t.ID && (p.Round == "" || t.Round == "" || openfootball.SameRound(p.Round, t.Round))
		}); len(p) == 1 {
			in.tieIDs[i] = p[0]
		}
	}
	for again := true; again; {
		again = false
		in.put(func(m *openfootball.Match) bool { return m.Tie >= 0 && in.tieIDs[m.Tie] != "" })
		for i := range in.file.Ties {
			if in.tieIDs[i] != "" {
				continue
			}
			if id := in.counterpart(i); id != "" {
				in.tieIDs[i], again = id, true
			}
		}
	}
}

// counterpart is the organiser's tie for tie i of the file; empty as long as it may be
// several or none.
func (in *importing) counterpart(i int) string {
	t := &in.file.Ties[i]
	same := func(round string) bool { return t.Round != "" && openfootball.SameRound(round, t.Round) }
	open := in.planned(func(p *table.Tie) bool { return same(p.Round) && !in.has(p.ID) })
	alone := true
	for j := range in.file.Ties {
		alone = alone && (j == i || in.tieIDs[j] != "" || !same(in.file.Ties[j].Round))
	}
	if len(open) == 1 && alone {
		return open[0]
	}
	ties, err := in.one.fromFiles(nil).bracket()
	if err != nil {
		return ""
	}
	teams := in.teams(i)
	for _, p := range ties {
		if slices.Contains(open, p.ID) && teams[0] != "" && (p.Entrants[0].Team == teams[0] && p.Entrants[1].Team == teams[1] || p.Entrants[0].Team == teams[1] && p.Entrants[1].Team == teams[0]) {
			return p.ID
		}
	}
	return ""
}

// teams are those of tie i as its first match has them.
func (in *importing) teams(i int) (teams [2]string) {
	if at := slices.IndexFunc(in.file.Matches, func(m openfootball.Match) bool { return m.Tie == i }); at >= 0 {
		teams = in.file.Matches[at].Teams
	}
	return teams
}

// planned are the IDs of the organiser's ties that which tells.
func (in *importing) planned(which func(*table.Tie) bool) (ids []string) {
	for i := range in.one.Bracket.Ties {
		if p := &in.one.Bracket.Ties[i]; which(p) {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// has reports whether a tie of the file is found to be the organiser's of this ID.
func (in *importing) has(id string) bool {
	for _, of := range in.tieIDs {
		if of == id {
			return true
		}
	}
	return false
}
