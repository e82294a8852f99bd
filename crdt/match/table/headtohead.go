package table

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

// afterHeadToHead is the first criterion behind the run of h2h criteria at from.
func (o *orderer) afterHeadToHead(from int) int {
	for from < len(o.rules.Criteria) && o.rules.Criteria[from].headToHead() {
		from++
	}
	return from
}

// haveMet reports whether each two of the teams met as often as the rules ask for
// before h2h criteria count.
func (o *orderer) haveMet(rows []Row) bool {
	met := map[[2]string]int64{}
	for i := range o.results {
		if r := &o.results[i]; r.counts(o.live) {
			met[r.Teams]++
		}
	}
	for i := range rows {
		for j := range i {
			a, b := rows[i].Team, rows[j].Team
			if met[[2]string{a, b}]+met[[2]string{b, a}] < o.rules.H2HAfter {
				return false
			}
		}
	}
	return true
}
