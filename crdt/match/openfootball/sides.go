package openfootball

import (
	"regexp"
	"strconv"
	"strings"
)

// sides is what one line says of a match.
type sides struct {
	teams  [2]string
	status string
	score  *Score
}

// The parts of a match's line.
var (
	wide     = regexp.MustCompile(`\s{2,}`)
	number   = regexp.MustCompile(`^\((\d{1,4})\)\s*`)
	versus   = regexp.MustCompile(`(?i)\s+vs?\.?\s+`)
	dashed   = regexp.MustCompile(`\s+-\s+`)
	ground   = regexp.MustCompile(`\s+@.*$`)
	walkover = regexp.MustCompile(`(?i)\s+(w/?o\.?|walkover)(\s+|$)`)
	bracket  = regexp.MustCompile(`\[([^\]]*)\]?`)
	paren    = regexp.MustCompile(`\(([^()]*)\)`)
	minute   = regexp.MustCompile(`\d'`)
)

// numbered takes the number off the front: "(49) Sat Jun/26 …".
func numbered(line string) (string, int) {
	m := number.FindStringSubmatch(line)
	if m == nil {
		return line, 0
	}
	n, _ := strconv.Atoi(m[1])
	return line[len(m[0]):], n
}

// readSides reads "A 2-1 (1-0) B", "A v B 2-1 (1-0)" and "A - B", each without what
// stands before and behind; false if the line has no two teams.
func readSides(line string) (out sides, ok bool) {
	line = ground.ReplaceAllString(line, "")
	if strings.HasPrefix(line, "(") || strings.HasPrefix(line, "[") || propLine.MatchString(line) {
		return out, false // scorers, or line-ups
	}
	var said scores
	line = bracket.ReplaceAllStringFunc(line, func(s string) string {
		inner := strings.Trim(s, "[] ")
		if s := statusOf(inner); s != "" {
			out.status = s
			said.awarded(inner)
		} else if !minute.MatchString(inner) {
			said.aside(inner)
		}
		return "  "
	})
	line = strings.TrimRight(line, " ")
	if at := walkover.FindStringIndex(line); at != nil && out.status == "" {
		out.status = "walkover"
		line = line[:at[0]] + " v " + line[at[1]:]
	}
	at := said.find(line)
	before, after := line, ""
	if at != nil {
		before, after = line[:at[0]], said.behind(line[at[1]:])
	}
	if sep := versus.FindStringIndex(before); sep != nil {
		out.teams = [2]string{before[:sep[0]], before[sep[1]:]}
	} else if strings.TrimSpace(after) != "" && strings.TrimSpace(before) != "" {
		out.teams = [2]string{before, after}
	} else if sep := dashed.FindAllStringIndex(before, 2); len(sep) == 1 {
		out.teams = [2]string{before[:sep[0][0]], before[sep[0][1]:]}
	}
	for i := range out.teams {
		out.teams[i] = strings.Join(strings.Fields(out.teams[i]), " ")
		if out.teams[i] == "" || minute.MatchString(out.teams[i]) || strings.ContainsAny(out.teams[i], ";") {
			return out, false
		}
	}
	out.score = said.score()
	return out, true
}

// statuses are the words in brackets, by how they begin.
var statuses = []struct{ begins, status string }{
	{"postp", "postponed"}, {"ppd", "postponed"}, {"canc", "cancelled"}, {"walkover", "walkover"}, {"w/o", "walkover"}, {"wo", "walkover"},
	{"award", "awarded"}, {"awd", "awarded"}, {"susp", "suspended"}, {"aban", "abandoned"}, {"abd", "abandoned"},
	{"annul", "annulled"}, {"void", "void"}, {"interrupt", "interrupted"}, {"delay", "delayed"},
}

// statusOf is what brackets say of a match, as "abandoned at 1-0 in 31'"; empty if
// they say something else. "Result stood" makes a result of what was broken off.
func statusOf(inner string) string {
	low := strings.ToLower(inner)
	for _, s := range statuses {
		if strings.HasPrefix(low, s.begins) {
			if strings.Contains(low, "result st") {
				return "awarded"
			}
			return s.status
		}
	}
	return ""
}
