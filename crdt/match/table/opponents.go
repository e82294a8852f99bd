package table

import "slices"

// opponents adds up what the opponents of each team have, each opponent once, where a
// criterion asks for it.
func (o *orderer) opponents(rows []Row) {
	if !slices.ContainsFunc(o.rules.Criteria, Criterion.ofOpponents) {
		return
	}
	at := make(map[string]*Row, len(rows))
	o.against = make(map[string]*Row, len(rows))
	for i := range rows {
		own := rows[i]
		at[own.Team], o.against[own.Team] = &own, &Row{}
	}
	seen := map[[2]string]bool{}
	for i := range o.results {
		r := &o.results[i]
		if !r.counts(o.live) || at[r.Teams[0]] == nil || at[r.Teams[1]] == nil {
			continue
		}
		for side, team := range r.Teams {
			if pair := [2]string{team, r.Teams[1-side]}; !seen[pair] {
				seen[pair] = true
				sum, them := o.against[team], at[pair[1]]
				sum.Points, sum.For, sum.Against = sum.Points+them.Points, sum.For+them.For, sum.Against+them.Against
			}
		}
	}
}
