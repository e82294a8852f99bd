package openfootball

import (
	"fmt"
	"regexp"
	"strings"
)

// text is a file of lines on its way to matches: football.txt, in which openfootball is
// written by hand and from which its JSON is made. What stands above a match says what
// it is: a title, a stage, a round, a group, a date.
type text struct {
	file   *File
	at     int // the line, from 1
	stage  string
	round  string
	group  string
	groups map[string]string // whom lines as "Group A | Brazil  Croatia" put where
	days   days
	skip   skip
}

// The lines of a file. Words are in lower case, dashes are hyphens.
var (
	titleLine  = regexp.MustCompile(`^(=+)\s*([^=].*?)\s*=*$`)
	markLine   = regexp.MustCompile(`^([▪•●»►▸*]+)\s*(.+)$`)
	groupPart  = regexp.MustCompile(`(?i)^(group|gruppe|grupo|poule|girone)\s+(\S+(\s\S+)?)$`)
	comment    = regexp.MustCompile(`(^|\s)#.*$`)
	headParts  = regexp.MustCompile(`\s*[,/]\s+|\s+/\s*|\s+[-|]\s+`)
	roundStart = regexp.MustCompile(`(?i)^(\d+(st|nd|rd|th|\.)|first|second|third|fourth|fifth|sixth|seventh|preliminary|qualifying|wildcard|group|final)\s+(round|runde|stage|phase|qualif|preliminary)|^(round|runde)\s+\d+\b|^(preliminary|qualifying) round|^(replays?|play-?\s?ins?|apertura|clausura)\b`)
	propLine   = regexp.MustCompile(`^[^\d:(\[][^:]*[^\s:]:\s+\S`) // "Referee: Clattenburg"
)

// readLines reads a file of lines.
func (f *File) readLines(in []byte) error {
	t := &text{file: f, groups: map[string]string{}}
	for at, line := range strings.Split(plainText(in), "\n") {
		if strings.TrimSpace(line) == "__END__" {
			break
		}
		t.at = at + 1
		if err := t.read(line); err != nil {
			return fmt.Errorf("%w (line %d)", err, t.at)
		}
	}
	return nil
}

// plainText writes dashes, spaces and ends of lines in one way.
func plainText(in []byte) string {
	return strings.NewReplacer("\ufeff", "", "\r\n", "\n", "\r", "\n", "\u00a0", " ", "\t", "    ",
		"–", "-", "—", "-", "−", "-", "’", "'").Replace(string(in))
}

func (t *text) read(line string) error {
	line = strings.TrimRight(comment.ReplaceAllString(line, ""), " ")
	bare := strings.TrimSpace(line)
	if t.skip.over(line, bare) {
		if swallowed(bare) {
			t.file.unread(t.at, bare)
		}
		return nil
	}
	if bare == "" {
		return nil
	}
	if m := titleLine.FindStringSubmatch(bare); m != nil {
		t.title(len(m[1]), m[2])
		return nil
	}
	if name, teams, ok := strings.Cut(bare, "|"); ok {
		if !t.define(name, teams) {
			t.file.unread(t.at, bare)
		}
		return nil
	}
	if m := markLine.FindStringSubmatch(bare); m != nil {
		t.heading(m[2])
		return nil
	}
	if t.days.only(bare) {
		return nil
	}
	if line == bare && heads(bare) {
		t.heading(bare)
		return nil
	}
	raw, ok := t.match(bare)
	if !ok {
		if !idle(bare) {
			t.file.unread(t.at, bare)
		}
		t.skip.from(line, bare)
		return nil
	}
	return t.file.take(raw)
}

// title reads "= Premier League 2023/24" and "== Apertura".
func (t *text) title(depth int, name string) {
	t.round, t.group = "", ""
	if depth > 1 {
		t.stage = name
		return
	}
	t.stage = ""
	t.days.begin(name)
	if t.file.Name == "" {
		t.file.Name = name
	}
}

// define reads who is in a group; when a round is played, a line says in other words.
// It is false for what is neither.
func (t *text) define(name, teams string) bool {
	name = strings.TrimSpace(strings.TrimLeft(name, "▪•●»►▸* "))
	if !groupPart.MatchString(name) {
		return heads(name) && scorePart.FindString(teams) == ""
	}
	for _, team := range wide.Split(strings.TrimSpace(teams), -1) {
		t.groups[team] = name
	}
	return true
}

// heads reports whether a line without a mark is the heading of what follows.
func heads(line string) bool {
	name, _, _ := strings.Cut(line, "@")
	name = strings.TrimRight(name, " :,")
	if name == "" || len(name) > 60 || propLine.MatchString(name+" ") || strings.ContainsAny(name, ";'()[]") {
		return false
	}
	parts, n := headParts.Split(name, -1), 0
	for _, part := range parts {
		r := readRound(part)
		if groupPart.MatchString(part) || r.day || r.replay || r.knockout || r.league || roundStart.MatchString(part) {
			n++
		}
	}
	return n == len(parts) || n > 0 && !dashed.MatchString(name) // else it may be two teams
}

// heading reads "Matchday 1 / Group A", "Finals, Round of 16", "Group B:".
func (t *text) heading(name string) {
	name, _, _ = strings.Cut(name, " @")
	name = strings.TrimRight(name, " :,")
	var round []string
	group, days := "", true
	for _, part := range headParts.Split(name, -1) {
		if groupPart.MatchString(part) {
			group = part
			continue
		}
		round = append(round, part)
		days = days && dayName.MatchString(strings.ToLower(part))
	}
	if len(round) > 0 {
		t.round = strings.Join(round, ", ")
	} else if readRound(t.round).knockout {
		t.round = "" // groups again, as in a second stage
	}
	if group != "" || !days {
		t.group = group
	}
}

// match reads a line that has two teams.
func (t *text) match(line string) (rawMatch, bool) {
	raw := rawMatch{Group: t.group}
	line, raw.Num = numbered(line)
	line = t.days.lead(line)
	said, ok := readSides(line)
	if !ok {
		return raw, false
	}
	raw.Date = t.days.date()
	raw.Team1.Name, raw.Team2.Name = said.teams[0], said.teams[1]
	raw.Status, raw.read = said.status, said.score
	raw.Round = t.round
	if t.stage != "" {
		raw.Round = strings.TrimSuffix(t.stage+", "+t.round, ", ")
	}
	if g := t.groups[raw.Team1.Name]; raw.Group == "" && g != "" && g == t.groups[raw.Team2.Name] && (t.round == "" || readRound(t.round).day) {
		raw.Group = g
	}
	return raw, true
}

// skip is what goes on over several lines and is of no match: scorers in parentheses,
// and line-ups, which go on further in.
type skip struct {
	open int // parentheses
	in   int // the first column of a line-up's name, from 1; 0: none
}

// from begins to skip at a line, if it is one of those.
func (s *skip) from(line, bare string) {
	switch {
	case propLine.MatchString(bare):
		s.in = len(line) - len(strings.TrimLeft(line, " ")) + 1
	case bare[0] == '(' || bare[0] == '[':
		s.open = max(0, opened(bare))
	}
}

// over reports whether a line only goes on.
func (s *skip) over(line, bare string) bool {
	switch {
	case bare == "":
		*s = skip{}
	case s.open > 0:
		s.open = max(0, s.open+opened(bare))
		return true
	case s.in > 0 && len(line)-len(strings.TrimLeft(line, " "))+1 > s.in:
		return true
	default:
		s.in = 0
	}
	return false
}

func opened(s string) int {
	return strings.Count(s, "(") + strings.Count(s, "[") - strings.Count(s, ")") - strings.Count(s, "]")
}
