package match

import (
	"slices"
	"strconv"
	"strings"
)

const (
	grownUp    = 0  // or no band at all
	unknownAge = -1 // a band that nobody can read: it may be one of children
)

// oldestBand is the age of the last one that is played; above it is a slip of the pen, which
// may have been meant for children.
const oldestBand = 23

// grownUps are bands without an age.
var grownUps = []string{"senior", "seniors", "adult", "adults", "men", "women", "open", "veterans", "herren", "damen", "frauen"}

// letterBands are those of German youth football, A to G.
var letterBands = []int{19, 17, 15, 13, 11, 9, 7}

// bandAge is the greatest age of a band, as people write them: U9, u 9, Under 9, 9,
// U9 girls, E-Jugend, F2, Bambini. It tells case of ASCII letters, spaces and dashes not
// apart.
func bandAge(band string) int {
	word := bandWord(band)
	switch {
	case word == "" || slices.Contains(grownUps, word):
		return grownUp
	case word == "bambini" || word == "minis":
		return 7
	case word[0] >= 'a' && word[0] <= 'g' && slices.Contains([]string{"", "jugend", "junioren", "juniorinnen"}, strings.TrimLeft(word[1:], "0123456789")):
		return letterBands[word[0]-'a']
	}
	for _, before := range []string{"under", "unter", "u"} {
		if rest, ok := strings.CutPrefix(word, before); ok {
			word = rest
			break
		}
	}
	digits := len(word) - len(strings.TrimLeft(word, "0123456789"))
	n, err := strconv.Atoi(word[:digits])
	if letters := strings.Trim(word[digits:], "abcdefghijklmnopqrstuvwxyz"); err != nil || digits > 2 || letters != "" || n == 0 || n > oldestBand {
		return unknownAge
	}
	return n
}

func bandWord(band string) string {
	out := make([]byte, 0, len(band))
	for _, c := range []byte(band) {
		switch {
		case c >= 'A' && c <= 'Z':
			out = append(out, c+'a'-'A')
		case c != ' ' && c != '-' && c != '.' && c != '_':
			out = append(out, c)
		}
	}
	return string(out)
}

// childhood reports whether results of an age are its teams' own.
func childhood(age int) bool { return age == unknownAge || age > 0 && age <= 11 }

// narrowerBand reports whether what applies to a band shows no more than what
// applies to the one before it.
func narrowerBand(band, before string) bool {
	age, was := bandAge(band), bandAge(before)
	switch {
	case before == "" || was == grownUp:
		return true
	case was == unknownAge:
		return childhood(age)
	}
	return age == unknownAge || age > 0 && age < was
}

// bandIn reads a band: a word or, as some write it, a number.
func bandIn(v value) string {
	band := ""
	if v == nil || v.isNull() {
		return band
	}
	if n := int64(0); v.intoNumber(&n) {
		return strconv.FormatInt(n, 10)
	}
	v.into(&band)
	return band
}
