package match

import "fmt"

// Limits of what a payload may say. What exceeds them is ignored and flagged.
const (
	maxName    = 64      // bytes of a player's ID and of words from a list
	maxText    = 280     // bytes of a note
	maxPlayers = 64      // in one list
	maxClockMs = 6 << 21 // 3.5 hours: no period is longer
	maxNumber  = 1 << 40
)

// Facts are the parts of a payload that the fold understands. The names in
// JSON are those of DOMAIN 2.3; [Facts.set] also knows the names that files of
// key events and older pages use.
type Facts struct {
	Player  string `json:"player,omitempty"` // scorer, taker, booked, injured, in goal
	Assist  string `json:"assist,omitempty"`
	On      string `json:"on,omitempty"` // whom the foul was on
	How     string `json:"how,omitempty"`
	Kind    string `json:"kind,omitempty"`
	Outcome string `json:"outcome,omitempty"`
	Colour  string `json:"colour,omitempty"`
	Status  string `json:"status,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Text    string `json:"text,omitempty"`

	Out []string `json:"out,omitempty"`
	In  []string `json:"in,omitempty"`

	ScoreAfter []int64 `json:"scoreAfter,omitempty"` // home, away
	N          int64   `json:"n,omitempty"`          // kick number, extra players
	Ms         int64   `json:"ms,omitempty"`         // added time, sin bin
	Scored     bool    `json:"scored,omitempty"`
	Inferred   bool    `json:"inferred,omitempty"`

	Lineup *Lineup `json:"lineup,omitempty"`
	Injury *Injury `json:"injury,omitempty"`
	Ruling *Ruling `json:"ruling,omitempty"`

	setup    map[string]value // match.setup: its fields, read when setups are overlaid
	changes  value            // amend: the fields to overwrite
	separate bool             // confirm: the target is never merged into another report
}

// Lineup is who is there, who begins, and who is in goal.
type Lineup struct {
	Squad   []Shirt  `json:"squad,omitempty"`
	On      []string `json:"on"`
	Keeper  string   `json:"gk,omitempty"`
	Captain string   `json:"captain,omitempty"`
}

// Shirt is a player and the number on the shirt; 0 means none.
type Shirt struct {
	ID string `json:"id"`
	No int64  `json:"no,omitempty"`
}

// Injury is private: see [View].
type Injury struct {
	Area       string `json:"area,omitempty"` // head, or other words
	Severity   int64  `json:"severity,omitempty"`
	Concussion bool   `json:"concussion,omitempty"`
}

// Head reports whether the player must not return on the same day.
func (i *Injury) Head() bool { return i != nil && (i.Area == "head" || i.Concussion) }

// Ruling is the organiser's word over the pitch's.
type Ruling struct {
	Awarded []int64 `json:"awarded,omitempty"` // home, away
	Shared  bool    `json:"shared,omitempty"`  // the trophy is
	Replay  bool    `json:"replay,omitempty"`
	Winner  Side    `json:"winner,omitempty"` // by lots, without a score
}

// readFacts reads a payload into empty facts. Fields it does not know it
// leaves alone; bad names the first field whose value cannot be, and is "data"
// if there is no object.
func readFacts(f *Facts, kindName string, data []byte) (bad string) {
	if len(data) == 0 {
		return ""
	}
	ok := members(data, func(key []byte, v value) {
		if !f.set(kindName, key, v) && bad == "" {
			bad = string(key)
		}
	})
	if !ok {
		*f = Facts{}
		return "data"
	}
	return bad
}

// set reads one field. It reports false only for a known field whose value
// cannot be; null clears.
func (f *Facts) set(kindName string, key []byte, v value) bool {
	switch kindName {
	case kindLineup:
		return f.setLineup(key, v)
	case kindInjury:
		return f.setInjury(key, v)
	case kindRuling:
		return f.setRuling(key, v)
	case kindSetup:
		if f.setup == nil {
			f.setup = map[string]value{}
		}
		f.setup[string(key)] = v
		return true
	}
	switch string(key) {
	case "player", "playerId", "scorer", "taker", "gk", "by", "official":
		return v.into(&f.Player)
	case "assist":
		return v.into(&f.Assist)
	case "on":
		return kindName != kindFoul || v.into(&f.On)
	case "how":
		return v.into(&f.How)
	case "kind":
		if kindName == kindGoal {
			return v.into(&f.How)
		}
		return v.into(&f.Kind)
	case "award", "emoji":
		return v.into(&f.Kind)
	case "own_goal":
		if is, ok := v.truth(); ok && is {
			f.How = "own_goal"
		}
		return true
	case "outcome":
		return v.into(&f.Outcome)
	case "colour", "color", "card":
		return v.into(&f.Colour)
	case "status":
		return v.into(&f.Status)
	case "reason":
		return v.into(&f.Reason)
	case "text":
		return v.intoText(&f.Text)
	case "out", "player_out":
		return v.intoList(&f.Out)
	case "in", "player_in":
		return v.intoList(&f.In)
	case "score_after":
		return v.intoPair(&f.ScoreAfter)
	case "n", "extra":
		return v.intoNumber(&f.N)
	case "ms":
		return v.intoNumber(&f.Ms)
	case "minutes":
		var minutes int64
		ok := v.intoNumber(&minutes)
		if ok {
			f.Ms = min(minutes, maxClockMs/60_000) * 60_000
		}
		return ok
	case "scored":
		return v.intoTruth(&f.Scored)
	case "inferred":
		return v.intoTruth(&f.Inferred)
	case "separate":
		return v.intoTruth(&f.separate)
	case "set":
		f.changes = v
		return len(v) > 0 && v[0] == '{'
	}
	return true
}

func (f *Facts) setLineup(key []byte, v value) bool {
	l := Lineup{}
	if f.Lineup != nil {
		l = *f.Lineup // an amendment must not change the original
	}
	f.Lineup = &l
	switch string(key) {
	case "on", "starters":
		return v.intoList(&l.On)
	case "bench":
		var bench []string
		ok := v.intoList(&bench)
		for _, id := range bench {
			l.Squad = append(l.Squad[:len(l.Squad):len(l.Squad)], Shirt{ID: id})
		}
		return ok
	case "squad":
		return v.intoSquad(&l.Squad)
	case "gk":
		return v.into(&l.Keeper)
	case "captain":
		return v.into(&l.Captain)
	}
	return true
}

func (f *Facts) setInjury(key []byte, v value) bool {
	i := Injury{}
	if f.Injury != nil {
		i = *f.Injury
	}
	f.Injury = &i
	switch string(key) {
	case "player", "playerId":
		return v.into(&f.Player)
	case "area":
		return v.into(&i.Area)
	case "severity":
		return v.intoNumber(&i.Severity)
	case "concussion_suspected", "concussion":
		return v.intoTruth(&i.Concussion)
	}
	return true
}

func (f *Facts) setRuling(key []byte, v value) bool {
	r := Ruling{}
	if f.Ruling != nil {
		r = *f.Ruling
	}
	f.Ruling = &r
	switch string(key) {
	case "awarded":
		return v.intoPair(&r.Awarded)
	case "shared":
		return v.intoTruth(&r.Shared)
	case "replay":
		return v.intoTruth(&r.Replay)
	case "winner":
		var s string
		ok := v.into(&s) && (s == "" || s == string(Home) || s == string(Away))
		if ok {
			r.Winner = Side(s)
		}
		return ok
	case "reason":
		return v.into(&f.Reason)
	}
	return true
}

// missing names what an event of this kind lacks to mean anything, or is empty.
func (f *Facts) missing(kindName string) string {
	switch kindName {
	case kindCard:
		switch f.Colour {
		case "yellow", "second_yellow", "red", "sin_bin":
		default:
			return "colour"
		}
	case kindSubstitution:
		if len(f.Out) == 0 && len(f.In) == 0 {
			return "out and in"
		}
	case kindPlayerOff, kindPlayerOn, kindKeeper:
		if f.Player == "" {
			return "player"
		}
	case kindLineup:
		if f.Lineup == nil {
			return "on"
		}
	case kindAmend:
		if f.changes == nil {
			return "set"
		}
	case kindRuling:
		if f.Ruling == nil {
			return "what is ruled"
		}
	}
	return ""
}

// Validate checks a draft as a writer should before signing it: what it calls
// an error, the fold would keep, flag and not count. Unknown kinds are valid.
func Validate(e *Event) error {
	k := kindOf(e.Type)
	var f Facts
	bad := readFacts(&f, e.Type, e.Data)
	switch {
	case bad != "" && e.Type == kindEnd:
		return fmt.Errorf("%w: %s: %s", ErrInvalid, e.Type, bad) // without a result
	case k.team && e.Team == "":
		return fmt.Errorf("%w: %s needs a team", ErrInvalid, e.Type)
	case k.meta && len(e.Refs) == 0:
		return fmt.Errorf("%w: %s needs the event it is about", ErrInvalid, e.Type)
	case e.Period > PeriodAfter:
		return fmt.Errorf("%w: period %d", ErrInvalid, e.Period)
	case e.ClockMs != nil && (*e.ClockMs < 0 || *e.ClockMs > maxClockMs):
		return fmt.Errorf("%w: clock of %d ms", ErrInvalid, *e.ClockMs)
	}
	if m := f.missing(e.Type); m != "" {
		return fmt.Errorf("%w: %s needs %s", ErrInvalid, e.Type, m)
	}
	if e.Type == kindEnd {
		return f.checkEnd(e.Team)
	}
	if bad != "" {
		return fmt.Errorf("%w: %s: %s %w", ErrInvalid, e.Type, bad, ErrField)
	}
	return nil
}
