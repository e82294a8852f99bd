package bridge

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/match"
	"touchline.dev/touchline/crdt/match/table"
)

const (
	competitionMeta  = "competition/"
	maxCompetition   = 1 << 20 // bytes of one, kept
	maxCompetitors   = 2000    // matches and results of one
	maxCompetitionID = 100     // bytes of a name
)

// Competition is what one device keeps of a competition: which of the matches it
// follows belong to it, results from elsewhere, and the rules. It is local: it
// travels nowhere, and its tables are worked out when they are asked for.
type Competition struct {
	Name    string         `json:"name"`
	Preset  string         `json:"preset"`
	Rules   table.Rules    `json:"rules"`
	Matches []Fixture      `json:"matches"`
	Results []Outcome      `json:"results"`
	Bracket *table.Bracket `json:"bracket,omitempty"`
	Planned bool           `json:"planned,omitempty"` // the knock-out is the organiser's: no file replaces it
	Ladder  table.Ladder   `json:"ladder,omitempty"`  // of a festival: who begins on which pitch

	// Settings are what all matches inherit, as far as they say nothing themselves.
	Settings match.Settings `json:"settings,omitempty"`

	// Only in lists, and never kept:
	Changed bool     `json:"rulesChanged,omitempty"` // its rules are not those of the preset
	Teams   []string `json:"teams,omitempty"`        // who is known to play, by name
}

// Fixture is a followed match in a competition.
type Fixture struct {
	Match crdt.LogID `json:"matchId"`
	Group string     `json:"group,omitempty"` // empty: as the match's own setup says
	Tie   string     `json:"tie,omitempty"`   // of the bracket; then it is in no group
	Told  string     `json:"told,omitempty"`  // which settings of the competition were recorded in it
}

// Outcome is a result that is known by other means.
type Outcome struct {
	table.Result
	Group string `json:"group,omitempty"`
	Tie   string `json:"tie,omitempty"`
	Round string `json:"round,omitempty"` // with the teams and the date it tells one match of a file from another
	Date  string `json:"date,omitempty"`
}

// GroupTable is the table of one group.
type GroupTable struct {
	Group    string      `json:"group,omitempty"`
	Rows     []table.Row `json:"rows"`
	Complete bool        `json:"complete"`
}

// TableView is the tables of a competition.
type TableView struct {
	Competition string       `json:"competition"`
	Groups      []GroupTable `json:"groups"`
	Missing     []crdt.LogID `json:"missing,omitempty"` // matches that cannot be read here
}

// GroupPairing is the next round of one group.
type GroupPairing struct {
	Group string `json:"group,omitempty"`
	table.Pairing
}

// PairsView is the next round of a competition that is played as Swiss.
type PairsView struct {
	Competition string         `json:"competition"`
	Groups      []GroupPairing `json:"groups"`
	Missing     []crdt.LogID   `json:"missing,omitempty"`
}

// BracketView is the knock-out of a competition.
type BracketView struct {
	Competition string           `json:"competition"`
	Ties        []table.Resolved `json:"ties"`
	Missing     []crdt.LogID     `json:"missing,omitempty"`
}

// Competitions keeps the competitions of one device. It may be used from any
// goroutine.
type Competitions struct {
	keeper Keeper     // immutable
	mu     sync.Mutex // held while one is changed

	shownMu sync.Mutex
	shown   map[string]readOf // guarded by shownMu; by name, as they were last read
}

// readOf is a competition and the bytes that it was read of.
type readOf struct {
	kept []byte
	one  *Competition // immutable
}

// NewCompetitions returns those that keeper has.
func NewCompetitions(keeper Keeper) *Competitions {
	return &Competitions{keeper: keeper, shown: map[string]readOf{}}
}

func competitionKey(name string) string { return competitionMeta + hex.EncodeToString([]byte(name)) }

// Get returns one; ErrNotFound if there is none of this name.
func (c *Competitions) Get(name string) (*Competition, error) {
	b, err := c.kept(name)
	if err != nil {
		return nil, err
	}
	return readCompetition(name, b)
}

// Show is Get for who changes nothing of what it refers to: a season is not read again
// for each table of it.
func (c *Competitions) Show(name string) (*Competition, error) {
	b, err := c.kept(name)
	c.shownMu.Lock()
	defer c.shownMu.Unlock()
	if err != nil {
		delete(c.shown, name)
		return nil, err
	}
	last := c.shown[name]
	if last.one == nil || !bytes.Equal(last.kept, b) {
		one, err := readCompetition(name, b)
		if err != nil {
			return nil, err
		}
		last = readOf{kept: b, one: one}
		c.shown[name] = last
	}
	out := *last.one
	return &out, nil
}

func (c *Competitions) kept(name string) ([]byte, error) {
	b, err := c.keeper.Meta(competitionKey(name))
	if errors.Is(err, crdt.ErrNotFound) {
		return nil, fmt.Errorf("competition %q: %w", name, crdt.ErrNotFound)
	}
	return b, err
}

func readCompetition(name string, b []byte) (*Competition, error) {
	out := &Competition{}
	if err := json.Unmarshal(b, out); err != nil {
		return nil, fmt.Errorf("competition %q: %w: %w", name, crdt.ErrCorrupt, err)
	}
	return out, nil
}

// List returns all, by name.
func (c *Competitions) List() ([]Competition, error) {
	keys, err := c.keeper.MetaKeys(competitionMeta)
	if err != nil {
		return nil, err
	}
	out := []Competition{}
	for _, key := range keys {
		name, err := hex.DecodeString(strings.TrimPrefix(key, competitionMeta))
		if err != nil {
			return nil, fmt.Errorf("competition %q: %w", key, crdt.ErrCorrupt)
		}
		one, err := c.Get(string(name))
		if err != nil {
			return nil, err
		}
		out = append(out, *one)
	}
	slices.SortFunc(out, func(a, b Competition) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// New begins a competition by a preset of rules.
func (c *Competitions) New(ctx context.Context, in NewCompetition) (*Competition, error) {
	name := strings.TrimSpace(in.Name)
	if name == "" || len(name) > maxCompetitionID {
		return nil, badRequest(fmt.Sprintf("the name of a competition has 1 to %d bytes", maxCompetitionID))
	}
	rules, err := table.Preset(in.Preset)
	if err == nil && in.Rules != nil {
		rules = *in.Rules
		err = rules.Validate()
	}
	if err == nil {
		err = in.Settings.Validate()
	}
	if err == nil && in.Ladder != nil {
		err = in.Ladder.Valid()
	}
	if err == nil && in.Bracket != nil {
		err = in.Bracket.Validate()
	}
	if err != nil {
		return nil, badRequest(err.Error())
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := c.Get(name); !errors.Is(err, crdt.ErrNotFound) {
		return nil, cmp.Or[error](err, newProblem(http.StatusConflict, "taken", "The name is taken", fmt.Sprintf("there is a competition %q already", name)))
	}
	out := &Competition{Name: name, Preset: in.Preset, Rules: rules, Matches: []Fixture{}, Results: []Outcome{}, Bracket: in.Bracket, Planned: in.Bracket != nil, Ladder: in.Ladder, Settings: in.Settings}
	return out, c.keep(ctx, out)
}

// Change reads one, lets f change it, and keeps it durably unless f fails.
func (c *Competitions) Change(ctx context.Context, name string, f func(*Competition) error) (*Competition, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	one, err := c.Get(name)
	if err == nil {
		err = f(one)
	}
	if err != nil {
		return nil, err
	}
	return one, c.keep(ctx, one)
}

func (c *Competitions) keep(ctx context.Context, one *Competition) error {
	b, err := json.Marshal(one)
	if err != nil {
		return err
	}
	if len(b) > maxCompetition || len(one.Matches)+len(one.Results) > maxCompetitors {
		return newProblem(http.StatusRequestEntityTooLarge, "too-large", "The competition is too large",
			fmt.Sprintf("a competition has at most %d matches and results; make one for each group or season", maxCompetitors))
	}
	return c.keeper.SetMeta(ctx, competitionKey(one.Name), b)
}

// Add takes a followed match in, or changes its place.
func (one *Competition) Add(f Fixture) {
	f.Told = "" // is not for the caller to say
	if i := slices.IndexFunc(one.Matches, func(o Fixture) bool { return o.Match == f.Match }); i >= 0 {
		f.Told = one.Matches[i].Told
		one.Matches[i] = f
		return
	}
	one.Matches = append(one.Matches, f)
}

// hasTie reports whether the knock-out has a tie of this ID.
func (one *Competition) hasTie(id string) bool {
	return one.Bracket != nil && slices.ContainsFunc(one.Bracket.Ties, func(t table.Tie) bool { return t.ID == id })
}

// season is a competition with what is known of its matches by now.
type season struct {
	one     *Competition
	groups  map[string]*table.Season
	ties    map[string][]table.Result
	results []table.Result // that are in no tie, in the order in which the competition has them
	missing []crdt.LogID
	secret  bool // some match's results are for its teams only
}

// fromFiles is a competition with what files and rulings say of it, but for the results
// that leave tells.
func (one *Competition) fromFiles(leave map[int]bool) *season {
	out := &season{one: one, groups: map[string]*table.Season{}, ties: map[string][]table.Result{}}
	out.results = make([]table.Result, 0, len(one.Results)+len(one.Matches))
	for i, r := range one.Results {
		if !leave[i] {
			out.put(r.Group, r.Tie, r.Result)
		}
	}
	return out
}

// season folds the matches of a competition.
func (s *Server) season(one *Competition) *season {
	secret := one.secret()
	var missing []crdt.LogID
	played := make([]followed, 0, len(one.Matches))
	states := s.standings(one.Matches)
	for i, f := range one.Matches {
		state := states[i]
		if state == nil {
			missing = append(missing, f.Match)
			continue
		}
		secret = secret || !state.Setup.Tables()
		r := table.ResultOf(f.Match.String(), state, &one.Rules)
		for i, t := range state.Teams { // names, which results from elsewhere have, too
			r.Teams[i] = cmp.Or(t.Team.Name, t.Team.ID)
		}
		played = append(played, followed{cmp.Or(f.Group, state.Setup.Group), f.Tie, r, state.Clock.StartedOwnMs})
	}
	out := one.withOwn(played)
	out.missing, out.secret = missing, secret
	return out
}

// withOwn is a competition with its followed matches, too.
func (one *Competition) withOwn(played []followed) *season {
	kept, leave := one.once(played)
	out := one.fromFiles(leave)
	for _, f := range kept {
		out.follow(f.tie, f.result.Teams)
		out.put(f.group, f.tie, f.result)
	}
	return out
}

// follow drops what files say of a leg that is followed.
func (s *season) follow(tie string, teams [2]string) {
	s.ties[tie] = slices.DeleteFunc(s.ties[tie], func(r table.Result) bool { return r.Teams == teams && r.NoCards })
}

func (s *season) put(group, tie string, r table.Result) {
	if tie != "" {
		s.ties[tie] = append(s.ties[tie], r)
		return
	}
	s.results = append(s.results, r)
	group = groupName(group)
	if s.groups[group] == nil {
		s.groups[group] = table.NewSeason(s.one.Rules)
		if group == "" { // then it is the only one
			s.groups[group].Grow(cap(s.results))
		}
	}
	s.groups[group].SetResult(r)
}

// tables are the groups' tables by name; ErrNoTable where none may be shown.
func (s *season) tables(live bool) ([]GroupTable, error) {
	if s.secret || s.one.Rules.NoTable {
		return nil, table.ErrNoTable
	}
	out := []GroupTable{}
	for name, g := range s.groups {
		rows, err := g.Table(live)
		if err != nil {
			return nil, err
		}
		out = append(out, GroupTable{Group: name, Rows: rows, Complete: g.Complete()})
	}
	slices.SortFunc(out, func(a, b GroupTable) int { return strings.Compare(a.Group, b.Group) })
	return out, nil
}

// pairs are the groups' next rounds by name. They follow the standing, so that
// where there is no table there are none.
func (s *season) pairs() ([]GroupPairing, error) {
	if s.secret {
		return nil, table.ErrNoTable
	}
	out := []GroupPairing{}
	for name, g := range s.groups {
		p, err := g.Swiss()
		if err != nil {
			return nil, err
		}
		out = append(out, GroupPairing{Group: name, Pairing: p})
	}
	slices.SortFunc(out, func(a, b GroupPairing) int { return strings.Compare(a.Group, b.Group) })
	return out, nil
}

// bracket is the knock-out as far as it is known. A competition without tables
// has one all the same if its matches are for a trophy.
func (s *season) bracket() ([]table.Resolved, error) {
	if s.one.Bracket == nil {
		return nil, newProblem(http.StatusNotFound, "not-found", "No bracket", fmt.Sprintf("competition %q has no knock-out; touchline competition new --bracket FILE begins one with it", s.one.Name))
	}
	if s.secret {
		return nil, table.ErrNoTable
	}
	groups := map[string]table.Group{}
	if !s.one.Rules.NoTable {
		list, err := s.tables(false)
		if err != nil {
			return nil, err
		}
		for _, g := range list {
			groups[g.Group] = table.Group{Rows: g.Rows, Complete: g.Complete}
		}
	}
	return table.Resolve(s.one.Bracket, groups, s.ties, &s.one.Rules)
}

// winnerOf is the side with more of them; neither when level.
func winnerOf(score [2]int64) match.Side {
	switch {
	case score[0] > score[1]:
		return match.Home
	case score[1] > score[0]:
		return match.Away
	}
	return match.NoSide
}
