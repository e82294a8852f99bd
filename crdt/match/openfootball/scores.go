package openfootball

import (
	"regexp"
	"strconv"
	"strings"
)

// scores are the pairs of numbers that a line has, as it is read.
type scores struct {
	main   *[2]int64  // with no word beside it
	extra  *[2]int64  // "a.e.t."
	kicks  *[2]int64  // "pen."
	listed [][2]int64 // in parentheses behind: of full time and half time
	is     bool       // the main one is that after extra time: "2-1 [aet]"
	awards *[2]int64  // "[awarded 3-0]"
}

// Scores as they are written: "3-4 pen. 2-2 a.e.t. (1-1, 1-0)", "2:1 (0:1)", "3-0*".
var (
	pairText  = `\d{1,3}\s?[-:]\s?\d{1,3}`
	markText  = `\s*(?:pens?\b\.?|p\b\.?|pso\b|i\.\s?e\.|n\.\s?e\.|a\.\s?e\.\s?t\.?|aet\b|n\.\s?v\.)`
	scorePart = regexp.MustCompile(`(?i)(?:^|\s)(` + pairText + `(?:` + markText + `)?\*?(?:[\s,]+` + pairText + `(?:` + markText + `)?\*?)*)` +
		`(\s*,?\s*\([^()]*\)(?:[\s,]+` + pairText + markText + `)?)?(?:\s|$|,)`)
	pairMark  = regexp.MustCompile(`(?i)(\d{1,3})\s?[-:]\s?(\d{1,3})(` + markText + `)?`)
	extraWord = regexp.MustCompile(`(?i)\baet\b|a\.\s?e\.\s?t|n\.\s?v\.|after extra`)
	notScore  = regexp.MustCompile(`(?i)\b(agg|aggregate|away|ht|half|leg)\b`)
)

// find reads the score within a line, and says where it stands; nil if there is none.
func (s *scores) find(line string) []int {
	at := scorePart.FindStringSubmatchIndex(line)
	if at == nil {
		return nil
	}
	s.take(line[at[2]:at[3]], false)
	if at[4] >= 0 {
		behind := line[at[4]:at[5]]
		inner := paren.FindStringSubmatch(behind)[1]
		if !listed(inner) {
			return []int{at[2], at[3]} // "(GER)" is of a team
		}
		s.aside(inner)
		s.take(paren.ReplaceAllString(behind, ""), false)
	}
	return []int{at[2], at[1]}
}

// listed reports whether parentheses have scores, or words on them.
func listed(inner string) bool {
	return pairMark.MatchString(inner) || extraWord.MatchString(inner) || notScore.MatchString(inner)
}

// behind is what follows the score without remarks on it: "(aet)", "(HT 1-0, AGG 3-1)".
func (s *scores) behind(rest string) string {
	return paren.ReplaceAllStringFunc(rest, func(p string) string {
		inner := strings.Trim(p, "()")
		switch {
		case minute.MatchString(inner):
			return ""
		case listed(inner):
			s.aside(inner)
			return ""
		}
		return p
	})
}

// aside reads what brackets or parentheses say: "aet, 3-0 pen", "1-1, 1-0", "agg 3-1".
func (s *scores) aside(inner string) {
	if inner == "" || notScore.MatchString(inner) {
		if extraWord.MatchString(inner) {
			s.is = true
		}
		return
	}
	marked := pairMark.ReplaceAllString(inner, "")
	s.is = s.is || extraWord.MatchString(marked)
	s.take(inner, true)
}

// awarded reads the score of "[awarded 3-0; originally 0-2]".
func (s *scores) awarded(inner string) {
	if m := pairMark.FindStringSubmatch(inner); m != nil && strings.HasPrefix(strings.ToLower(inner), "aw") {
		s.awards = pairOf(m)
	}
}

// take reads all pairs of a text. In parentheses, those with no word are listed.
func (s *scores) take(text string, aside bool) {
	for _, m := range pairMark.FindAllStringSubmatch(text, -1) {
		p := pairOf(m)
		switch mark := strings.ToLower(strings.TrimSpace(m[3])); {
		case mark == "" && aside:
			s.listed = append(s.listed, *p)
		case mark == "":
			if s.main == nil {
				s.main = p
			}
		case extraWord.MatchString(mark):
			s.extra = p
		default:
			s.kicks = p
		}
	}
}

func pairOf(m []string) *[2]int64 {
	a, _ := strconv.ParseInt(m[1], 10, 64)
	b, _ := strconv.ParseInt(m[2], 10, 64)
	return &[2]int64{a, b}
}

// score is what the match came to; nil if the line says nothing, or of the kicks alone.
func (s *scores) score() *Score {
	if s.awards != nil && s.main == nil {
		return &Score{FT: *s.awards}
	}
	out := &Score{ET: s.extra, P: s.kicks}
	full := s.listed
	switch {
	case s.main != nil && s.is && s.extra == nil:
		out.ET = s.main
	case s.main != nil:
		out.FT = *s.main
		return out
	case s.extra == nil && len(full) > 2: // all in one: 3-4 pen. (2-2, 1-1, 1-0)
		out.ET, full = &full[0], full[1:]
	}
	switch {
	case len(full) > 0:
		out.FT = full[0]
	case out.ET != nil:
		out.FT = *out.ET // it is not told apart
	default:
		return nil
	}
	return out
}
