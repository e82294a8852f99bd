package openfootball

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// Line is a line of a file, as it was read.
type Line struct {
	At   int    // from 1
	Text string // its beginning, without a comment
}

// Bounds of what is told of lines that were not read.
const (
	maxUnread   = 20
	maxLineText = 100 // characters
)

// What is known not to be of a match, so that nobody need be told.
var (
	scorerMark = regexp.MustCompile(`\d['+]|\pL[^\d]*\s\d{1,3}\s*(?:[,;)\]]|og\b|pen\b|p\b|$)`) // 53', 90+3, "Musiala 19,"
	aboutWord  = regexp.MustCompile(`(?i)^(refs?|referees?|assistants?|assistant referees?|var|attendance|att|coach(es)?|managers?|trainer|line-?ups?|subs?|substitutes|venue|stadium|ground|goals?|scorers?|yellow cards?|red cards?|cards|bookings|sent off|own goals?|(penalt(y|ies)|pens?|kicks)\b.*|.*shoot-?out|schiedsrichter|zuschauer|tore)$`)
	minutes    = regexp.MustCompile(`\d+(\+\d+)?'|\([^)]*$`)
	ruledOff   = regexp.MustCompile(`^(-+|=+|\.+|_+)$`)
)

// unread notes a line that nothing was made of.
func (f *File) unread(at int, bare string) {
	f.UnreadCount++
	if len(f.Unread) == maxUnread {
		return
	}
	if utf8.RuneCountInString(bare) > maxLineText {
		bare = string([]rune(bare)[:maxLineText]) + "…"
	}
	f.Unread = append(f.Unread, Line{at, bare})
}

// idle reports whether a line that is of no match is of a kind that files have beside
// matches: scorers, line-ups, who whistled and how many came, rules drawn across.
func idle(bare string) bool {
	switch {
	case ruledOff.MatchString(bare):
		return true
	case propLine.MatchString(bare):
		name, said, _ := strings.Cut(bare, ":")
		return aboutWord.MatchString(name) || lineUp(name, said)
	}
	return scorerMark.MatchString(bare)
}

// lineUp reports whether a property is who played for a team: names, and minutes of changes.
func lineUp(team, said string) bool {
	said = minutes.ReplaceAllString(paren.ReplaceAllString(said, ""), "")
	return !dashed.MatchString(team) && strings.ContainsAny(said, ",-") && !strings.ContainsAny(said, "0123456789")
}

// swallowed reports whether a line that only goes on what was skipped before looks like
// a match nevertheless: a parenthesis was not closed, or the indentation is a heading's.
func swallowed(bare string) bool {
	if strings.Contains(bare, ",") || minute.MatchString(bare) {
		return false
	}
	said, ok := readSides(bare)
	return ok && said.score != nil
}
