package match

// pairsByNumber adds those that are far apart by the clocks.
func (m *merge) pairsByNumber(run []*report, out []pair) []pair {
	before := map[int64][]int{}
	for j, b := range run {
		n := b.now.N
		if n == 0 {
			continue
		}
		same := before[n]
		for _, i := range same[max(len(same)-pairsEach, 0):] {
			if cost, ok := m.cost(run[i], b); ok {
				out = append(out, pair{cost, i, j})
			}
		}
		before[n] = append(same, j)
	}
	return out
}

// number is what a group's reports are numbered with; 0 if none is.
func (m *merge) number(group []*report) int64 {
	if !m.numbered {
		return 0
	}
	for _, r := range group {
		if r.now.N != 0 {
			return r.now.N
		}
	}
	return 0
}
