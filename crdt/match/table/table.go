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
	Points      int64     `json:"points"`
	Conduct     int64     `json:"conduct"`
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
		rows[i].Points += rules.Adjust[rows[i].Team]
	}
	o := orderer{results: results, rules: rules, live: live}
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
		if !r.Final && !(live && r.Live) {
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
	w.Provisional = w.Provisional || !r.Final
	w.NoCards = w.NoCards || r.NoCards
	won, lost := us > them, us < them
	if r.How == match.HowForfeit || r.How == match.HowLots && us != them {
		won, lost = index(r.Winner) == i, index(r.Winner) != i
	}
	switch {
	case won:
		w.Won++
		w.Points += rules.Win
	case lost:
		w.Lost++
		w.Points += rules.Loss
	default:
		w.Drawn++
		w.Points += rules.Draw
	}
}

// measures of a row: more is better.
var measures = map[Criterion]func(*Row) int64{
	Points: func(w *Row) int64 { return w.Points }, H2HPoints: func(w *Row) int64 { return w.Points },
	GoalDifference: func(w *Row) int64 { return w.For - w.Against }, H2HGoalDifference: func(w *Row) int64 { return w.For - w.Against },
	Goals: func(w *Row) int64 { return w.For }, H2HGoals: func(w *Row) int64 { return w.For },
	Against:   func(w *Row) int64 { return -w.Against },
	Wins:      func(w *Row) int64 { return w.Won },
	H2HWins:   func(w *Row) int64 { return w.Won },
	AwayGoals: func(w *Row) int64 { return w.AwayFor }, H2HAwayGoals: func(w *Row) int64 { return w.AwayFor },
	Conduct: func(w *Row) int64 { return w.Conduct },
}

// orderer splits level teams by one criterion after the other.
type orderer struct {
	results []Result
	rules   *Rules
	live    bool
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
	if by == Conduct && slices.ContainsFunc(rows, func(w Row) bool { return w.NoCards }) {
		o.drawLots(rows)
		return
	}
	if by.headToHead() && mini == nil {
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
		if o.rules.Reapply && o.lastHeadToHead(from) && len(level) < len(mini) {
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
func (o *orderer) drawLots(rows []Row) {
	drawn := func(w Row) bool { return slices.Contains(o.rules.Lots, w.Team) }
	if !slices.Contains(o.rules.Criteria, Lots) || slices.ContainsFunc(rows, func(w Row) bool { return !drawn(w) }) {
		leaveTied(rows, Conduct)
		return
	}
	slices.SortFunc(rows, func(a, b Row) int { return cmp.Compare(place(o.rules.Lots, b.Team), place(o.rules.Lots, a.Team)) })
	for i := range rows[1:] {
		rows[i+1].By = Lots
	}
}

// lastHeadToHead reports whether a run of h2h criteria ends with from. Only there
// may it begin again: all of the run is for all who were level before it.
func (o *orderer) lastHeadToHead(from int) bool {
	list := o.rules.Criteria
	return list[from].headToHead() && (from+1 == len(list) || !list[from+1].headToHead())
}

// firstHeadToHead is where the run of h2h criteria around from begins.
func (o *orderer) firstHeadToHead(from int) int {
	for from > 0 && o.rules.Criteria[from-1].headToHead() {
		from--
	}
	return from
}

// among is the table of only the given teams.
func (o *orderer) among(rows []Row) map[string]*Row {
	teams := make([]string, len(rows))
	for i := range rows {
		teams[i] = rows[i].Team
	}
	own := tally(teams, o.results, o.rules, o.live)
	mini := make(map[string]*Row, len(own))
	for i := range own {
		mini[own[i].Team] = &own[i]
	}
	return mini
}

func (o *orderer) measure(by Criterion, w *Row, mini map[string]*Row) int64 {
	switch by {
	case Rank:
		return place(o.rules.Ranking, w.Team)
	case Lots:
		return place(o.rules.Lots, w.Team)
	}
	if by.headToHead() {
		w = mini[w.Team]
	}
	return measures[by](w)
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

// Across ranks the teams at one place of several groups, as best thirds, by
// the same list without head-to-head. Where a group leaves open who is there, the
// row is provisional.
func Across(groups map[string][]Row, rank int, rules *Rules) ([]Row, error) {
	own := *rules
	own.Criteria = slices.DeleteFunc(slices.Clone(rules.Criteria), Criterion.headToHead)
	if err := own.check(); err != nil {
		return nil, err
	}
	var rows []Row
	for name, table := range groups {
		if rank >= 1 && rank <= len(table) {
			row := table[rank-1]
			row.Provisional = row.Provisional || row.Tied // a ruling may put another there
			row.Group, row.By, row.Tied, row.Wants = name, "", false, ""
			rows = append(rows, row)
		}
	}
	slices.SortFunc(rows, func(a, b Row) int { return cmp.Compare(a.Group, b.Group) })
	o := orderer{rules: &own}
	o.split(rows, 0, nil)
	number(rows)
	return rows, nil
}
