package table

import (
	"cmp"
	"slices"
)

// Across ranks the teams at one place of several groups, as best thirds, by
// the same list without what looks at certain opponents. Where a group leaves open who is there, the
// row is provisional.
func Across(groups map[string][]Row, rank int, rules *Rules) ([]Row, error) {
	own := *rules
	own.Criteria = slices.DeleteFunc(slices.Clone(rules.Criteria), func(c Criterion) bool { return c.headToHead() || c.ofOpponents() })
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
