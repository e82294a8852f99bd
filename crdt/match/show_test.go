package match_test

import (
	"encoding/json"

	"touchline.dev/touchline/crdt/match"
)

// show is the state as people read it, for messages of failed tests.
func show(events []match.Event) string {
	b, err := json.MarshalIndent(match.Fold(events), "", " ")
	if err != nil {
		return err.Error()
	}
	return string(b)
}
