package openfootball

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"touchline.dev/touchline/crdt/match/table"
)

// Tie is one of a knock-out: a match and its replays, or legs.
type Tie struct {
	ID    string // the number of its first match, else its place in the file
	Given bool   // the file gave the number
	Round string
	Legs  int // 0: one match counts
	Slots [2]table.Slot
}

// sort tells matches of tables from those of a knock-out. What has no group is of a
// knock-out if others have one, if it refers to groups or matches, or if its round is
// named so; but a round in which each meets several is a table, whatever its name.
func (f *File) sort(planned []string) {
	rounds := make([]round, len(f.Matches))
	grouped := false
	for i := range f.Matches {
		rounds[i] = readRound(f.Matches[i].Round)
		grouped = grouped || f.Matches[i].Group != ""
	}
	robin := f.roundRobins(rounds)
	out := make([]bool, len(f.Matches))
	named, open := false, []int{}
	for i := range f.Matches {
		m, r := &f.Matches[i], &rounds[i]
		switch {
		case m.Group != "":
		case refers(m.Teams[0]) || refers(m.Teams[1]), !r.league && m.Num > 0 && slices.Contains(planned, m.number()):
			out[i] = true
		case r.league || r.stage != "" && robin[r.stage]:
			if r.day || robin[r.stage] {
				m.Group = r.stage
			}
		case r.knockout || grouped:
			out[i], named = true, true
		case r.day:
			m.Group = r.stage
		default:
			open = append(open, i)
		}
	}
	if named && f.losersLeave(open) {
		for _, i := range open {
			out[i] = true
		}
	}
	f.makeTies(rounds, out)
}

// refers reports whether a file names a place instead of a team.
func refers(team string) bool {
	slot := table.ReadSlot(team)
	return team != "" && slot != table.Slot("team:"+team)
}

// roundRobins are the stages in which every team meets two others or more.
func (f *File) roundRobins(rounds []round) map[string]bool {
	met := map[string]map[string]map[string]bool{}
	for i := range f.Matches {
		m, stage := &f.Matches[i], rounds[i].stage
		if m.Group != "" || m.Teams[0] == "" || m.Teams[1] == "" {
			continue
		}
		if met[stage] == nil {
			met[stage] = map[string]map[string]bool{}
		}
		for side, team := range m.Teams {
			if met[stage][team] == nil {
				met[stage][team] = map[string]bool{}
			}
			met[stage][team][m.Teams[1-side]] = true
		}
	}
	out := map[string]bool{}
	for stage, teams := range met {
		out[stage] = len(teams) > 2
		for _, others := range teams {
			out[stage] = out[stage] && len(others) > 1
		}
	}
	return out
}

// losersLeave reports whether whoever lost one of the matches plays no later one of
// another round: then they are a knock-out, whatever their rounds are named.
func (f *File) losersLeave(open []int) bool {
	for _, i := range open {
		m := &f.Matches[i]
		if m.Score == nil || m.State != Counts {
			continue
		}
		loser := ""
		switch winner := m.Score.winner(); winner {
		case 0, 1:
			loser = m.Teams[1-winner]
		}
		for j := i + 1; j < len(f.Matches) && loser != ""; j++ {
			if later := &f.Matches[j]; later.Round != m.Round && slices.Contains(later.Teams[:], loser) {
				return false
			}
		}
	}
	return true
}

// winner is the side that goes on, -1 if neither.
func (s *Score) winner() int {
	for _, p := range []*[2]int64{s.P, s.ET, &s.FT} {
		if p == nil {
			continue
		}
		return map[int]int{1: 0, 0: -1, -1: 1}[cmp.Compare(p[0], p[1])]
	}
	return -1
}

// makeTies joins what is played between the same two in one round of a knock-out.
func (f *File) makeTies(rounds []round, out []bool) {
	type pairing struct{ stage, a, b string }
	at := map[pairing]int{}
	used := map[string]bool{}
	for i := range f.Matches {
		if out[i] && f.Matches[i].Num > 0 {
			used[strconv.Itoa(f.Matches[i].Num)] = true
		}
	}
	alias := map[string]string{}
	for i := range f.Matches {
		m, r := &f.Matches[i], &rounds[i]
		if !out[i] {
			continue
		}
		p := pairing{r.stage, min(m.Teams[0], m.Teams[1]), max(m.Teams[0], m.Teams[1])}
		known := p.a != "" && p.b != ""
		if n, ok := at[p]; ok && known {
			m.Tie = n
			f.again(n, i, r)
			alias[m.number()] = f.Ties[n].ID
			continue
		}
		m.Tie = len(f.Ties)
		if known {
			at[p] = m.Tie
		}
		t := Tie{ID: m.number(), Given: m.Num > 0, Round: r.stage, Slots: [2]table.Slot{slotOf(m.Teams[0]), slotOf(m.Teams[1])}}
		for !t.Given && used[t.ID] {
			t.ID += "'" // the number is another's
		}
		used[t.ID] = true
		if r.day {
			t.Legs = 2
		}
		f.Ties = append(f.Ties, t)
	}
	for i := range f.Ties {
		for side, s := range f.Ties[i].Slots {
			if id, ok := alias[string(s[1:])]; ok && (s[0] == 'W' || s[0] == 'L') {
				f.Ties[i].Slots[side] = s[:1] + table.Slot(id) // any leg stands for the tie
			}
		}
	}
}

// again takes match i of tie n in, which is not its first: a replay if it is called
// one, or the same team is at home again after a draw; else a leg.
func (f *File) again(n, i int, r *round) {
	t := &f.Ties[n]
	first := slices.IndexFunc(f.Matches, func(m Match) bool { return m.Tie == n })
	drawn := f.Matches[first].Score != nil && f.Matches[first].Score.winner() < 0
	if r.replay || !r.day && drawn && f.Matches[first].Teams == f.Matches[i].Teams {
		return
	}
	legs := 0
	for j := range i + 1 {
		if f.Matches[j].Tie == n {
			legs++
		}
	}
	t.Legs = max(t.Legs, legs)
}

// number is by what other matches of the file refer to this one.
func (m *Match) number() string {
	if m.Num > 0 {
		return strconv.Itoa(m.Num)
	}
	return strconv.Itoa(m.At)
}

func slotOf(team string) table.Slot {
	if team == "" {
		return "?"
	}
	return table.ReadSlot(team)
}

// SameRound reports whether two names are of one round: "Quarter-finals" and
// "Finals, Quarterfinals", "Last 16" and "Round of 16".
func SameRound(a, b string) bool { return plainRound(a) == plainRound(b) }

func plainRound(name string) string {
	r := readRound(name)
	parts := strings.Split(r.stage, ",")
	low := strings.ToLower(parts[len(parts)-1])
	if strings.Contains(low, "third") || strings.Contains(low, "3rd") {
		if strings.Contains(low, "place") {
			return "thirdplace"
		}
	}
	low = strings.Replace(low, "last ", "round of ", 1)
	low = strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			return c
		}
		return -1
	}, low)
	return strings.TrimSuffix(low, "s")
}
