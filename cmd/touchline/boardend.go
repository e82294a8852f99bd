package main

import (
	"fmt"
	"slices"

	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/crdt/match"
)

// end is the match.end that counts; nil while there is none.
func (b *board) end() *match.Entry {
	at := slices.IndexFunc(b.state.Timeline, func(e *match.Entry) bool { return e.Type == "match.end" && e.Counts })
	if at < 0 {
		return nil
	}
	return b.state.Timeline[at]
}

// confirms names who may let a goal count that was told after the end: those
// who rank at least as high as whoever ended the match (docs/football.md).
func (b *board) confirms() string {
	rank := match.Organiser
	if end := b.end(); end != nil {
		rank = end.Role
	}
	return rankWords(access.Role(rank).String())
}

// rankWords name a role and those above it.
func rankWords(role string) string {
	switch role {
	case "referee":
		return "a referee or organiser"
	case "coach":
		return "a coach, referee or organiser"
	case "record":
		return "a recorder, coach, referee or organiser"
	}
	return "an organiser"
}

// withoutResult says why a match that ended has no result, if the end itself
// does not say.
func (b *board) withoutResult() string {
	end, r := b.end(), b.state.Result
	switch {
	case end == nil || r.How != match.HowNone || r.Status == "abandoned" || r.Status == "cancelled" || r.Status == "postponed":
	case slices.Contains(end.Flags, match.FlagNoTeam):
		return "No result yet: nobody said who forfeits."
	case slices.Contains(end.Flags, match.FlagField):
		return fmt.Sprintf("No result yet: %q is no way for a match to end.", clean(r.Status))
	}
	return ""
}
