package bridge

import (
	"errors"
	"testing"

	"touchline.dev/touchline/bridge/wire"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// What a page may do follows from what it has shown, and from nothing else.
func TestPageState(t *testing.T) {
	one, two := crdt.LogID{1}, crdt.LogID{2}
	none := pageState{greeted: true}
	watcher := pageState{greeted: true, caller: GuestsWatch.caller()}
	recorder := pageState{greeted: true, caller: GuestsRecord.caller()}
	tokenOne := pageState{greeted: true, caller: Caller{Role: access.Scorer, Match: one}}
	sideOnly := pageState{greeted: true, caller: Caller{Role: access.Scorer, Match: one, Team: "home"}}
	device := func(role access.Role, over Caller) pageState {
		return pageState{greeted: true, caller: over, proven: map[crdt.LogID]Caller{one: {Role: role, Match: one}}}
	}
	followed := tokenOne
	followed.follows = map[crdt.LogID]*follow{one: {format: wire.Signed}}
	busy := followed
	busy.sessions = map[uint32]*session{1: {}, 2: {}, 3: {}, 4: {}}
	full := recorder
	full.inFlight = maxInFlight
	crowded := watcher
	crowded.follows = map[crdt.LogID]*follow{}
	for i := range maxFollows {
		crowded.follows[crdt.LogID{9, byte(i)}] = nil
	}
	signed := func(id crdt.LogID) wire.Frame { return &wire.Follow{ID: 1, Match: id, Format: wire.Signed} }
	view := func(id crdt.LogID) wire.Frame { return &wire.Follow{ID: 1, Match: id, Format: wire.Redacted} }
	for _, c := range []struct {
		what  string
		state pageState
		frame wire.Frame
		want  string // "" allowed, bye, or the name of a problem
	}{
		{"hello first", pageState{}, &wire.Hello{}, ""},
		{"anything else first", pageState{}, &wire.Ping{}, "bye"},
		{"hello again", none, &wire.Hello{}, "bye"},
		{"a node's frame", watcher, &wire.Caught{}, "bye"},
		{"a stranger proves", none, &wire.Prove{}, ""},
		{"a stranger pings", none, &wire.Ping{}, ""},
		{"a stranger follows", none, view(one), "token"},
		{"a stranger publishes", none, &wire.Publish{}, "token"},
		{"a stranger calls", none, &wire.Offer{}, "token"},
		{"a watcher follows", watcher, view(one), ""},
		{"a watcher replicates", watcher, signed(one), "forbidden"},
		{"a watcher enrols", watcher, &wire.Enrol{Match: one}, "forbidden"},
		{"a recorder replicates", recorder, signed(one), ""},
		{"a recorder enrols", recorder, &wire.Enrol{Match: one}, ""},
		{"a token in its match", tokenOne, signed(one), ""},
		{"a token in another", tokenOne, view(two), "other-match"},
		{"a token for one side replicates", sideOnly, signed(one), "forbidden"},
		{"a token for one side watches", sideOnly, view(one), ""},
		{"a family's device replicates", device(access.Family, Caller{}), signed(one), ""},
		{"a watcher's device replicates", device(access.Spectator, Caller{}), signed(one), "forbidden"},
		{"a relay's device watches", device(access.Relay, Caller{}), view(one), "other-match"},
		{"a family's device enrols", device(access.Family, Caller{}), &wire.Enrol{Match: one}, "forbidden"},
		{"a coach's device as guest", device(access.Coach, GuestsWatch.caller()), &wire.Enrol{Match: one}, ""},
		{"a family's device as recording guest", device(access.Family, GuestsRecord.caller()), &wire.Enrol{Match: one}, ""},
		{"a device in a match it has not proved", device(access.Coach, Caller{}), view(two), "other-match"},
		{"one match too many", crowded, view(one), "busy"},
		{"one event too many", full, &wire.Publish{}, "busy"},
		{"compare what is followed", followed, &wire.Compare{Session: 1, Match: one}, ""},
		{"compare what is not", followed, &wire.Compare{Session: 1, Match: two}, "not-followed"},
		{"a session number twice", busy, &wire.Compare{Session: 1, Match: one}, "conflict"},
		{"one session too many", busy, &wire.Compare{Session: 5, Match: one}, "busy"},
		{"a late frame of a session", none, &wire.Fin{Session: 1}, ""},
	} {
		err := c.state.allow(c.frame)
		got := ""
		var bye *byeError
		switch {
		case errors.As(err, &bye):
			got = "bye"
		case err != nil:
			got = problemOf(err).Type[len("urn:touchline:"):]
		}
		if got != c.want {
			t.Errorf("%s: %q, not %q", c.what, got, c.want)
		}
	}
}
