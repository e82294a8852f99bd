package match

import "slices"

// squad is one team during the walk.
type squad struct {
	names   *roster
	players []Player // by the roster's numbers
	known   bool     // a line-up was seen
	on      int
	keeper  int32 // -1 when nobody known is in goal
	extra   int64 // players more by power play
	gone    int   // sent off, from the pitch
	bins    int   // players with binned set
	changes int64
	aways   int64 // how often a player left whom nobody replaced at once
	onMs    int64 // players on the pitch times play time
	stats   Stats
	yellows []*item // cards told as a yellow one of a named player
}

// roster numbers the players of a team in order of appearance. Numbers are
// private to one Folder and never shown.
type roster struct {
	number map[string]int32
	id     []string
}

func newRoster() *roster { return &roster{number: map[string]int32{}} }

func (r *roster) of(id string) int32 {
	n, ok := r.number[id]
	if !ok {
		n = int32(len(r.id))
		r.number[id] = n
		r.id = append(r.id, id)
	}
	return n
}

// player is the tally of a player, who is in the team from now on.
func (t *squad) player(id string) *Player {
	n := t.names.of(id)
	for int(n) >= len(t.players) {
		t.players = append(t.players, Player{})
	}
	p := &t.players[n]
	if p.ID == "" {
		p.ID, p.No = id, ShirtOf(id)
	}
	return p
}

func (t *squad) person(id string, change func(*Player)) {
	if id != "" {
		change(t.player(id))
	}
}

// limit is how many may be on the pitch: whoever's time in the sin bin is served may
// be replaced, and need not be the one who comes back.
func (t *squad) limit(w *walker) int {
	n := int(w.setup.PlayersPerSide+t.extra) - t.gone
	if t.bins > 0 {
		for i := range t.players {
			if t.players[i].serves(w) {
				n--
			}
		}
	}
	return n
}

// serves reports whether a player's team is one short for a time in the sin bin.
func (p *Player) serves(w *walker) bool { return p.binned && p.BinUntilMs > w.played }

// release ends a time in the sin bin, served or not.
func (t *squad) release(p *Player) {
	if p.binned {
		p.binned = false
		t.bins--
	}
}

func (t *squad) enter(p *Player, w *walker) {
	t.release(p)
	p.BinUntilMs, p.away = 0, 0
	if !p.On {
		p.On, p.since, p.Entries = true, w.played, p.Entries+1
		t.on++
	}
}

func (t *squad) leave(p *Player, w *walker) {
	if !p.On {
		return
	}
	p.PlayedMs += w.played - p.since
	p.On = false
	t.on--
	if t.keeper >= 0 && t.players[t.keeper].ID == p.ID {
		t.handGloves("", w)
	}
}

// handGloves makes somebody the goalkeeper; "" means nobody known.
func (t *squad) handGloves(id string, w *walker) {
	if t.keeper >= 0 {
		k := &t.players[t.keeper]
		k.KeeperMs += w.played - k.keeperSince
	}
	t.keeper = -1
	if id != "" {
		t.player(id).keeperSince = w.played
		t.keeper = t.names.of(id)
	}
}

// lineup puts exactly those on the pitch who are named. A later one, as at the
// start of a quarter, is a change of many.
func (t *squad) lineup(l *Lineup, w *walker) (flags []string) {
	t.known = true
	for _, s := range l.Squad {
		p := t.player(s.ID)
		p.Squad = true
		if s.No != 0 {
			p.No = s.No
		}
	}
	keeper := ""
	if t.keeper >= 0 {
		keeper = t.players[t.keeper].ID
	}
	if len(l.On) > 0 {
		for i := range t.players {
			if p := &t.players[i]; p.On && !contains(l.On, p.ID) {
				t.leave(p, w)
			}
		}
	}
	for _, id := range l.On {
		p := t.player(id)
		p.Squad = true
		if p.SentOff {
			flags = addFlag(flags, FlagSentOff)
			continue
		}
		if p.NoReturn && !p.On {
			flags = addFlag(flags, FlagHeadInjury)
		}
		if p.BinUntilMs > w.played {
			flags = addFlag(flags, FlagSinBin)
		}
		if !p.On && w.played == 0 {
			p.Started = true
		}
		t.enter(p, w)
	}
	if l.Keeper != "" && l.Keeper != keeper {
		if p := t.player(l.Keeper); p.On {
			t.handGloves(l.Keeper, w)
		} else {
			flags = addFlag(flags, FlagNotOn)
		}
	}
	if t.on > t.limit(w) {
		flags = addFlag(flags, FlagTooMany)
	}
	return flags
}

// replace takes the place of the last who left and was not replaced, and reports
// whether there was one: two people may each have told half of a change.
func (t *squad) replace() bool {
	last := -1
	for i := range t.players {
		if a := t.players[i].away; a > 0 && (last < 0 || a > t.players[last].away) {
			last = i
		}
	}
	if last >= 0 {
		t.players[last].away = 0
	}
	return last >= 0
}

// substitute takes players off and puts players on, all or nobody.
func (t *squad) substitute(out, in []string, it *item, w *walker) []string {
	if flags := t.impossible(out, in, w); flags != nil {
		it.refused = true
		return flags
	}
	var flags []string
	keeperLeft := false
	for _, id := range out {
		p := t.player(id)
		keeperLeft = keeperLeft || t.keeper == t.names.of(id)
		t.leave(p, w)
		if p.away = 0; len(in) == 0 {
			t.aways++
			p.away = t.aways
		}
	}
	changes := 0
	for _, id := range in {
		p := t.player(id)
		if p.NoReturn {
			flags = addFlag(flags, FlagHeadInjury)
		}
		if len(out) > 0 || p.away == 0 && t.replace() {
			changes++
		}
		if p.BinUntilMs > w.played {
			flags = addFlag(flags, FlagSinBin)
		}
		if w.setup.Substitutions >= 0 && p.Entries > 0 && !p.binned && p.away == 0 {
			flags = addFlag(flags, FlagCameBack)
		}
		if t.known && !p.Squad {
			flags = addFlag(flags, FlagUnknownPlayer)
		}
		t.enter(p, w)
	}
	if keeperLeft && len(out) == 1 && len(in) == 1 {
		t.handGloves(in[0], w)
	}
	if changes > 0 {
		t.changes += int64(changes)
		if w.setup.Substitutions >= 0 && t.changes > w.setup.Substitutions {
			flags = addFlag(flags, FlagTooManyChanges)
		}
	}
	return flags
}

// impossible says why a change cannot have happened as told. Without a line-up
// anything can.
func (t *squad) impossible(out, in []string, w *walker) (flags []string) {
	if !t.known {
		return nil
	}
	on := t.on
	for _, id := range out {
		if !t.player(id).On {
			flags = addFlag(flags, FlagNotOn)
		}
		on--
	}
	back := 0
	for _, id := range in {
		p := t.player(id)
		switch {
		case p.On && !contains(out, id):
			flags = addFlag(flags, FlagAlreadyOn)
		case p.SentOff:
			flags = addFlag(flags, FlagSentOff)
		}
		if p.serves(w) {
			back++
		}
		on++
	}
	if on > t.limit(w)+back && len(in) > 0 {
		flags = addFlag(flags, FlagTooMany)
	}
	return flags
}

func (t *squad) keeperIs(id string, it *item, w *walker) []string {
	if t.known && !t.player(id).On {
		it.refused = true
		return []string{FlagNotOn}
	}
	t.handGloves(id, w)
	return nil
}

// powerPlay allows more players; deficit is by how much the team is behind.
func (t *squad) powerPlay(extra, deficit int64, w *walker) (flags []string) {
	t.extra = min(extra, 11)
	allowed := int64(0)
	for _, d := range w.setup.PowerPlay {
		if deficit >= d {
			allowed++
		}
	}
	if t.extra > allowed {
		flags = addFlag(flags, FlagPowerPlay)
	}
	if t.on > t.limit(w) {
		flags = addFlag(flags, FlagTooMany)
	}
	return flags
}

// card books a player. A second yellow card is one however it is told, if somebody
// knows of both; else it may be the first, told again. Who was sent off is not booked
// again.
func (t *squad) card(it *item, w *walker) (flags []string) {
	f, colour := it.facts, it.facts.Colour
	if f.Player == "" {
		t.stats.Cards.add(colour)
		return nil
	}
	p := t.player(f.Player)
	if p.SentOff {
		it.refused = true
		return []string{FlagSentOff}
	}
	if colour == "yellow" {
		known := t.knowsBoth(it)
		t.yellows = append(t.yellows, it)
		before := p.Cards.Yellow - p.kicksYellow
		if it.main.period == PeriodShootout { // cautions are not carried into the kicks (Law 10)
			before = p.kicksYellow
			p.kicksYellow++
		}
		switch {
		case before <= 0:
		case !known:
			it.refused = true
			return []string{FlagPerhapsSame}
		default:
			colour, flags = "second_yellow", addFlag(flags, FlagSecondYellow)
		}
	}
	t.stats.Cards.add(colour)
	p.Cards.add(colour)
	if colour == "yellow" {
		return flags
	}
	short := p.On || p.away > 0 || p.serves(w)
	t.leave(p, w)
	p.away = 0
	t.release(p)
	if colour != "sin_bin" {
		p.SentOff = true
		if short {
			t.gone++
		}
		return flags
	}
	if p.binned = short; short {
		t.bins++
	}
	p.BinUntilMs = w.played + w.setup.SinBinMs
	if f.Ms > 0 {
		p.BinUntilMs = w.played + f.Ms
	}
	return flags
}

// knowsBoth reports whether somebody who told a yellow card also told one of the same
// player before, or somebody confirmed this one. A child is not sent off because two
// people's clocks differ.
func (t *squad) knowsBoth(it *item) bool {
	return it.main.confirmed != nil || slices.ContainsFunc(t.yellows, func(y *item) bool {
		return y.facts.Player == it.facts.Player && sharedAuthor(y, it)
	})
}

// absent says why a player cannot have scored: nothing without a line-up, and,
// as who was on depends on the time, not that one was off if none is told.
func (t *squad) absent(id string, clocked bool) string {
	if id == "" {
		return ""
	}
	p := t.player(id)
	switch {
	case p.SentOff:
		return FlagSentOff
	case p.On || !t.known || t.on == 0:
		return ""
	case !p.Squad:
		return FlagUnknownPlayer
	case clocked:
		return FlagNotOn
	}
	return ""
}

func (t *squad) plusMinus(n int64) {
	for i := range t.players {
		if t.players[i].On {
			t.players[i].PlusMinus += n
		}
	}
	if n < 0 && t.keeper >= 0 {
		t.players[t.keeper].Conceded -= n
	}
}

func addFlag(flags []string, flag string) []string {
	if flag == "" || contains(flags, flag) {
		return flags
	}
	return append(flags, flag)
}
