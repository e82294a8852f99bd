package table

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Slot says who plays, by reference:
//
//	1A, 2B       first of group A, second of group B
//	1:1, 2:North the same of groups with other names
//	3A/D/E/F     the third of one of these groups, as Rules.Thirds allots them
//	W49, L61     winner of match 49, loser of match 61
//	3rd:2        second best of the thirds of all groups
//	team:x       team x
//	bye          nobody: the other goes on
//	?            somebody who is not known yet
//
// The words that fixture lists use for the same are read, too: "Winner Match 49",
// "Loser Match 61", "Winner Group A", "Runner-up Group B", "3rd Group A/D/E/F".
type Slot string

// kinds of slots.
type slotKind int

const (
	slotTeam   slotKind = iota
	slotBye             // nobody
	slotOpen            // not known yet
	slotPlace           // place of a group
	slotOneOf           // the place of one of several groups
	slotThird           // rank among all thirds
	slotWinner          // of a tie
	slotLoser
)

// reference is a slot that has been read.
type reference struct {
	kind   slotKind
	name   string   // of a team, a group or a tie
	rank   int      // place in a group or among thirds, from 1
	groups []string // of slotOneOf
}

// The ways in which slots are written. Short forms are for groups of one letter or
// digit; others name the group after a colon.
var (
	shortPlace  = regexp.MustCompile(`^([1-9])([0-9A-Za-z])$`)
	longPlace   = regexp.MustCompile(`^([1-9][0-9]?)([^0-9/:][^/:]*)$`)
	colonPlace  = regexp.MustCompile(`^([1-9][0-9]?):(.+)$`)
	oneOf       = regexp.MustCompile(`^([1-9]):?([0-9A-Za-z]+(?:/[0-9A-Za-z]+)+)$`)
	thirdRank   = regexp.MustCompile(`^3rd:(.*)$`)
	shortTie    = regexp.MustCompile(`^([WL])(.+)$`)
	spokenTie   = regexp.MustCompile(`(?i)^(winner|loser)(?: of)? (?:match|game|tie) #?([0-9]+)$`)
	spokenPlace = regexp.MustCompile(`(?i)^(winners?|runners?-up|1st|2nd|3rd|4th|first|second|third|fourth|best 3rd|best third)(?: of| from)?(?: groups?)? ((?:[0-9A-Za-z])(?:/[0-9A-Za-z])*)$`)
	groupFirst  = regexp.MustCompile(`(?i)^group ([0-9A-Za-z]+) (winners?|runners?-up|1st|2nd|3rd|4th|first|second|third|fourth)(?: place)?$`)
)

// spokenRanks are the words for a place.
var spokenRanks = map[string]int{
	"winner": 1, "winners": 1, "1st": 1, "first": 1, "runner-up": 2, "runners-up": 2, "2nd": 2, "second": 2,
	"3rd": 3, "third": 3, "best 3rd": 3, "best third": 3, "4th": 4, "fourth": 4,
}

// ReadSlot is the slot that a fixture list means by what it writes in place of a
// team; one that names a team if it means none.
func ReadSlot(text string) Slot {
	s := Slot(text)
	ref, err := s.read()
	_, words := spoken(text)
	_, short := strings.CutPrefix(text, "W")
	if !short {
		_, short = strings.CutPrefix(text, "L")
	}
	switch {
	case err != nil, ref.kind == slotBye:
		return Slot("team:" + text)
	case short && (ref.kind == slotWinner || ref.kind == slotLoser) && !digitsOnly(ref.name):
		return Slot("team:" + text) // Wolves and Leeds are teams
	case ref.kind == slotPlace && !words && longPlace.MatchString(text) && !shortPlace.MatchString(text):
		return Slot("team:" + text) // 1860 München, 5 Corners
	}
	return ref.slot()
}

func digitsOnly(s string) bool { return strings.Trim(s, "0123456789") == "" && s != "" }

// slot writes a reference in the short form.
func (r *reference) slot() Slot {
	switch r.kind {
	case slotBye:
		return "bye"
	case slotOpen:
		return "?"
	case slotPlace:
		if len(r.name) == 1 && r.name >= "A" {
			return Slot(fmt.Sprintf("%d%s", r.rank, r.name))
		}
		return Slot(fmt.Sprintf("%d:%s", r.rank, r.name))
	case slotOneOf:
		return Slot(fmt.Sprintf("%d%s", r.rank, strings.Join(r.groups, "/")))
	case slotThird:
		return Slot(fmt.Sprintf("3rd:%d", r.rank))
	case slotWinner:
		return Slot("W" + r.name)
	case slotLoser:
		return Slot("L" + r.name)
	}
	return Slot("team:" + r.name)
}

// read says what a slot refers to; ErrBracket if to nothing.
func (s Slot) read() (reference, error) {
	text := string(s)
	if name, ok := strings.CutPrefix(text, "team:"); ok && name != "" {
		return reference{kind: slotTeam, name: name}, nil
	}
	switch text {
	case "bye":
		return reference{kind: slotBye}, nil
	case "?":
		return reference{kind: slotOpen}, nil
	}
	if m := thirdRank.FindStringSubmatch(text); m != nil {
		rank, err := strconv.Atoi(m[1])
		if err != nil || rank < 1 {
			return reference{}, fmt.Errorf("%w: a third is 3rd:1 or later", ErrBracket)
		}
		return reference{kind: slotThird, rank: rank}, nil
	}
	if m := oneOf.FindStringSubmatch(text); m != nil {
		rank, _ := strconv.Atoi(m[1])
		return reference{kind: slotOneOf, rank: rank, groups: strings.Split(m[2], "/")}, nil
	}
	if ref, ok := spoken(text); ok {
		return ref, nil
	}
	if m := shortTie.FindStringSubmatch(text); m != nil {
		return reference{kind: map[string]slotKind{"W": slotWinner, "L": slotLoser}[m[1]], name: m[2]}, nil
	}
	for _, way := range []*regexp.Regexp{shortPlace, longPlace, colonPlace} {
		if m := way.FindStringSubmatch(text); m != nil {
			rank, _ := strconv.Atoi(m[1])
			return reference{kind: slotPlace, rank: rank, name: m[2]}, nil
		}
	}
	return reference{}, fmt.Errorf("%w: it refers to nothing", ErrBracket)
}

// spoken reads the words of fixture lists.
func spoken(text string) (reference, bool) {
	if m := spokenTie.FindStringSubmatch(text); m != nil {
		if strings.EqualFold(m[1], "winner") {
			return reference{kind: slotWinner, name: m[2]}, true
		}
		return reference{kind: slotLoser, name: m[2]}, true
	}
	word, group := "", ""
	if m := spokenPlace.FindStringSubmatch(text); m != nil {
		word, group = m[1], m[2]
	} else if m := groupFirst.FindStringSubmatch(text); m != nil {
		word, group = m[2], m[1]
	}
	rank, ok := spokenRanks[strings.ToLower(word)]
	if !ok {
		return reference{}, false
	}
	if groups := strings.Split(group, "/"); len(groups) > 1 {
		return reference{kind: slotOneOf, rank: rank, groups: groups}, true
	}
	return reference{kind: slotPlace, rank: rank, name: group}, true
}
