package match

import "slices"

// Team names one of the two teams.
type Team struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

// Setup is how the match is played and shown: what match.setup events say,
// over the defaults of the age band, over those of grown-ups. National
// associations alter every number here, so none is built in elsewhere.
type Setup struct {
	Teams          [2]Team `json:"teams"` // home, away
	AgeBand        string  `json:"ageBand,omitempty"`
	Competition    string  `json:"competition,omitempty"`
	Group          string  `json:"group,omitempty"`
	Trophy         bool    `json:"trophy"` // results may be shown, and more minutes played
	PlayersPerSide int64   `json:"playersPerSide"`
	Periods        int64   `json:"periods"`
	PeriodMs       int64   `json:"periodMs"`
	BreakMs        int64   `json:"breakMs"`
	ExtraMs        int64   `json:"extraMs"` // length of a period of extra time
	Substitutions  int64   `json:"substitutions"`
	ShootoutKicks  int64   `json:"shootoutKicks"`
	PowerPlay      []int64 `json:"powerPlay"` // deficits that allow one, two … more players
	SinBinMs       int64   `json:"sinBinMs"`
	DailyCapMs     int64   `json:"dailyCapMs"` // per player and day; 0 means none
	MinSharePct    int64   `json:"minSharePct"`
	NoHeading      bool    `json:"noHeading"` // deliberate heading is an offence
	Results        string  `json:"results"`   // public | team_only
	Names          string  `json:"names"`     // number | first | full
}

// maxPowerPlay is how many more players there can be.
const maxPowerPlay = 8

// Unlimited substitutions: rolling, with re-entry.
const Unlimited = -1

// defaults of an age band, "" for none. The bands and numbers are those of
// English youth football (DOMAIN 2.2); a match.setup overrides each.
func defaults(band string) Setup {
	s := Setup{
		AgeBand: band, PlayersPerSide: 11, Periods: 2, PeriodMs: 45 * 60_000, BreakMs: 15 * 60_000, ExtraMs: 15 * 60_000,
		Substitutions: Unlimited, ShootoutKicks: 5, PowerPlay: []int64{4, 6}, SinBinMs: 10 * 60_000, MinSharePct: 50,
		Results: "public", Names: "number",
	}
	age := bandAge(band)
	if age == unknownAge {
		s.Results = "team_only"
	}
	if age <= 0 || age > 16 {
		return s
	}
	switch {
	case age <= 7:
		s.PlayersPerSide, s.PeriodMs = 3, 10*60_000
	case age <= 9:
		s.PlayersPerSide, s.PeriodMs = 5, 20*60_000
	case age <= 11:
		s.PlayersPerSide, s.PeriodMs = 7, 25*60_000
	case age <= 13:
		s.PlayersPerSide, s.PeriodMs = 9, 30*60_000
	default:
		s.PeriodMs = 35 * 60_000
	}
	if childhood(age) {
		s.Results, s.NoHeading, s.BreakMs = "team_only", true, 5*60_000
	}
	if age == 9 || age == 10 {
		s.DailyCapMs = 60 * 60_000
	}
	return s
}

// Young reports whether results are shown only to the teams by default: children
// up to U11, and whoever's age nobody can tell.
func (s *Setup) Young() bool { return childhood(bandAge(s.AgeBand)) }

// Tables reports whether the match may be in a table and on a card to share.
func (s *Setup) Tables() bool { return s.Results == "public" || s.Trophy }

// inherited marks a match.setup by which a match inherits what a competition says.
const inherited = "inherited"

// saidSetup is what one match.setup says. Whoever may not open only narrows: no
// scorer, and nobody of one team, shows children's results or names to all.
type saidSetup struct {
	fields map[string]value
	opens  bool
}

// opensSetup reports whether an author may show more than the age band does: those
// above the scorers who are of no team.
func opensSetup(e *Event) bool { return e.Role >= Organiser && e.Role <= Coach && e.Side == "" }

// overlay builds the setup of what match.setup events say, weakest first.
func overlay(weakestFirst []saidSetup) Setup {
	band := ""
	for _, said := range weakestFirst {
		if b := bandIn(said.fields["age_band"]); b != "" && (said.opens || narrowerBand(b, band)) {
			band = b
		}
	}
	s := defaults(band)
	for _, said := range weakestFirst {
		s.apply(said.fields)
		s.publish(said)
	}
	if s.DailyCapMs == 60*60_000 && s.Trophy {
		s.DailyCapMs = 90 * 60_000 // tournaments
		for _, said := range weakestFirst {
			said.fields["daily_cap_ms"].numberIfThere(&s.DailyCapMs)
		}
	}
	return s
}

// publish takes what is said of who sees what.
func (s *Setup) publish(said saidSetup) {
	trophy := s.Trophy
	if v, ok := said.fields["trophy"]; ok && v.intoTruth(&trophy) && (said.opens || !trophy) {
		s.Trophy = trophy
	}
	for name, choice := range map[string]*string{"results": &s.Results, "names": &s.Names} {
		var word string
		said.fields[name].intoIfThere(&word)
		if width := openness(name, word); width > 0 && (said.opens || width < openness(name, *choice)) {
			*choice = word
		}
	}
}

// openness orders the words of a choice, the narrowest 1; 0: there is no such word.
func openness(name, word string) int {
	return 1 + slices.Index(openWords[name], word)
}

var openWords = map[string][]string{"results": {"team_only", "public"}, "names": {"number", "first", "full"}}

func (s *Setup) apply(f map[string]value) {
	if teams, ok := f["teams"]; ok {
		members(teams, func(key []byte, v value) {
			for i, side := range sides {
				if string(key) == string(side) {
					s.Teams[i] = readTeam(v)
				}
			}
		})
	}
	f["competition"].intoIfThere(&s.Competition)
	f["group"].intoIfThere(&s.Group)
	if v, ok := f["no_heading"]; ok {
		v.intoTruth(&s.NoHeading)
	}
	s.applyNumbers(f)
	if v, ok := f["power_play"]; ok && !v.isNull() {
		var list []int64
		good := v.items(func(item value) {
			var n int64
			if item.intoNumber(&n) && len(list) < maxPowerPlay {
				list = append(list, n)
			}
		})
		if good {
			s.PowerPlay = list
		}
	}
}

func (s *Setup) applyNumbers(f map[string]value) {
	for name, n := range map[string]*int64{
		"players_per_side": &s.PlayersPerSide, "periods": &s.Periods, "period_ms": &s.PeriodMs, "break_ms": &s.BreakMs,
		"extra_ms": &s.ExtraMs, "shootout_kicks": &s.ShootoutKicks, "sin_bin_ms": &s.SinBinMs,
		"daily_cap_ms": &s.DailyCapMs, "min_share_pct": &s.MinSharePct,
	} {
		f[name].numberIfThere(n)
	}
	s.Periods = min(max(s.Periods, 1), PeriodShootout/2)
	s.ShootoutKicks = min(max(s.ShootoutKicks, 1), 100)
	if v, ok := f["subs"]; ok {
		if !v.intoNumber(&s.Substitutions) { // the word rolling
			s.Substitutions = Unlimited
		}
	}
}

// readTeam reads {id, name}, or only a name that is also the ID.
func readTeam(v value) (t Team) {
	if v[0] != '{' {
		v.into(&t.ID)
		t.Name = t.ID
		return t
	}
	members(v, func(key []byte, v value) {
		switch string(key) {
		case "id":
			v.into(&t.ID)
		case "name":
			v.into(&t.Name)
		}
	})
	return t
}

func (v value) intoIfThere(s *string) {
	if v != nil {
		v.into(s)
	}
}

func (v value) numberIfThere(n *int64) {
	if v != nil && !v.isNull() {
		v.intoNumber(n)
	}
}
