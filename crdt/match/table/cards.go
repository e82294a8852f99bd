package table

import "touchline.dev/touchline/crdt/match"

// Deductions are the fair play points that the cards of one person cost in one match:
// none above 0. All 0 stands for those of FIFA.
type Deductions struct {
	Yellow       int64 `json:"yellow"`
	SecondYellow int64 `json:"secondYellow"`
	Red          int64 `json:"red"`
	YellowRed    int64 `json:"yellowRed"` // a yellow and then a red card at once
}

// fifa are the deductions of FIFA's regulations.
var fifa = Deductions{Yellow: -1, SecondYellow: -3, Red: -4, YellowRed: -5}

// of is what one person's cards cost.
func (d Deductions) of(c match.Cards) int64 {
	if d == (Deductions{}) {
		d = fifa
	}
	switch {
	case c.Red > 0 && c.Yellow > 0:
		return d.YellowRed
	case c.Red > 0:
		return d.Red
	case c.SecondYellow > 0:
		return d.SecondYellow
	case c.Yellow > 0:
		return d.Yellow
	}
	return 0
}

// conductOf adds up a team's cards: those of each person once, and each that names
// nobody as one person's.
func (d Deductions) conductOf(t *match.TeamState) (sum int64) {
	rest := t.Stats.Cards
	for i := range t.Players {
		c := t.Players[i].Cards
		sum += d.of(c)
		rest.Yellow, rest.SecondYellow, rest.Red = rest.Yellow-c.Yellow, rest.SecondYellow-c.SecondYellow, rest.Red-c.Red
	}
	return sum + rest.Yellow*d.of(match.Cards{Yellow: 1}) + rest.SecondYellow*d.of(match.Cards{SecondYellow: 1}) + rest.Red*d.of(match.Cards{Red: 1})
}
