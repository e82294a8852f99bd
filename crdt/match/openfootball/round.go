package openfootball

import (
	"regexp"
	"strings"
)

// round is what the name of a round says: "Playoffs, Matchday 1" is the first leg of a
// knock-out, "Championship, Matchday 23" a day of a table of its own.
type round struct {
	stage    string // what is left without days, legs and replays
	knockout bool   // by its name
	league   bool   // by its name
	day      bool   // it counts days or legs
	replay   bool
}

// The words of rounds, in lower case.
var (
	parting      = regexp.MustCompile(`\s*[,|()]\s*|\s+[-–—]\s+`)
	dayName      = regexp.MustCompile(`^(match ?day|match ?week|game ?week|spieltag|jornada|giornata|journée|day|week)\s*\d+( of \d+)?$|^\d+\.\s*(match ?day|spieltag|jornada|giornata|journée)$`)
	legName      = regexp.MustCompile(`\b(1st|2nd|first|second|[12]\.)\s+legs?\b|\blegs?\s*[12]\b( of 2\b)?|\b(hin|rück)spiele?\b`)
	replayName   = regexp.MustCompile(`\b(2nd |second )?replays?\b|\bwiederholungsspiele?\b`)
	knockoutName = regexp.MustCompile(`final|semi|quarter|play-?\s?offs?\b|knock-?\s?out|(round|last) of \d+|\blast \d+\b|\b1/\d+|(third|3rd|fourth|fifth|5th|seventh|7th)[- ]place|place[- ]match|octavos|cuartos|ottavi|quarti|eliminat`)
	leagueName   = regexp.MustCompile(`final (round|group|pool|stage)|finalrunde|league|regular season|group stage`)
	mainLeague   = regexp.MustCompile(`^(league|league (phase|stage)|regular season|group stage)$`)
)

func readRound(name string) (r round) {
	var stage []string
	for _, part := range parting.Split(name, -1) {
		low := strings.ToLower(strings.TrimSpace(part))
		switch {
		case low == "":
			continue
		case dayName.MatchString(low):
			r.day = true
			continue
		}
		for _, mark := range []struct {
			words *regexp.Regexp
			found *bool
		}{{legName, &r.day}, {replayName, &r.replay}} {
			if at := mark.words.FindStringIndex(low); at != nil && len(low) == len(strings.TrimSpace(part)) {
				*mark.found = true
				part = strings.TrimSpace(part)
				part = part[:at[0]] + part[at[1]:]
				low = strings.ToLower(strings.TrimSpace(part))
			}
		}
		if part = strings.TrimSpace(part); part != "" {
			stage = append(stage, part)
		}
	}
	r.stage = strings.Join(stage, ", ")
	low := strings.ToLower(r.stage)
	r.league = leagueName.MatchString(low) && !strings.Contains(low, "play") || r.stage == "" && r.day
	r.knockout = !r.league && knockoutName.MatchString(low)
	if mainLeague.MatchString(low) {
		r.stage = ""
	}
	return r
}
