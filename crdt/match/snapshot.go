package match

import (
	"cmp"
	"crypto/sha256"
	"slices"

	"touchline.dev/touchline/crdt"
)

// Canonical is the one encoding of a state: deterministic CBOR (RFC 8949
// section 4.2.1) of maps with the names that JSON shows; hashes and keys are
// byte strings.
func (s *State) Canonical() []byte { return crdt.EncodeCBOR(s) }

// Digest is the SHA-256 of [State.Canonical]: two replicas that hold the same
// set of events (and verdicts) have the same.
func (s *State) Digest() [sha256.Size]byte { return sha256.Sum256(s.Canonical()) }

// Side gives the team of a side; NoSide is not one.
func (s *State) Side(side Side) *TeamState { return &s.Teams[side.index()] }

// Goals are the entries of goals, in order of play, that count.
func (s *State) Goals() (out []*Entry) {
	for _, e := range s.Timeline {
		if e.Type == kindGoal && e.Counts {
			out = append(out, e)
		}
	}
	return out
}

// snapshot makes the State of what was folded.
func (f *Folder) snapshot() *State {
	s := f.stateAfter(&f.tail)
	f.refreshGoals(s)
	f.lent = len(f.timeline)
	s.Timeline = f.timeline[:f.lent:f.lent]
	s.Corrections = make([]Correction, 0, len(f.metas))
	for i := len(f.metas) - 1; i >= 0; i-- { // they are kept from the last to the first
		s.Corrections = append(s.Corrections, correctionOf(f.metas[i]))
	}
	s.Result = f.result(s)
	s.outside = f.outsideNow()
	return s
}

// stateAfter is what a walk came to.
func (f *Folder) stateAfter(w *walker) *State {
	s := &State{
		Setup: f.setup, Score: w.score, Assumed: f.assumed(), PlayedMs: w.played,
		Periods: append([]Phase{}, w.lengths...), Momentum: append([]Spell{}, w.spells...),
		Clock: Clock{Period: w.period, AtMs: w.at, Running: w.running && f.end == nil, Stopped: w.stopped, StopsMs: w.stops, AddedMs: w.added},
	}
	if w.started != nil {
		s.Clock.StartedOwnMs = w.started.ev.OwnMs
	}
	if len(w.pens.kicks) > 0 {
		s.Shootout = &Shootout{Score: w.pens.score, Kicks: slices.Clone(w.pens.kicks), Winner: w.pens.winner}
	}
	for i := range s.Teams {
		s.Teams[i] = f.teamState(w, i)
	}
	s.Phase = f.phase(w)
	return s
}

// refreshGoals renews the entries of goals: they alone depend on what came
// after them and on who else records.
func (f *Folder) refreshGoals(s *State) {
	recorders := f.recorders()
	s.Recorders = int64(recorders)
	for _, it := range f.goalItems {
		view := goalView{made: true, confirmed: f.confirms(it), several: recorders > 1, score: it.score}
		if it.shown != view {
			at, _ := f.find(it)
			f.takeBack(at)
			f.timeline[at] = f.goalEntry(it, recorders)
			it.shown = view
		}
		if it.main.waits && it.main.live() {
			s.Waiting[it.main.side.index()]++
		}
	}
}

// recorders counts the people whose goals count.
func (f *Folder) recorders() int {
	var seen []crdt.Key
	add := func(r *report) {
		if !slices.Contains(seen, r.ev.Author) {
			seen = append(seen, r.ev.Author)
		}
	}
	for _, it := range f.tail.goals {
		add(it.main)
		for _, r := range it.others {
			add(r)
		}
	}
	return len(seen)
}

func (f *Folder) phase(w *walker) string {
	switch {
	case f.end != nil:
		return "ended"
	case len(w.pens.kicks) > 0:
		return "shootout"
	case w.period == 0:
		return "before"
	case w.running:
		return "playing"
	}
	return "break"
}

func (f *Folder) teamState(w *walker, i int) TeamState {
	t := &w.teams[i]
	out := TeamState{
		Team: f.setup.Teams[i], Known: t.known, On: int64(t.on), Limit: int64(t.limit(w)), OnMs: t.onMs, Changes: t.changes, Stats: t.stats,
		Players: make([]Player, 0, len(t.players)),
	}
	if out.Team.ID == "" {
		out.Team.ID = f.assumedID[i]
	}
	if t.keeper >= 0 {
		out.Keeper = t.players[t.keeper].ID
	}
	for _, p := range t.players {
		if p.ID == "" {
			continue // numbered for an event that no longer counts
		}
		if p.On {
			p.PlayedMs += w.played - p.since
		}
		if p.ID == out.Keeper {
			p.KeeperMs += w.played - p.keeperSince
		}
		p.since, p.keeperSince = 0, 0
		if c := p.Cards.Conduct(); c < 0 {
			out.Conduct += c
			out.FairPlay.addOnce(p.Cards)
		}
		out.Players = append(out.Players, p)
	}
	slices.SortFunc(out.Players, func(a, b Player) int { return cmp.Compare(a.ID, b.ID) })
	out.unnamedCards()
	return out
}

// unnamedCards counts cards of nobody in particular, each as one person's.
func (t *TeamState) unnamedCards() {
	c := t.Stats.Cards
	for i := range t.Players {
		p := &t.Players[i].Cards
		c.Yellow, c.SecondYellow, c.Red = c.Yellow-p.Yellow, c.SecondYellow-p.SecondYellow, c.Red-p.Red
	}
	t.Conduct += c.Yellow*Cards{Yellow: 1}.Conduct() + c.SecondYellow*Cards{SecondYellow: 1}.Conduct() + c.Red*Cards{Red: 1}.Conduct()
	t.FairPlay.Yellow += c.Yellow
	t.FairPlay.SecondYellow += c.SecondYellow
	t.FairPlay.Red += c.Red
}

// addOnce counts a person's cards as one deduction each.
func (c *Cards) addOnce(p Cards) {
	switch {
	case p.Red > 0:
		c.Red++
	case p.SecondYellow > 0:
		c.SecondYellow++
	case p.Yellow > 0:
		c.Yellow++
	}
}

// result is what the match means to a competition.
func (f *Folder) result(s *State) Result {
	r := Result{Score: s.Score, How: HowPlayed}
	if f.end != nil {
		r.Status, r.Reason = cmp.Or(f.end.now.Status, endCompleted), f.end.now.Reason
		r.Final = r.Status == endCompleted
	}
	for _, p := range s.Periods {
		if int64(p.Period) > s.Setup.Periods {
			r.How = HowExtraTime
		}
	}
	r.Winner = leader(r.Score)
	if s.Shootout != nil {
		kicks := s.Shootout.Score
		r.Kicks, r.How = &kicks, HowShootout
		r.Winner = s.Shootout.Winner
	}
	switch {
	case r.Status == "" || r.Status == endCompleted:
	case r.Status == endForfeit && f.end.side != NoSide:
		r.Final, r.How, r.Winner = true, HowForfeit, f.end.side.Other()
	default:
		r.How, r.Winner = HowNone, NoSide
	}
	if f.ruling != nil {
		f.applyRuling(&r, f.ruling)
	}
	return r
}

func (f *Folder) applyRuling(r *Result, by *report) {
	ruling := by.now.Ruling
	if by.now.Reason != "" {
		r.Reason = by.now.Reason
	}
	switch {
	case ruling.Replay:
		r.Final, r.How, r.Winner = false, HowReplay, NoSide
	case len(ruling.Awarded) == 2:
		r.Final, r.How, r.Kicks = true, HowAwarded, nil
		r.Score = [2]int64(ruling.Awarded)
		r.Winner = leader(r.Score)
	case ruling.Shared:
		r.Final, r.How, r.Winner = true, HowShared, NoSide
	case ruling.Winner != NoSide:
		r.Final, r.How, r.Winner = true, HowLots, ruling.Winner
	}
}

func leader(score [2]int64) Side {
	switch {
	case score[0] > score[1]:
		return Home
	case score[1] > score[0]:
		return Away
	}
	return NoSide
}
