package match

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Free text may name a child, so it must not go into a log that nobody can
// change: it is kept beside, where it can be erased (rule R8). What is text is
// decided here, for all kinds of events and for all ways in.

// Divide parts an event's data into what the log keeps and, beside it, the words
// that may have to be erased; nil: there are none, and the log keeps data as they
// are. Numbers, truths, players' IDs, words without a space under a known name,
// and the names of teams and competitions are kept; a note's text, a reason that
// is not from the list, any string under a name that is not known and whatever
// holds one go beside. data is a JSON object or nothing, else all of it is kept.
func Divide(kindName string, data []byte) (kept, words []byte) {
	k, w := slotsOf(kindName).divide(data)
	if w == nil {
		return data, nil
	}
	if k == nil {
		k = value("{}")
	}
	return k, w
}

// Join is data with the words that [Divide] put beside. What both have is as the
// log has it.
func Join(data, words []byte) []byte {
	if len(words) == 0 {
		return data
	}
	if len(data) == 0 {
		return words
	}
	return join(data, words)
}

// slot is what may stand somewhere in an event's data. divide returns nil for
// nothing.
type slot interface {
	divide(v value) (kept, words value)
}

// code is an ID, a number, or a word without a space; or several of them.
type code struct{}

func (c code) divide(v value) (kept, words value) {
	switch {
	case len(v) == 0 || v[0] == '{':
		return nil, v
	case v[0] == '[':
		good := true
		v.items(func(item value) {
			kept, _ := c.divide(item)
			good = good && kept != nil && item[0] != '['
		})
		if !good {
			return nil, v
		}
	case v[0] == '"' && !isCode(v):
		return nil, v
	}
	return v, nil
}

func isCode(v value) bool {
	s, ok := v.text(maxName)
	return ok && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
}

// name is that of a team or a competition: a string that may have spaces.
type name struct{}

func (name) divide(v value) (kept, words value) {
	if _, ok := v.text(maxName); ok || v.isNull() {
		return v, nil
	}
	return nil, v
}

// reason is one from the list, or words.
type reason struct{}

// reasons are nobody's own words.
var reasons = []string{"", "mistake", "disallowed", "duplicate", "wrong_match", "other"}

func (reason) divide(v value) (kept, words value) {
	if s, ok := v.text(maxName); v.isNull() || ok && slices.Contains(reasons, s) {
		return v, nil
	}
	return nil, v
}

// number is whatever has no string in it, under a name of one word.
type number struct{}

func (number) divide(v value) (kept, words value) {
	if len(v) == 0 || strings.ContainsAny(string(v), `"{`) {
		return nil, v
	}
	return v, nil
}

// object is known slots by their names; all others are a [number]'s.
type object map[string]slot

func (o object) divide(v value) (kept, words value) {
	var k, w written
	ok := members(v, func(key []byte, v value) {
		p := o[string(key)]
		if p == nil && isCode(quote(string(key))) {
			p = number{}
		}
		var in, out value
		if p == nil {
			out = v
		} else {
			in, out = p.divide(v)
		}
		k.add(key, in)
		w.add(key, out)
	})
	switch {
	case !ok && len(v) > 0 && v[0] != '{':
		return code{}.divide(v) // a team may be its name alone, a player its ID
	case !ok, len(w) == 0:
		return v, nil
	}
	return k.value(), w.value()
}

// list is several of one slot; words are beside at the same positions.
type list struct{ of slot }

func (l list) divide(v value) (kept, words value) {
	var k, w []json.RawMessage
	some, whole := false, true
	ok := v.items(func(item value) {
		in, out := l.of.divide(item)
		if in == nil && out != nil {
			whole = false
		}
		if out == nil {
			out = value("null")
		} else {
			some = true
		}
		k, w = append(k, json.RawMessage(in)), append(w, json.RawMessage(out))
	})
	switch {
	case !ok:
		return code{}.divide(v)
	case !some:
		return v, nil
	case !whole:
		return nil, v
	}
	return marshal(k), marshal(w)
}

// written are the members of an object in the making.
type written []byte

func (m *written) add(key []byte, v value) {
	if v == nil {
		return
	}
	if len(*m) > 0 {
		*m = append(*m, ',')
	}
	*m = append(append(append(*m, quote(string(key))...), ':'), v...)
}

func (m written) value() value {
	return append(append(value{'{'}, m...), '}')
}

func quote(s string) value { return marshal(s) }

func marshal(v any) value {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings, and JSON already
	}
	return b
}

func join(data, words value) value {
	switch {
	case data[0] == '{' && words[0] == '{':
		return joinObjects(data, words)
	case data[0] == '[' && words[0] == '[':
		return joinLists(data, words)
	}
	return data
}

func joinObjects(data, words value) value {
	beside := map[string]value{}
	members(words, func(key []byte, v value) { beside[string(key)] = v })
	var out written
	members(data, func(key []byte, v value) {
		if w := beside[string(key)]; w != nil {
			v = join(v, w)
			delete(beside, string(key))
		}
		out.add(key, v)
	})
	members(words, func(key []byte, _ value) {
		if v := beside[string(key)]; v != nil {
			out.add(key, v)
			delete(beside, string(key))
		}
	})
	return out.value()
}

func joinLists(data, words value) value {
	var beside []value
	words.items(func(v value) { beside = append(beside, v) })
	out := []json.RawMessage{}
	data.items(func(v value) {
		if n := len(out); n < len(beside) {
			v = join(v, beside[n])
		}
		out = append(out, json.RawMessage(v))
	})
	return marshal(out)
}
