package match_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/match"
)

const vectorFile = "../../docs/vectors/fold.json"

var rewrite = flag.Bool("rewrite", false, "write docs/vectors/fold.json anew; the diff is the review")

// vector is a set of events and the state they must fold to. A second
// implementation reads the same file.
type vector struct {
	Name   string          `json:"name"`
	Events []vectorEvent   `json:"events"`
	State  json.RawMessage `json:"state"`
	Digest string          `json:"digest"`
}

type vectorEvent struct {
	Hash     crdt.Hash      `json:"hash"`
	ID       string         `json:"id,omitempty"`
	Author   crdt.Hash      `json:"author"`
	Role     match.Role     `json:"role"`
	Side     string         `json:"side,omitempty"`
	Type     string         `json:"type"`
	Team     string         `json:"team,omitempty"`
	Period   uint32         `json:"period"`
	ClockMs  *int64         `json:"clockMs,omitempty"`
	Data     string         `json:"data,omitempty"` // as it is in the log: 3.0 is not 3 there
	Refs     []crdt.Hash    `json:"refs,omitempty"`
	Time     string         `json:"time"` // 64 bits, hexadecimal
	OwnMs    int64          `json:"ownMs"`
	Standing match.Standing `json:"standing,omitempty"`
	Reason   string         `json:"reason,omitempty"`
	Late     bool           `json:"late,omitempty"`
}

func toVector(e *match.Event) vectorEvent {
	return vectorEvent{
		Hash: e.Hash, ID: e.ID, Author: crdt.Hash(e.Author), Role: e.Role, Side: e.Side, Type: e.Type, Team: e.Team, Period: e.Period,
		ClockMs: e.ClockMs, Data: string(e.Data), Refs: e.Refs, Time: timeText(e.Time), OwnMs: e.OwnMs, Standing: e.Standing, Reason: e.Reason, Late: e.Late,
	}
}

func timeText(t crdt.Time) string {
	var b [8]byte
	for i := range b {
		b[i] = byte(t >> (56 - 8*i))
	}
	return hex.EncodeToString(b[:])
}

func (v *vectorEvent) event(t *testing.T) match.Event {
	t.Helper()
	b, err := hex.DecodeString(v.Time)
	must(t, err)
	var at crdt.Time
	for _, c := range b {
		at = at<<8 | crdt.Time(c)
	}
	return match.Event{
		Hash: v.Hash, ID: v.ID, Author: crdt.Key(v.Author), Role: v.Role, Side: v.Side, Type: v.Type, Team: v.Team, Period: v.Period,
		ClockMs: v.ClockMs, Data: []byte(v.Data), Refs: v.Refs, Time: at, OwnMs: v.OwnMs, Standing: v.Standing, Reason: v.Reason, Late: v.Late,
	}
}

// scenes are what the vectors are made of.
func scenes() map[string]func(*scene) {
	return map[string]func(*scene){
		"nothing": func(*scene) {},
		"two recorders, a conflict": func(s *scene) {
			s.goal("ann", "home", 100, `{"scorer":"x"}`)
			s.goal("bob", "home", 130, `{"scorer":"y","assist":"z"}`)
		},
		"retract of a retract": func(s *scene) {
			g := s.goal("ann", "home", 100, "")
			s.say("ann", "retract", "", s.say("ann", "retract", `{"reason":"mistake"}`, g))
		},
		"authority": func(s *scene) {
			g := s.goal("referee", "home", 100, "")
			s.say("ann", "retract", "", g)
			s.say("ann", "amend", `{"set":{"scorer":"x","clockMs":90000}}`, g)
			s.say("referee", "amend", `{"set":{"scorer":"y"}}`, g)
			s.say("organiser", "amend", `{"set":{"scorer":"z"}}`, g)
		},
		"handed down by a competition": func(s *scene) {
			s.say("organiser", "match.setup", `{"periods":3,"names":"first"}`)
			s.say("organiser", "match.setup", `{"inherited":true,"competition":"Cup","age_band":"U9","periods":4}`)
			s.say("organiser", "match.setup", `{"inherited":true,"competition":"Cup","results":"team_only","periods":4,"names":"full"}`)
			s.say("ann", "match.setup", `{"break_ms":60000,"results":"public"}`)
			s.goal("ann", "home", 100, "")
		},
		"late": func(s *scene) {
			s.goal("ann", "home", 100, "")
			s.say("referee", "match.end", "")
			s.goal("ann", "away", 400, "")
			s.say("referee", "confirm", "", s.goal("ann", "away", 900, ""))
		},
		"rolling changes": func(s *scene) {
			*s = *u10(`{"age_band":"U10","teams":{"home":{"id":"T1","name":"Badgers"},"away":"T2"}}`)
			s.tell("ann", "substitution", "T1", 1, 100, `{"out":["b"],"in":["h"]}`)
			s.tell("ann", "substitution", "T1", 1, 200, `{"out":"h","in":"b"}`)
			s.tell("ann", "substitution", "T1", 1, 220, `{"out":"h","in":"c"}`)
			s.tell("ann", "injury", "T1", 1, 300, `{"player":"b","area":"head"}`)
			s.tell("ann", "card", "T1", 1, 320, `{"player":"d","card":"red"}`)
			s.tell("ann", "period.end", "", 1, 1500, ``)
		},
		"changes told in halves": func(s *scene) {
			*s = *u10(`{"age_band":"U16","players_per_side":7,"subs":1}`)
			s.tell("ann", "player.off", "home", 1, 100, `{"player":"b"}`)
			s.tell("ann", "player.off", "home", 1, 200, `{"player":"c"}`)
			s.tell("bob", "player.on", "home", 1, 205, `{"player":"h"}`)
			s.tell("bob", "player.on", "home", 1, 300, `{"player":"b"}`)
			s.tell("ann", "substitution", "home", 1, 400, `{"out":"h","in":"c"}`)
		},
		"a goal for either side": func(s *scene) {
			s.goal("ann", "home", 180, `{"scorer":"x"}`)
			s.goal("bob", "away", 190, `{"scorer":"y"}`)
			s.goal("ann", "home", 900, "")
			s.say("coach", "confirm", "", s.goal("bob", "away", 905, ""))
		},
		"cards that differ": func(s *scene) {
			for i, colour := range []string{"yellow", "red", "yellow", "second_yellow", "red"} {
				s.tell([]string{"ann", "bob"}[i%2], "card", "home", 1, 420+35*int64(i), `{"player":"b","colour":"`+colour+`"}`)
			}
			s.tell("ann", "goal", "home", 77, 10, `{"scorer":"b","assist":"b"}`)
		},
		"yellow cards by two": func(s *scene) {
			*s = *u10(`{"age_band":"U14"}`)
			for i, who := range []string{"ann", "bob", "cat", "bob"} {
				s.tell(who, "card", "home", 1, 100+200*int64(i), `{"player":"b","colour":"yellow"}`)
			}
			s.tell("ann", "card", "home", 1, 100, `{"player":"c","colour":"yellow"}`)
			s.say("coach", "confirm", "", s.tell("bob", "card", "home", 1, 900, `{"player":"c","colour":"yellow"}`))
		},
		"an end without a result": func(s *scene) {
			s.say("ann", "match.end", `{"status":"walkover"}`)
			s.say("referee", "match.end", `{"status":"forfeit"}`)
			s.goal("ann", "home", 100, "")
		},
		"shoot-out": func(s *scene) {
			for i, k := range []string{"true", "false", "true", "false", "true"} {
				s.tell("ann", "shootout.kick", []string{"home", "away"}[i%2], match.PeriodShootout, int64(i)*40, `{"player":7,"scored":`+k+`}`)
			}
			s.say("ann", "match.end", "")
		},
		"numbered kicks": func(s *scene) {
			s.kicks("ann", 600, "XXXXXoX", "XXXXXoo", true, "home6", "away2")
			s.kicks("bob", 0, "XXXXXoX", "XXXXXoX", true, "away6")
			s.kicks("cat", 5, "XX", "Xo", false)
		},
		"unknown things and wrong values": func(s *scene) {
			s.tell("ann", "dance", "home", 1, 60, `{"step":1.5}`)
			s.goal("ann", "home", 100, `{"scorer":3.0,"assist":{},"x":[1,{"y":"}"}],"how":"\u0066oo"}`)
			s.tell("ann", "card", "home", 1, 200, `{"player":"x","colour":"blue"}`)
			s.goal("bob", "T9", 300, "")
			s.goal("cat", "away", 500, "")
			s.change(func(e *match.Event) { e.Standing, e.Reason, e.ClockMs = match.Void, "revoked", nil })
		},
		"a clock behind": func(s *scene) {
			g := s.goal("ann", "home", 100, "")
			a := s.say("bob", "amend", `{"set":{"scorer":"x"}}`, g)
			s.say("ann", "amend", `{"set":{"scorer":"y"}}`, a)
			s.change(func(e *match.Event) { e.Time = 5 })
		},
		"the same ID": func(s *scene) {
			g := s.goal("ann", "home", 100, "")
			again := g
			again.Time += 77
			again.Hash = hashOf(&again)
			other := g
			other.Team = "away"
			other.Hash = hashOf(&other)
			s.events = append(s.events, again, other)
		},
	}
}

// Every vector folds to its state and digest.
func TestVectors(t *testing.T) {
	if *rewrite {
		writeVectors(t)
	}
	b, err := os.ReadFile(vectorFile)
	must(t, err)
	var vectors []vector
	must(t, json.Unmarshal(b, &vectors))
	if len(vectors) != len(scenes()) {
		t.Errorf("%d vectors of %d scenes: run with -rewrite", len(vectors), len(scenes()))
	}
	for _, v := range vectors {
		t.Run(v.Name, func(t *testing.T) {
			var events []match.Event
			for _, e := range v.Events {
				events = append(events, e.event(t))
			}
			s := match.Fold(events)
			got, err := json.Marshal(s)
			must(t, err)
			var want bytes.Buffer
			must(t, json.Compact(&want, v.State))
			if !bytes.Equal(got, want.Bytes()) {
				t.Errorf("state\n%s\nwant\n%s", got, want.Bytes())
			}
			if d := s.Digest(); hex.EncodeToString(d[:]) != v.Digest {
				t.Errorf("digest %x, want %s", d, v.Digest)
			}
		})
	}
}

func writeVectors(t *testing.T) {
	var out []vector
	for _, name := range sortedNames() {
		var s scene
		scenes()[name](&s)
		v := vector{Name: name, Events: []vectorEvent{}}
		for i := range s.events {
			v.Events = append(v.Events, toVector(&s.events[i]))
		}
		state := s.fold()
		b, err := json.Marshal(state)
		must(t, err)
		d := state.Digest()
		v.State, v.Digest = b, hex.EncodeToString(d[:])
		out = append(out, v)
	}
	b, err := json.MarshalIndent(out, "", " ")
	must(t, err)
	must(t, os.WriteFile(vectorFile, append(b, '\n'), 0o644))
}

func sortedNames() (names []string) {
	for n := range scenes() {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}
