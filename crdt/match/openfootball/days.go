package openfootball

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// days are the dates of a file of lines: one stands above many matches, and most lack
// the year, which the title and the dates before say.
type days struct {
	years [2]int // of the title: the season's first and last; 0: none
	last  time.Time
	known bool   // last has its year
	said  string // the last date, as the file writes it, while no year is known
}

const (
	weekday = `(?:mon?|tue?s?|wed?|thu?r?s?|fri?|sat?|sun?)(?:day|nesday|sday|rsday|urday)?`
	months  = `(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?`
)

// The ways in which dates are written, each with what its parts are: d, m, y.
var dateForms = []struct {
	form  *regexp.Regexp
	parts string
}{
	{regexp.MustCompile(`(?i)^` + months + `[ /](\d{1,2})(?:,?[ /](\d{4}))?(?:[ \],]|$)`), "mdy"},
	{regexp.MustCompile(`(?i)^(\d{1,2})\.?[ /]` + months + `(?:[ /](\d{4}))?(?:[ \],]|$)`), "dmy"},
	{regexp.MustCompile(`^(\d{4})-(\d{2})-(\d{2})(?:[ \],]|$)`), "ymd"},
	{regexp.MustCompile(`^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?:[ \],]|$)`), "dmy"},
	{regexp.MustCompile(`^(\d{1,2})\.(\d{1,2})\.(?:[ \],]|$)`), "dm"},
}

var (
	weekdayStart = regexp.MustCompile(`(?i)^` + weekday + `(?:[,.]? +|\.|$)`)
	timeStart    = regexp.MustCompile(`(?i)^\d{1,2}[:.h]\d{2}(?:\s*(?:\(?(?:utc|gmt)[^ )]*\)?|cest|cet|bst|uhr|h))?(?:\s+|\]|$)`)
	placeStart   = regexp.MustCompile(`^@\s*\S.*?(?:\s{2,}|$)`)
	titleYears   = regexp.MustCompile(`\b((?:18|19|20)\d{2})(?:[/-](\d{4}|\d{2}))?\b`)
)

// begin takes the years out of a title: "2023/24", "1999/2000", "2018".
func (d *days) begin(title string) {
	*d = days{}
	m := titleYears.FindStringSubmatch(title)
	if m == nil {
		return
	}
	d.years[0], _ = strconv.Atoi(m[1])
	d.years[1] = d.years[0]
	if m[2] != "" {
		d.years[1]++
	}
}

// only reports whether a line is a date and no more, and remembers it.
func (d *days) only(line string) bool {
	rest := d.lead(strings.TrimPrefix(line, "["))
	rest = strings.TrimLeft(rest, "] ")
	return rest == "" || strings.HasPrefix(rest, "@") && !wide.MatchString(rest)
}

// lead takes the date, the time and the ground off the front of a line.
func (d *days) lead(line string) string {
	for was := ""; was != line; {
		was = line
		if m := weekdayStart.FindString(line); m != "" && (strings.HasSuffix(m, "  ") || d.dated(line[len(m):]) > 0) {
			line = strings.TrimLeft(line[len(m):], " ")
		}
		if n := d.dated(line); n > 0 {
			d.read(line)
			line = strings.TrimLeft(line[n:], "], ")
		}
		if m := timeStart.FindString(line); m != "" {
			line = strings.TrimLeft(line[len(m):], "] ")
		}
		if m := placeStart.FindString(line); m != "" {
			line = line[len(m):]
		}
	}
	return line
}

// dated is how many bytes of a line are a date.
func (d *days) dated(line string) int {
	for _, f := range dateForms {
		if m := f.form.FindString(line); m != "" {
			return len(m)
		}
	}
	return 0
}

// read remembers the date that a line begins with.
func (d *days) read(line string) {
	for _, f := range dateForms {
		m := f.form.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		d.said = strings.TrimRight(m[0], " ],")
		at := map[rune]int{}
		for i, part := range f.parts {
			at[part] = numberOf(m[i+1])
		}
		d.set(at['y'], time.Month(at['m']), at['d'])
		return
	}
}

// numberOf is a number, or a month by its name.
func numberOf(s string) int {
	if n, err := strconv.Atoi(s); err == nil || len(s) < 3 {
		return n
	}
	at := strings.Index("janfebmaraprmayjunjulaugsepoctnovdec", strings.ToLower(s[:3]))
	return at/3 + 1
}

const halfYear = 183 * 24 * time.Hour

// set remembers a date. One without a year is the one next to that before it; the
// first of a season begins in summer.
func (d *days) set(year int, month time.Month, day int) {
	switch {
	case year > 0 && year < 100:
		year += 2000
		if year > 2069 {
			year -= 100
		}
	case year > 0:
	case d.known:
		year = d.last.Year()
		at := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
		switch apart := at.Sub(d.last); {
		case apart > halfYear:
			year--
		case apart < -halfYear:
			year++
		}
	case d.years[0] > 0 && month >= time.July:
		year = d.years[0]
	case d.years[0] > 0:
		year = d.years[1]
	default:
		d.last, d.known = time.Time{}, false
		return
	}
	d.last, d.known = time.Date(year, month, day, 0, 0, 0, 0, time.UTC), true
}

// date is that of a match, as JSON files have it; without a year as the file wrote it.
func (d *days) date() string {
	if d.known {
		return d.last.Format(time.DateOnly)
	}
	return d.said
}
