package bridge

import (
	"fmt"
	"slices"
	"strings"

	"touchline.dev/touchline/crdt/match"
	"touchline.dev/touchline/crdt/match/openfootball"
	"touchline.dev/touchline/crdt/match/table"
)

// importing is one file of results on its way into a competition.
type importing struct {
	one    *Competition
	file   *openfootball.File
	done   Imported
	known  map[int]int    // matches of the file, and which of one.Results each of them was
	tieIDs map[int]string // ties of the file, and which tie of the knock-out each of them is
	taken  map[int]bool   // matches of the file that are in
}

// Import takes the matches of an openfootball file in. A match is told by its teams and
// its round or its date, so that a newer file replaces what an older one said of it
// wherever it stands in the file. The organiser's own bracket stays as it is: matches
// that are no ties of it are left out, and named.
func (one *Competition) Import(text []byte) (Imported, error) {
	file, err := openfootball.Read(text, one.plannedTies())
	if err != nil {
		return Imported{}, badFile(err.Error())
	}
	in := &importing{one: one, file: file, done: Imported{Competition: one.Name, Matches: len(file.Matches)}, tieIDs: map[int]string{}, taken: map[int]bool{}}
	for _, l := range file.Unread {
		in.done.Unread = append(in.done.Unread, UnreadLine{l.At, l.Text})
	}
	in.done.UnreadCount = file.UnreadCount
	bracket, err := in.bracket()
	if err != nil {
		return Imported{}, err
	}
	if bracket != nil {
		one.Bracket = bracket
	}
	in.recognise()
	in.dropTies()
	in.put(func(m *openfootball.Match) bool { return m.Tie < 0 })
	if one.Planned {
		in.plan()
	}
	in.put(func(m *openfootball.Match) bool { return m.Tie >= 0 && in.tieIDs[m.Tie] != "" })
	for i := range file.Matches {
		if m := &file.Matches[i]; m.Tie >= 0 && in.tieIDs[m.Tie] == "" {
			in.done.Left = append(in.done.Left, file.Ties[m.Tie].ID)
		}
	}
	one.Results = slices.DeleteFunc(one.Results, func(o Outcome) bool { return o.Match == "" })
	return in.done, nil
}

// plannedTies are the IDs of the organiser's ties.
func (one *Competition) plannedTies() (ids []string) {
	if one.Planned {
		for _, t := range one.Bracket.Ties {
			ids = append(ids, t.ID)
		}
	}
	return ids
}

// bracket is the knock-out of the file, which must be one as the organiser's must; nil if
// the file has none, or the organiser's stays.
func (in *importing) bracket() (*table.Bracket, error) {
	if in.one.Planned || len(in.file.Ties) == 0 {
		return nil, nil
	}
	out := &table.Bracket{}
	for i, t := range in.file.Ties {
		in.tieIDs[i] = t.ID
		out.Ties = append(out.Ties, table.Tie{ID: t.ID, Round: t.Round, Slots: t.Slots, Legs: t.Legs, AwayGoals: in.one.Rules.AwayGoals && t.Legs > 1, Deciders: []string{"extra_time", "shootout"}})
	}
	if err := out.Validate(); err != nil {
		return nil, badFile("the knock-out of the file cannot be: " + err.Error())
	}
	return out, nil
}

// ours reports whether an earlier import of this file, or a ruling, left the outcome.
func (in *importing) ours(o *Outcome) bool {
	return strings.HasPrefix(o.Match, in.file.Name+"/") || o.How == match.HowForfeit
}

// recognise finds the matches of the file among those that are there: by teams, round
// and date, else by teams and round, else by teams and date. What has neither round nor
// date, as rulings before any file, is told by its teams.
func (in *importing) recognise() {
	in.known = map[int]int{}
	taken := map[int]bool{}
	for _, same := range []func(m *openfootball.Match, o *Outcome) bool{
		func(m *openfootball.Match, o *Outcome) bool { return o.Round == m.Round && o.Date == m.Date },
		func(m *openfootball.Match, o *Outcome) bool { return o.Round == m.Round && m.Round != "" },
		func(m *openfootball.Match, o *Outcome) bool { return o.Date == m.Date && m.Date != "" },
		func(m *openfootball.Match, o *Outcome) bool { return o.Round == "" && o.Date == "" },
	} {
		for i := range in.file.Matches {
			m := &in.file.Matches[i]
			if _, ok := in.known[i]; ok {
				continue
			}
			for j := range in.one.Results {
				if o := &in.one.Results[j]; !taken[j] && o.Teams == m.Teams && in.ours(o) && same(m, o) {
					in.known[i], taken[j] = j, true
					break
				}
			}
		}
	}
}

// dropTies forgets ties of the file's last version that it has no more: they are the
// file's as a whole. A file without any may be that of the groups alone, beside one of
// the knock-out: as text openfootball keeps them apart.
func (in *importing) dropTies() {
	if len(in.file.Ties) == 0 {
		return
	}
	stay := map[int]bool{}
	for _, j := range in.known {
		stay[j] = true
	}
	kept, moved := []Outcome{}, map[int]int{}
	for j, o := range in.one.Results {
		if o.Tie != "" && !stay[j] && in.ours(&o) && o.How != match.HowForfeit {
			continue
		}
		moved[j] = len(kept)
		kept = append(kept, o)
	}
	in.one.Results = kept
	for i, j := range in.known {
		in.known[i] = moved[j]
	}
}

// put takes those matches in that which tells.
func (in *importing) put(which func(*openfootball.Match) bool) {
	for i := range in.file.Matches {
		m := &in.file.Matches[i]
		if !which(m) || in.taken[i] {
			continue
		}
		in.taken[i] = true
		in.putOne(i, m)
	}
}

// putOne takes match i in, or again. A ruling stands whatever the file says.
func (in *importing) putOne(i int, m *openfootball.Match) {
	results := &in.one.Results
	j, known := in.known[i]
	out := Outcome{Group: m.Group, Round: m.Round, Date: m.Date, Result: table.Result{Teams: m.Teams, NoCards: true}}
	if m.Tie >= 0 {
		out.Tie = in.tieIDs[m.Tie]
	}
	if known && (*results)[j].How == match.HowForfeit {
		old := &(*results)[j]
		old.Group, old.Tie, old.Round, old.Date = out.Group, out.Tie, out.Round, out.Date
		return
	}
	counts := m.State == openfootball.Counts && m.Known() && out.settle(m.Score)
	if m.State == openfootball.CalledOff || !counts && (out.Tie != "" || !m.Known()) { // the bracket says who will play
		if known {
			(*results)[j].Match = "" // goes below; the places of the others stay
		}
	} else if known {
		out.Match = (*results)[j].Match
		(*results)[j] = out
	} else {
		out.Match = in.name(m)
		*results = append(*results, out)
	}
}

// name is a name for a match that no other has.
func (in *importing) name(m *openfootball.Match) string {
	base := in.file.Name + "/" + m.Teams[0] + " - " + m.Teams[1]
	name := base
	for _, more := range []string{m.Round, m.Date, fmt.Sprint(m.At)} {
		if !slices.ContainsFunc(in.one.Results, func(o Outcome) bool { return o.Match == name }) {
			break
		}
		if more != "" {
			name = base + " (" + more + ")"
		}
	}
	return name
}

// settle reads the score; false if there is none.
func (o *Outcome) settle(s *openfootball.Score) bool {
	if s == nil {
		return false
	}
	o.Final, o.How, o.Score = true, match.HowPlayed, s.FT
	if s.ET != nil {
		o.How, o.Score = match.HowExtraTime, *s.ET
	}
	o.Winner = winnerOf(o.Score)
	if s.P != nil {
		o.How, o.Kicks, o.Winner = match.HowShootout, s.P, winnerOf(*s.P)
	}
	return true
}

// put takes a result in, or again.
func (one *Competition) put(out Outcome) {
	if i := slices.IndexFunc(one.Results, func(o Outcome) bool { return o.Match == out.Match }); i >= 0 {
		one.Results[i] = out
		return
	}
	one.Results = append(one.Results, out)
}
