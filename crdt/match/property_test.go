package match_test

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/match"
)

// cases is how many sets of events a property is tried on: 10,000, and a
// million in a soak.
func cases(t *testing.T) { checks(t, "10000", "1000000", "500") }

// checks sets how many cases rapid tries.
func checks(t *testing.T, n, soak, short string) {
	switch {
	case os.Getenv("TOUCHLINE_SOAK") != "":
		n = soak
	case testing.Short():
		n = short
	}
	before := flag.Lookup("rapid.checks").Value.String()
	must(t, flag.Set("rapid.checks", n))
	t.Cleanup(func() { flag.Set("rapid.checks", before) })
}

// payloads of every kind, good and bad.
var payloads = map[string][]string{
	"match.setup": {`{"periods":4}`, `{"inherited":true,"periods":3,"names":"full"}`, `{"inherited":true,"age_band":"U9"}`, `{"inherited":1,"names":"first"}`, `{"teams":{"home":{"id":"T1"}}}`, `{"age_band":"U10","subs":3}`, `{"players_per_side":3}`, `{"age_band":"E2-Jugend","names":"full"}`, `{"age_band":9,"results":"public"}`, `{"age_band":"Uxx","trophy":false}`, `{"age_band":"U99"}`,
		`{"teams":{"home":"T2","away":"T1"}}`, `{"age_band":"u9","trophy":true,"power_play":[1,2,"x"],"results":"team_only","names":"first"}`,
		`{"subs":"rolling","power_play":[],"sin_bin_ms":30000,"shootout_kicks":1,"group":"A","competition":null}`},
	"lineup.set": {`{"on":["a","b","c"],"gk":"a","squad":[{"id":"a","no":1},{"id":"d","no":4}]}`, `{"starters":["b","c"],"bench":["a"]}`, `{}`,
		`{"on":[],"gk":"x","squad":["a",7,{"id":"b","no":9.0}]}`, `{"on":"a","captain":"a","squad":[{}]}`},
	"period.start": {``},
	"period.end":   {``},
	"clock.stop":   {`{"reason":"weather"}`},
	"clock.resume": {``},
	"added_time":   {`{"ms":120000}`},
	"match.end":    {`{"status":"completed"}`, `{"status":"abandoned","reason":"rain"}`, `{"status":"forfeit"}`, `{"status":"walkover"}`},
	"ruling":       {`{"awarded":[3,0]}`, `{"shared":true}`},
	"goal": {`{"player":"a"}`, `{"scorer":"b","assist":"c"}`, `{"scorer":"b","assist":"b"}`, ``, `{"player":"a","score_after":[1,0]}`, `{"how":"own_goal","player":"x"}`, `{"player":17}`,
		`{"player":{},"player":"b","scorer":"a","player":"c"}`, `{"how":"unknown","score_after":[1,1]}`, `{"kind":"header","score_after":[2,1],"x:y":":"}`,
		`{"player":"\ud83d\ude00","assist":"\uffee","how":"\ud800"}`, `[1]`, `{"player":-0,"assist":1e3}`, `{"own_goal":true}`},
	"card": {`{"player":"a","colour":"yellow"}`, `{"player":"a","card":"red"}`, `{"player":"b","colour":"sin_bin"}`, `{"player":"b","colour":"blue"}`, `{"player":"a","colour":"second_yellow"}`,
		`{"player":"c","colour":"sin_bin","minutes":1}`, `{"official":"e","color":"second_yellow","minutes":-2}`},
	"substitution":   {`{"out":["a"],"in":["d"]}`, `{"player_out":"d","player_in":"a"}`, `{"in":["e"]}`, `{}`},
	"player.off":     {`{"player":"b"}`, `{"player":"a"}`},
	"player.on":      {`{"player":"b"}`, `{"player":"d"}`, `{"player":"a"}`},
	"gk.change":      {`{"player":"c"}`},
	"injury":         {`{"player":"a","area":"head","severity":3}`},
	"power_play":     {`{"extra":1}`},
	"shot":           {`{"player":"a","outcome":"saved"}`, `{}`},
	"shootout.kick":  {`{"player":"a","scored":true}`, `{"scored":false}`, `{"scored":true,"n":1}`, `{"scored":false,"n":1}`, `{"player":"b","scored":true,"n":2}`, `{"scored":true,"n":2}`, `{"player":"a","scored":false,"n":3}`, `{"scored":true,"n":"1"}`, `{"scored":true,"n":-1}`, `{"scored":true,"n":1.5}`},
	"foul":           {`{"by":"a","on":"b","kind":"heading"}`, `{"by":"a","kind":"handball"}`},
	"save":           {`{"gk":"a"}`},
	"corner":         {`{}`},
	"offside":        {`{"player":"b"}`},
	"free_kick":      {`{"taker":"a"}`},
	"penalty.missed": {`{"taker":"b","outcome":"post"}`},
	"injury.update":  {`{"status":"returned"}`},
	"dance":          {`{"step":1.5}`},
	"play.stopped":   {``, `{"player":"a","area":"head"}`},
	"award":          {`{"player":"a"}`},
	"clip":           {`{}`},
	"reaction":       {`{"emoji":"x"}`},
	"coverage.gap":   {``},
	"note":           {`{"text":"well played"}`},
	"confirm":        {``, `{"separate":true}`},
	"retract":        {`{"reason":"mistake"}`, `{"reason":"duplicate"}`, `{"reason":"disallowed"}`},
	"amend": {`{"set":{"player":"c"}}`, `{"set":{"team":"away","clockMs":61000}}`, `{"set":{"period":2}}`, `{"set":{"assist":null,"colour":"red"}}`, `{"set":{"periods":3}}`, `{"set":{"n":2}}`, `{"set":{"n":null,"scored":true}}`,
		`{"set":{"on":["a","e"],"area":"head","area":"leg","minutes":"x"}}`, `{"set":null}`},
}

var (
	ordinaryKinds = []string{"lineup.set", "period.start", "period.end", "clock.stop", "clock.resume", "added_time", "card", "substitution",
		"player.off", "player.on", "gk.change", "injury", "power_play", "shot", "shootout.kick", "dance", "note", "foul", "save", "corner", "penalty.missed", "injury.update",
		"play.stopped", "offside", "free_kick", "award", "clip", "reaction", "coverage.gap"}
	rareKinds = []string{"match.setup", "match.end", "ruling"}
	metaKinds = []string{"confirm", "retract", "retract", "amend", "amend"}
)

// theme is what a set is mostly of, so that rules for what seldom meets in a soup of all
// kinds are tried, too.
type theme struct {
	kinds   []string
	periods []uint32
}

var themes = []theme{
	{}, {}, // of everything
	{[]string{"shootout.kick"}, []uint32{90, 90, 90, 91}},
	{[]string{"substitution", "player.off", "player.off", "player.on", "player.on", "lineup.set", "card", "match.setup"}, []uint32{1, 1, 1, 2}},
	// taps after the final whistle, and whistles that are taken back
	{[]string{"match.end", "match.end", "goal", "goal", "card", "substitution", "period.end", "shootout.kick", "retract", "confirm"}, []uint32{2, 2, 2, 90, 99}},
	// recorders who number kicks, some of them wrongly, and who correct them
	{[]string{"shootout.kick", "shootout.kick", "shootout.kick", "amend", "retract", "confirm", "period.start"}, []uint32{90}},
}

// A kind that is never drawn is one that nobody compares with the browser's fold.
func TestEveryKindIsDrawn(t *testing.T) {
	drawn := slices.Concat([]string{"goal"}, ordinaryKinds, rareKinds, metaKinds)
	for _, kind := range match.Kinds() {
		if !slices.Contains(drawn, kind) || len(payloads[kind]) == 0 {
			t.Errorf("%s is not drawn", kind)
		}
	}
}

// drawEvents draws a set of events by five people who may do anything, with
// references in any direction.
func drawEvents(t *rapid.T) []match.Event {
	n := rapid.IntRange(1, 24).Draw(t, "events")
	about := &themes[rapid.IntRange(0, len(themes)-1).Draw(t, "theme")]
	events := make([]match.Event, 0, n)
	for i := 0; i < n; i++ {
		// One draw an event keeps a million cases affordable.
		d := &dice{rapid.Uint64().Draw(t, fmt.Sprint("event ", i))}
		events = append(events, drawEvent(d, about, events, i))
	}
	return events
}

// dice are small choices out of one number.
type dice struct{ n uint64 }

func (d *dice) roll(sides int) int {
	v := int(d.n % uint64(sides))
	d.n = d.n/uint64(sides) ^ d.n<<53
	return v
}

func pick[T any](d *dice, list []T) T { return list[d.roll(len(list))] }

func drawEvent(d *dice, about *theme, before []match.Event, i int) match.Event {
	var kind string
	switch d.roll(8) {
	case 0, 1, 2:
		kind = "goal"
	case 3, 4:
		kind = pick(d, metaKinds)
	case 5:
		kind = pick(d, rareKinds)
	default:
		kind = pick(d, ordinaryKinds)
	}
	periods := []uint32{0, 1, 1, 2, 3, 77, 90, 99, 100}
	if about.kinds != nil && d.roll(8) > 1 {
		kind, periods = pick(d, about.kinds), about.periods
	}
	author := d.roll(5)
	e := match.Event{
		Author: crdt.Key{byte(author)}, Role: match.Role(author%4 + 1), Side: pick(d, []string{"", "home", "T1"}),
		Type: kind, Data: []byte(pick(d, payloads[kind])), Team: pick(d, []string{"home", "home", "away", "T1", "T2", "T3", ""}),
		Period: pick(d, periods), Time: crdt.MakeTime(uint64(1000+d.roll(30)), 0), OwnMs: int64(d.roll(200)) * 1000,
	}
	if d.roll(8) > 0 {
		ms := int64(d.roll(16)) * 15_000
		e.ClockMs = &ms
	}
	if d.roll(3) == 0 {
		e.ID = pick(d, []string{"p", "q", "r"})
	}
	if d.roll(6) == 0 {
		e.Standing, e.Reason = match.Standing(d.roll(3)), "revoked"
	}
	e.Late = d.roll(40) == 0
	if len(before) > 0 && (d.roll(4) == 0 || kind == "confirm" || kind == "retract" || kind == "amend") {
		e.Refs = append(e.Refs, before[d.roll(len(before))].Hash)
		if d.roll(5) == 0 {
			e.Refs = append(e.Refs, crdt.Hash{byte(d.roll(250)), 9}) // perhaps never seen
		}
	}
	e.Hash = hashOf(&e)
	for _, b := range before {
		if b.Hash == e.Hash {
			return b // one hash, one event and one verdict
		}
	}
	return e
}

// Any order, repetition and interleaving of a set gives the same bytes, and so
// does folding it a piece at a time.
func TestFoldIsAFunctionOfTheSet(t *testing.T) {
	cases(t)
	rapid.Check(t, func(t *rapid.T) {
		events := drawEvents(t)
		want := match.Fold(events).Canonical()
		d := &dice{rapid.Uint64().Draw(t, "order")}
		mixed := append([]match.Event(nil), events...)
		for i := range mixed {
			j := i + d.roll(len(mixed)-i)
			mixed[i], mixed[j] = mixed[j], mixed[i]
		}
		mixed = append(mixed, mixed[:d.roll(len(mixed))]...)
		if got := match.Fold(mixed).Canonical(); !bytes.Equal(got, want) {
			t.Fatalf("another order gives another state:\n%s\n%s", show(events), show(mixed))
		}
		f := match.NewFolder()
		var early *match.State
		var before []byte
		for len(mixed) > 0 {
			n := 1 + d.roll(2)*d.roll(len(mixed))
			f.Add(mixed[:n]...)
			mixed = mixed[n:]
			if d.roll(3) > 0 {
				early = f.State()
				before = early.Canonical()
			}
		}
		if got := f.State().Canonical(); !bytes.Equal(got, want) {
			t.Fatalf("folding piece by piece gives another state:\n%s", show(events))
		}
		if early != nil && !bytes.Equal(early.Canonical(), before) {
			t.Fatalf("a later event changed an earlier state:\n%s", show(events))
		}
	})
}

// A match long enough for checkpoints, in any order and in pieces of any size,
// folds to the bytes of the whole.
func TestLongMatchPieceByPiece(t *testing.T) {
	events := busyMatch(1000)
	want := match.Fold(events).Canonical()
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 0))
		mixed := slices.Clone(events)
		if seed > 0 { // at first in order, then with more and more out of it
			for range 1 << seed {
				i, j := r.IntN(len(mixed)), r.IntN(len(mixed))
				mixed[i], mixed[j] = mixed[j], mixed[i]
			}
		}
		f := match.NewFolder()
		for len(mixed) > 0 {
			n := min(1+r.IntN(12), len(mixed))
			f.Add(mixed[:n]...)
			f.State()
			mixed = mixed[n:]
		}
		if !bytes.Equal(f.State().Canonical(), want) {
			t.Errorf("seed %d: folding piece by piece gives another state", seed)
		}
	}
}
