package table

import (
	"cmp"
	"slices"

	"touchline.dev/touchline/crdt/match"
)

// Row is one team in a table.
type Row struct {
	Rank        int       `json:"rank"` // level teams share one
	Team        string    `json:"team"`
	Group       string    `json:"group,omitempty"`
	Played      int64     `json:"played"`
	Won         int64     `json:"won"`
	Drawn       int64     `json:"drawn"`
	Lost        int64     `json:"lost"`
	For         int64     `json:"for"`
	Against     int64     `json:"against"`
	AwayFor     int64     `json:"awayFor"`
	AwayWon     int64     `json:"awayWon"`
	Points      int64     `json:"points"`
	Adjusted    int64     `json:"adjusted,omitempty"` // of the points: given or taken by a ruling
	Conduct     int64     `json:"conduct"`
	Reds        int64     `json:"reds"` // a second yellow is one
	Yellows     int64     `json:"yellows"`
	Tied        bool      `json:"tied"`              // nothing in the list splits it from a neighbour
	By          Criterion `json:"by,omitempty"`      // what put it below the row above
	Provisional bool      `json:"provisional"`       // a match under way is in it
	NoCards     bool      `json:"noCards,omitempty"` // of some match the cards are not known, so Conduct is not either
	Wants       Criterion `json:"wants,omitempty"`   // of a tied row: what would come next, if it were known
}

// Table orders teams by the matches among them. With live, matches under way
// count too and their rows are marked. Teams without matches are rows of zeros;
// results of other teams are left out. Level teams are listed by name.
func Table(teams []string, results []Result, rules *Rules, live bool) ([]Row, error) {
	if rules.NoTable {
		return nil, ErrNoTable
	}
	if err := rules.check(); err != nil {
		return nil, err
	}
	rows := tally(teams, results, rules, live)
	for i := range rows {
		rows[i].Adjusted = rules.Adjust[rows[i].Team]
		rows[i].Points += rows[i].Adjusted
	}
	o := orderer{results: results, rules: rules, live: live}
	o.opponents(rows)
	o.split(rows, 0, nil)
	number(rows)
	return rows, nil
}

// tally counts matches whose both teams are among the given.
func tally(teams []string, results []Result, rules *Rules, live bool) []Row {
	rows := make([]Row, len(teams))
	at := make(map[string]int, len(teams))
	for i, t := range teams {
		rows[i].Team = t
		at[t] = i
	}
	for i := range results {
		r := &results[i]
		if !r.counts(live) {
			continue
		}
		home, ok1 := at[r.Teams[0]]
		away, ok2 := at[r.Teams[1]]
		if ok1 && ok2 {
			rows[home].add(r, 0, rules)
			rows[away].add(r, 1, rules)
		}
	}
	return rows
}

// add counts a match for the team that is side i of it. Kicks from the mark and lots
// decide who goes on, not points: the match itself was drawn. A ruling on one that
// was not, as an abandoned one, decides it.
func (w *Row) add(r *Result, i int, rules *Rules) {
	us, them := r.Score[i], r.Score[1-i]
	w.Played++
	w.For += us
	w.Against += them
	if i == 1 {
		w.AwayFor += us
	}
	w.Conduct += r.Conduct[i]
	w.Reds += r.Reds[i]
	w.Yellows += r.Yellows[i]
	w.Provisional = w.Provisional || !r.Final
	w.NoCards = w.NoCards || r.NoCards
	won, lost := us > them, us < them
	if r.How == match.HowForfeit || r.How == match.HowLots && us != them {
		won, lost = index(r.Winner) == i, index(r.Winner) != i
	}
	switch {
	case won:
		w.Won++
		w.AwayWon += int64(i)
		w.Points += rules.Win
	case lost:
		w.Lost++
		w.Points += rules.Loss
	default:
		w.Drawn++
		w.Points += rules.Draw
	}
}

// orderer splits level teams by one criterion after the other.
type orderer struct {
	results []Result
	rules   *Rules
	live    bool
	against map[string]*Row // what the opponents of a team have together
}

// split orders rows, which are level so far, from the given criterion on. mini
// holds their table among those who were level when the h2h criteria began.
func (o *orderer) split(rows []Row, from int, mini map[string]*Row) {
	if len(rows) < 2 {
		return
	}
	if from == len(o.rules.Criteria) {
		leaveTied(rows, "")
		return
	}
	by := o.rules.Criteria[from]
	if by.needsCards() && slices.ContainsFunc(rows, func(w Row) bool { return w.NoCards }) {
		o.drawLots(rows, by)
		return
	}
	if by.headToHead() && mini == nil {
		if !o.haveMet(rows) {
			o.split(rows, o.afterHeadToHead(from), nil)
			return
		}
		mini = o.among(rows)
	}
	if !by.headToHead() {
		mini = nil
	}
	value := func(w *Row) int64 { return o.measure(by, w, mini) }
	slices.SortStableFunc(rows, func(a, b Row) int { return cmp.Compare(value(&b), value(&a)) })
	for start := 0; start < len(rows); {
		end := start + 1
		for end < len(rows) && value(&rows[end]) == value(&rows[start]) {
			end++
		}
		level := rows[start:end]
		if (o.rules.ReapplyEach && by.headToHead() || o.rules.Reapply && o.lastHeadToHead(from)) && len(level) < len(mini) {
			o.split(level, o.firstHeadToHead(from), nil)
		} else {
			o.split(level, from+1, mini)
		}
		if start > 0 {
			rows[start].By = by
		}
		start = end
	}
}

// leaveTied lists rows that nothing splits by name. wants is what might, if it
// were known.
func leaveTied(rows []Row, wants Criterion) {
	slices.SortFunc(rows, func(a, b Row) int { return cmp.Compare(a.Team, b.Team) })
	for i := range rows {
		rows[i].Tied, rows[i].Wants = true, wants
	}
}

// drawLots orders rows whose cards are not known: what follows conduct in the
// list must not decide in its place. Only lots that were drawn for all of them
// do, since that is a ruling.
func (o *orderer) drawLots(rows []Row, wants Criterion) {
	drawn := func(w Row) bool { return slices.Contains(o.rules.Lots, w.Team) }
	if !slices.Contains(o.rules.Criteria, Lots) || slices.ContainsFunc(rows, func(w Row) bool { return !drawn(w) }) {
		leaveTied(rows, wants)
		return
	}
	slices.SortFunc(rows, func(a, b Row) int { return cmp.Compare(place(o.rules.Lots, b.Team), place(o.rules.Lots, a.Team)) })
	for i := range rows[1:] {
		rows[i+1].By = Lots
	}
}

func (o *orderer) measure(by Criterion, w *Row, mini map[string]*Row) int64 {
	switch by {
	case Rank:
		return place(o.rules.Ranking, w.Team)
	case Lots:
		return place(o.rules.Lots, w.Team)
	}
	switch {
	case by.headToHead():
		w = mini[w.Team]
	case by.ofOpponents():
		w = o.against[w.Team]
	}
	return by.plain()(w)
}

// place is higher the earlier a team is in a list; those not in it are level
// and last.
func place(list []string, team string) int64 {
	if i := slices.Index(list, team); i >= 0 {
		return int64(len(list) - i)
	}
	return 0
}

// number gives ranks: level teams share the best of theirs.
func number(rows []Row) {
	for i := range rows {
		rows[i].Rank = i + 1
		if i > 0 && rows[i].Tied && rows[i].By == "" {
			rows[i].Rank = rows[i-1].Rank
		}
	}
}
