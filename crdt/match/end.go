package match

import (
	"fmt"
	"slices"
	"strings"
)

// How a match may end. A match.end that says nothing says completed.
const (
	endCompleted = "completed"
	endAbandoned = "abandoned"
	endCancelled = "cancelled"
	endPostponed = "postponed"
	endForfeit   = "forfeit"
)

var endings = []string{endCompleted, endAbandoned, endCancelled, endPostponed, endForfeit}

// endWithout is the flag of a match.end that ends the match without saying what
// came of it: a forfeit of nobody, or a word that is no status. There is no
// result until an amendment says which. Of anything else it is empty.
func (r *report) endWithout() string {
	switch {
	case r.ev.Type != kindEnd:
		return ""
	case r.now.Status == endForfeit && r.side == NoSide:
		return FlagNoTeam
	case r.now.Status != "" && !slices.Contains(endings, r.now.Status):
		return FlagField
	}
	return ""
}

// checkEnd says what a draft of a match.end lacks to have a result.
func (f *Facts) checkEnd(team string) error {
	switch {
	case f.Status == endForfeit && team == "":
		return fmt.Errorf("%w: %s with status=%s needs team=, the side that forfeits", ErrInvalid, kindEnd, endForfeit)
	case f.Status != "" && !slices.Contains(endings, f.Status):
		return fmt.Errorf("%w: %s: status %q is none of %s", ErrInvalid, kindEnd, f.Status, strings.Join(endings, ", "))
	}
	return nil
}
