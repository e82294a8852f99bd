package table

import (
	"fmt"
	"slices"
	"strings"
)

// Allotment says which tie each of several qualified teams goes to when that depends on
// which groups they come from, as the thirds of a European Championship or a World Cup
// of 48 teams. Slots such as 3A/D/E/F are filled from it.
type Allotment struct {
	// Slots are the other slots of those ties: 1B, 1C, … As many go on as there are.
	Slots []Slot `json:"slots"`
	// Rows are, by the groups whose teams go on ("ABCD"), the groups in the order of
	// Slots ("ADBC"). Groups whose names have more than one letter are parted by "/".
	Rows map[string]string `json:"rows"`
}

// maxAllotted bounds the rows of an allotment; 12 groups of which 8 go on have 495.
const maxAllotted = 5000

// groupFor is the group whose team plays the given slot; empty if the table does not
// say. rows are those who go on.
func (a *Allotment) groupFor(rows []Row, other Slot) string {
	i := slices.IndexFunc(a.Slots, func(s Slot) bool { return ReadSlot(string(s)) == ReadSlot(string(other)) })
	groups := make([]string, len(rows))
	for j := range rows {
		groups[j] = rows[j].Group
	}
	slices.Sort(groups)
	for key, row := range a.Rows {
		named := parted(key)
		slices.Sort(named)
		if got := parted(row); i >= 0 && i < len(got) && slices.Equal(named, groups) {
			return got[i]
		}
	}
	return ""
}

// check returns why a table of allotment cannot be one.
func (a *Allotment) check() error {
	if a == nil {
		return nil
	}
	if len(a.Slots) == 0 || len(a.Rows) == 0 || len(a.Rows) > maxAllotted {
		return fmt.Errorf("%w: thirds need slots, and 1 to %d rows", ErrRules, maxAllotted)
	}
	for key, row := range a.Rows {
		from, to := parted(key), parted(row)
		slices.Sort(from)
		sorted := slices.Sorted(slices.Values(to))
		if len(from) != len(a.Slots) || !slices.Equal(from, sorted) || len(slices.Compact(from)) < len(sorted) {
			return fmt.Errorf("%w: thirds: row %q: %q is not those %d groups in another order", ErrRules, key, row, len(a.Slots))
		}
	}
	return nil
}

// parted splits names of groups.
func parted(text string) []string {
	if strings.Contains(text, "/") {
		return strings.Split(text, "/")
	}
	return strings.Split(text, "")
}
