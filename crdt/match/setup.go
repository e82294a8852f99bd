package match

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
	if age == 0 || age > 16 {
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
	if age <= 11 {
		s.Results, s.NoHeading, s.BreakMs = "team_only", true, 5*60_000
	}
	if age == 9 || age == 10 {
		s.DailyCapMs = 60 * 60_000
	}
	return s
}

// bandAge reads U10 or u10; 0 means no band.
func bandAge(band string) int {
	if len(band) < 2 || len(band) > 3 || band[0] != 'U' && band[0] != 'u' {
		return 0
	}
	n := 0
	for _, c := range band[1:] {
		if c < '0' || c > '9' {
			return 0
		}
		n = 10*n + int(c-'0')
	}
	return n
}

// Young reports whether results are shown only to the teams by default.
func (s *Setup) Young() bool { a := bandAge(s.AgeBand); return a > 0 && a <= 11 }

// Tables reports whether the match may be in a table and on a card to share.
func (s *Setup) Tables() bool { return s.Results == "public" || s.Trophy }

// overlay builds the setup of the given match.setup payloads, weakest first.
func overlay(weakestFirst []map[string]value) Setup {
	band := ""
	for _, f := range weakestFirst {
		f["age_band"].intoIfThere(&band)
	}
	s := defaults(band)
	for _, f := range weakestFirst {
		s.apply(f)
	}
	if s.DailyCapMs == 60*60_000 && s.Trophy {
		s.DailyCapMs = 90 * 60_000 // tournaments
		for _, f := range weakestFirst {
			f["daily_cap_ms"].numberIfThere(&s.DailyCapMs)
		}
	}
	return s
}

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
	if v, ok := f["trophy"]; ok {
		v.intoTruth(&s.Trophy)
	}
	if v, ok := f["no_heading"]; ok {
		v.intoTruth(&s.NoHeading)
	}
	s.applyNumbers(f)
	for name, choice := range map[string]*string{"results": &s.Results, "names": &s.Names} {
		var word string
		if f[name].intoIfThere(&word); allowedWord(name, word) {
			*choice = word
		}
	}
	if v, ok := f["power_play"]; ok && !v.isNull() {
		var list []int64
		good := v.items(func(item value) {
			var n int64
			if item.intoNumber(&n) && len(list) < 8 {
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

func allowedWord(field, word string) bool {
	switch word {
	case "public", "team_only":
		return field == "results"
	case "number", "first", "full":
		return field == "names"
	}
	return false
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
