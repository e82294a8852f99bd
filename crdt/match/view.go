package match

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"touchline.dev/touchline/crdt"
)

// Viewer is who looks at a state.
type Viewer struct {
	Role     Role
	Side     Side     // of a team member; NoSide for others, and for those who see to both
	Children []string // a guardian's own, by their IDs as players of that side
	Self     crdt.Key // signs what the viewer tells; zero: that is not known, or nobody tells anything
}

// Person is what a roster knows of a player. Names live beside the log.
type Person struct {
	First string
	Full  string
	Never bool // must not appear: shown by nothing that could be looked up
}

// Roster is the people of a match by player ID.
type Roster map[string]Person

// staff reports whether the viewer records for a side, and so needs its names.
func (v *Viewer) staff(side Side) bool {
	return v.Role >= Organiser && v.Role <= Scorer && (v.Side == NoSide || v.Side == side)
}

// Tends reports whether the viewer is of a side's own staff, who know how its children
// are: those whose right is for that team, and coaches of both.
func (v *Viewer) Tends(side Side) bool {
	return side != NoSide && v.staff(side) && (v.Side == side || v.Role == Coach)
}

// privy reports whether the viewer may know what befell a player of a side, as
// somebody told.
func (v *Viewer) privy(side Side, player string, by crdt.Key) bool {
	return v.Tends(side) || v.guards(side, player) || by == v.Self && by != crdt.Key{}
}

// guards reports whether a player of a side is the viewer's own child. Two sides may
// use the same ID.
func (v *Viewer) guards(side Side, id string) bool {
	return side != NoSide && v.Side == side && contains(v.Children, id)
}

// ofTeam reports whether results that only the teams may see are for him. Whoever's
// team does not play here is of none.
func (v *Viewer) ofTeam() bool {
	if v.Side == NoSide {
		return v.Role >= Organiser && v.Role <= Scorer
	}
	return (v.Side == Home || v.Side == Away) && v.Role >= Organiser && v.Role <= Family
}

// SeesAll reports whether the viewer sees the state as it was folded, but for what is
// private, under the names that there are.
func (v *Viewer) SeesAll() bool { return v.staff(NoSide) }

// View is the state as a viewer may see it: a copy in which names are as the
// setup and the people's consent allow, an injury is "play stopped" for all but
// the team's staff, that child's guardians and whoever told it, and where only the teams
// may see results it is a fold of what tells none of them. It is a
// function of its arguments, and the only way to what is served.
func View(s *State, v Viewer, people Roster) *State {
	hide := !v.ofTeam() && !s.Setup.Tables()
	if hide {
		s = s.outside.state()
	}
	out := *s
	out.outside = nil
	r := &redactor{state: &out, viewer: v, people: people}
	r.lookAtHurt()
	r.forgetUnseen()
	for i := range out.Teams {
		r.team(i)
	}
	out.Timeline = make([]*Entry, 0, len(s.Timeline))
	for _, e := range s.Timeline {
		if e = r.entry(e); e != nil {
			out.Timeline = append(out.Timeline, e)
		}
	}
	if out.Shootout != nil {
		shootout := *out.Shootout
		shootout.Kicks = slices.Clone(shootout.Kicks)
		for i, k := range shootout.Kicks {
			shootout.Kicks[i].Player = r.name(k.Side, k.Player)
		}
		out.Shootout = &shootout
	}
	r.hideWords()
	if hide {
		r.hideResults()
	}
	return &out
}

// redactor makes a view.
type redactor struct {
	state  *State
	viewer Viewer
	people Roster
	alias  [2]map[string]string // what stands for a player's ID
	hurt   [2]map[string]bool   // players of whom the viewer told himself that they are
	secret map[crdt.Hash]bool   // events that are play stopped for the viewer
	worn   [2]map[int64]bool    // numbers that players wear, and whether one must not appear
}

// team replaces the players of a side.
func (r *redactor) team(i int) {
	team := &r.state.Teams[i]
	r.alias[i] = map[string]string{}
	team.Players = slices.Clone(team.Players)
	shirts := r.shirts(i)
	for n := range team.Players {
		p := &team.Players[n]
		open := r.viewer.staff(sides[i]) || r.viewer.guards(sides[i], p.ID)
		person := r.people[p.ID]
		alias := p.ID
		r.alias[i][p.ID] = alias
		if !open {
			if shirts[p.No] == "" {
				p.No = 0
			}
			alias = anonymous(sides[i], p, n, shirts[p.No])
			r.alias[i][p.ID] = anonymous(sides[i], p, n, p.ID) // events name the shirt, whoever wears it
		}
		p.Name = r.shownName(person, open)
		p.NoReturn = p.NoReturn && r.knowsHurt(sides[i], p.ID)
		if team.Keeper == p.ID {
			team.Keeper = alias
		}
		p.ID = alias
	}
	slices.SortFunc(team.Players, func(a, b Player) int { return cmp.Compare(a.ID, b.ID) })
}

// shirts are the players who wear the numbers that may be shown, by number: a line-up's
// goes before one that is only typed, and the shirt of whoever must not appear is
// nobody's.
func (r *redactor) shirts(i int) map[int64]string {
	out, never := map[int64]string{}, map[int64]bool{}
	for _, p := range r.state.Teams[i].Players {
		never[p.No] = never[p.No] || r.people[p.ID].Never
		if out[p.No] == "" || ShirtOf(out[p.No]) == p.No && ShirtOf(p.ID) != p.No {
			out[p.No] = p.ID
		}
	}
	maps.DeleteFunc(out, func(no int64, _ string) bool { return no == 0 || never[no] })
	r.worn[i] = never
	return out
}

// anonymous stands for a player: the shirt, or where that is somebody else's or none a
// place in the list.
func anonymous(side Side, p *Player, n int, wears string) string {
	if p.No != 0 && wears == p.ID {
		return shirtAlias(side, p.No)
	}
	return string(side) + "-p" + strconv.Itoa(n+1)
}

func shirtAlias(side Side, no int64) string { return string(side) + "-" + strconv.FormatInt(no, 10) }

func (r *redactor) shownName(p Person, open bool) string {
	switch {
	case open:
		return cmp.Or(p.Full, p.First)
	case p.Never:
		return ""
	}
	switch r.state.Setup.Names {
	case "full":
		return cmp.Or(p.Full, p.First)
	case "first":
		return p.First
	}
	return ""
}

// name is what stands for a player in an event of a side; an own goal's scorer
// is of the other.
func (r *redactor) name(side Side, id string) string {
	if id == "" {
		return ""
	}
	for _, s := range [2]Side{side, side.Other()} {
		if s == NoSide {
			continue
		}
		if alias, ok := r.alias[s.index()][id]; ok {
			return alias
		}
	}
	if r.viewer.staff(side) || r.viewer.guards(side, id) {
		return id
	}
	if no := ShirtOf(id); no != 0 && side != NoSide && !r.worn[side.index()][no] && !r.people[id].Never {
		return shirtAlias(side, no)
	}
	return "" // nobody of the teams: it could be a name
}

func (r *redactor) names(side Side, ids []string) (out []string) {
	for _, id := range ids {
		if alias := r.name(side, id); alias != "" {
			out = append(out, alias)
		}
	}
	return out
}

// entry is a copy without what the viewer may not see; nil if nothing is left.
func (r *redactor) entry(e *Entry) *Entry {
	out := *e
	f := *e.Facts
	out.Facts = &f
	if e.Type == kindStopped || r.secret[e.Hash] {
		return playStopped(&out)
	}
	out.Flags = r.flags(e)
	f.Player, f.Assist, f.On = r.name(e.PlayerSide(), f.Player), r.name(e.Side, f.Assist), r.name(e.Side.Other(), f.On)
	f.Out, f.In = r.names(e.Side, f.Out), r.names(e.Side, f.In)
	if f.Lineup != nil {
		f.Lineup = r.lineup(e.Side, f.Lineup)
	}
	if r.viewer.staff(e.Side) {
		return &out
	}
	f.Text, out.Reason, out.ID = "", statusReason(e), "" // free words may hold a name
	f.Reason = ""
	if !Private(e.Type) { // whoever sees those sees how the child is
		f.Status = ownStatus(f.Status)
	}
	f.How, f.Kind, f.Outcome, f.Colour = ownCode(f.How), ownCode(f.Kind), ownCode(f.Outcome), ownCode(f.Colour)
	out.Differs = slices.Clone(out.Differs)
	for i := range out.Differs {
		out.Differs[i].Says = r.name(e.Side, out.Differs[i].Says)
	}
	return &out
}

// statusReason keeps reasons that are nobody's own words.
func statusReason(e *Entry) string {
	if e.Status == StatusWithdrawn {
		return ownWord(e.Reason)
	}
	return e.Reason
}

// ownWord keeps a reason if it is one from the list.
func ownWord(reason string) string {
	switch reason {
	case "mistake", "disallowed", "duplicate", "wrong_match":
		return reason
	}
	return ""
}

// ownStatus keeps a status of an end if it is one from the list.
func ownStatus(status string) string {
	if slices.Contains(endings, status) {
		return status
	}
	return ""
}

// codes say how something happened. Whatever else stands in their place may be a
// name, if it has letters.
var codes = []string{
	"open", "penalty", "free_kick", "corner", "header", "own_goal", "unknown",
	"saved", "off", "post", "blocked", "on_target",
	"foul", "handball", "heading", "dissent", "other",
	"yellow", "second_yellow", "red", "sin_bin",
}

func ownCode(word string) string {
	if slices.Contains(codes, word) || !strings.ContainsFunc(word, unicode.IsLetter) {
		return word
	}
	return ""
}

// playStopped is the neutral stub of an injury: no team, no player, no word.
func playStopped(e *Entry) *Entry {
	return &Entry{
		Hash: e.Hash, Type: kindClockStop, Period: e.Period, ClockMs: e.ClockMs, Clocked: e.Clocked, By: e.By, Role: e.Role, OwnMs: e.OwnMs,
		Facts: &Facts{}, Status: e.Status, Counts: e.Counts,
	}
}

func (r *redactor) lineup(side Side, l *Lineup) *Lineup {
	out := &Lineup{On: r.names(side, l.On), Keeper: r.name(side, l.Keeper), Captain: r.name(side, l.Captain)}
	for _, s := range l.Squad {
		if alias := r.name(side, s.ID); alias != "" {
			no := s.No
			if r.people[s.ID].Never && !r.viewer.staff(side) {
				no = 0
			}
			out.Squad = append(out.Squad, Shirt{ID: alias, No: no})
		}
	}
	return out
}
