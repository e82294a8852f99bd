package match

import (
	"encoding/json"
	"math"
	"strconv"
)

// value is the text of one JSON value.
type value []byte

// members calls visit for every member of the JSON object b, in order. It
// reports whether b was an object as far as it had to look: [crdt.Content]
// guarantees that it is one. It exists because the fold of a match must not
// cost a map for every event; a fuzz test holds it against encoding/json.
func members(b []byte, visit func(key []byte, v value)) bool {
	i := space(b, 0)
	if i >= len(b) || b[i] != '{' {
		return false
	}
	i = space(b, i+1)
	if i < len(b) && b[i] == '}' {
		return space(b, i+1) == len(b)
	}
	for {
		end := stringEnd(b, i)
		if end < 0 {
			return false
		}
		key := b[i+1 : end-1]
		if escaped(key) {
			key = []byte(unescape(b[i:end]))
		}
		i = space(b, end)
		if i >= len(b) || b[i] != ':' {
			return false
		}
		i = space(b, i+1)
		end = valueEnd(b, i)
		if end < 0 {
			return false
		}
		visit(key, value(b[i:end]))
		i = space(b, end)
		if i >= len(b) || b[i] != ',' {
			return i < len(b) && b[i] == '}' && space(b, i+1) == len(b)
		}
		i = space(b, i+1)
	}
}

func space(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\n' || b[i] == '\r') {
		i++
	}
	return i
}

// stringEnd returns the place after the string that begins at i, or -1.
func stringEnd(b []byte, i int) int {
	if i >= len(b) || b[i] != '"' {
		return -1
	}
	for i++; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return i + 1
		case c == '\\':
			i++
		case c < ' ':
			return -1
		}
	}
	return -1
}

// valueEnd returns the place after the value that begins at i, or -1.
func valueEnd(b []byte, i int) int {
	if i >= len(b) {
		return -1
	}
	switch b[i] {
	case '"':
		return stringEnd(b, i)
	case '{', '[':
		return nestedEnd(b, i)
	}
	end := i
	for end < len(b) && b[end] != ',' && b[end] != '}' && b[end] != ']' && b[end] > ' ' {
		end++
	}
	if !plainNumber(b[i:end]) && !json.Valid(b[i:end]) {
		return -1
	}
	return end
}

// plainNumber spares the commonest values a validator.
func plainNumber(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) == 1 || len(b) > 1 && b[0] != '0'
}

func nestedEnd(b []byte, i int) int {
	depth := 0
	for ; i < len(b); i++ {
		switch b[i] {
		case '"':
			end := stringEnd(b, i)
			if end < 0 {
				return -1
			}
			i = end - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

func escaped(b []byte) bool {
	for _, c := range b {
		if c == '\\' || c >= 0x80 {
			return true
		}
	}
	return false
}

func unescape(quoted []byte) string {
	var s string
	if json.Unmarshal(quoted, &s) != nil {
		return ""
	}
	return s
}

// isNull reports whether the value says that there is none.
func (v value) isNull() bool { return string(v) == "null" }

// text returns a string of at most limit bytes; whole numbers become their
// digits, because some clients number their players.
func (v value) text(limit int) (string, bool) {
	if len(v) == 0 || v[0] != '"' {
		n, ok := v.whole()
		if !ok {
			return "", false
		}
		return strconv.FormatInt(n, 10), true
	}
	in := v[1 : len(v)-1]
	if w, ok := commonWords[string(in)]; ok {
		return w, true
	}
	if !escaped(in) {
		return string(in), len(in) <= limit
	}
	s := unescape(v)
	return s, len(s) <= limit
}

// whole returns a whole number of at most 2^53 in size, however it is written
// (3.0 is 3, as it is for JavaScript).
func (v value) whole() (int64, bool) {
	if len(v) > 0 && len(v) < 16 {
		if n, err := strconv.ParseInt(string(v), 10, 64); err == nil {
			return n, true
		}
	}
	if len(v) == 0 || v[0] != '-' && (v[0] < '0' || v[0] > '9') {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(v), 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return 0, false
	}
	return int64(f), true
}

// truth returns a boolean.
func (v value) truth() (is, ok bool) {
	return string(v) == "true", string(v) == "true" || string(v) == "false"
}

// items calls visit for every item of an array and reports whether v is one.
func (v value) items(visit func(value)) bool {
	if len(v) < 2 || v[0] != '[' {
		return false
	}
	for i := space(v, 1); i < len(v) && v[i] != ']'; {
		end := valueEnd(v, i)
		if end < 0 {
			return false
		}
		visit(v[i:end])
		if i = space(v, end); i < len(v) && v[i] == ',' {
			i = space(v, i+1)
		}
	}
	return true
}

// commonWords spares the fold a copy of each.
var commonWords = func() map[string]string {
	words := map[string]string{}
	for _, w := range []string{
		"open_play", "open", "penalty", "free_kick", "corner", "header", "own_goal", "unknown", "foul", "handball", "heading", "dissent", "other",
		"saved", "off", "post", "blocked", "on_target", "off_target", "yellow", "second_yellow", "red", "sin_bin",
		"mistake", "disallowed", "duplicate", "wrong_match", "completed", "treatment", "kit", "temporary", "head",
	} {
		words[w] = w
	}
	return words
}()
