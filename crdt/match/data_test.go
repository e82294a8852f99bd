package match_test

import (
	"testing"

	"touchline.dev/touchline/crdt/match/matchtest"
)

var (
	event       = matchtest.Event
	hashOf      = matchtest.HashOf
	realMatches = matchtest.Matches
)

type realMatch = matchtest.Real

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
