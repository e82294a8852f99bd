package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/lipgloss"
	"github.com/mattn/go-isatty"

	"touchline.dev/touchline/bridge"
)

// Styles of the terminal. lipgloss leaves them out where there is no terminal.
var (
	faint  = lipgloss.NewStyle().Faint(true)
	strong = lipgloss.NewStyle().Bold(true)
	good   = lipgloss.NewStyle().Foreground(lipgloss.Color("2"))
	poor   = lipgloss.NewStyle().Foreground(lipgloss.Color("3"))
	bad    = lipgloss.NewStyle().Foreground(lipgloss.Color("1"))
)

// terminal reports whether people look at w.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// eventLine is an event for people: period and clock, lane, type, team, data,
// short hash and role.
func (a *app) eventLine(e bridge.Event) string {
	lane := "▸"
	if e.Lane == "bulk" {
		lane = "·"
	}
	what := clean(e.Type)
	switch {
	case e.Sealed:
		what = "(sealed)"
	case e.Verdict != bridge.Counts:
		what += " (" + e.Verdict + ")"
	case e.Private:
		what += " (private)"
	}
	text := fmt.Sprintf("%s %s %s %s %s  %s", faint.Render(place(e)), lane, pad(strong.Render(what), 16, what), pad(clean(e.Team), 6, clean(e.Team)),
		clean(dataWords(e.Data)), faint.Render(e.Hash.Short()+" "+e.Role))
	return strings.TrimRight(text, " ")
}

// pad fills s, which looks like plain, up to n columns.
func pad(s string, n int, plain string) string {
	return s + strings.Repeat(" ", max(n-lipgloss.Width(plain), 0))
}

// title names a match to people: its label, if it has one, and short ID.
func title(m bridge.Match) string {
	if m.Label == "" {
		return strong.Render(m.ID.Short())
	}
	return strong.Render(clean(m.Label)) + " (" + m.ID.Short() + ")"
}

// typed names a match as a person would type it in a shell.
func typed(m bridge.Match) string {
	if m.Label == "" {
		return m.ID.Short()
	}
	if strings.ContainsAny(m.Label, "\"$`\\!") || clean(m.Label) != m.Label {
		return m.ID.Short()
	}
	return `"` + m.Label + `"`
}

// count writes a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// mayWords say what a role may do.
func mayWords(role string) string {
	switch role {
	case "admin":
		return "this device may do everything"
	case "relay":
		return "this device holds and forwards"
	case "referee", "coach", "record":
		return "this device may record"
	}
	return "this device may watch"
}

// place is period and clock: "1 12:30", or the author's time of day.
func place(e bridge.Event) string {
	if e.ClockMs == nil {
		if t, err := time.Parse(time.RFC3339, e.CreatedAt); err == nil {
			return t.Local().Format("15:04:05")
		}
		return "        "
	}
	s := *e.ClockMs / 1000
	return fmt.Sprintf("%d %3d:%02d", e.Period, s/60, s%60)
}

// dataWords is an event's data as key=value, keys sorted.
func dataWords(data json.RawMessage) string {
	var fields map[string]json.RawMessage
	if json.Unmarshal(data, &fields) != nil {
		return ""
	}
	var words []string
	for _, k := range slices.Sorted(maps.Keys(fields)) {
		v := string(fields[k])
		var text string
		if json.Unmarshal(fields[k], &text) == nil {
			v = text
		}
		words = append(words, k+"="+v)
	}
	return strings.Join(words, " ")
}

// clean takes control characters out of what others wrote, so that an event
// cannot move the cursor or write to the clipboard.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if commands(r) {
			return '\ufffd'
		}
		return r
	}, s)
}

// commands reports whether a terminal acts on a character, or turns text around for it,
// instead of showing it.
func commands(r rune) bool {
	return r < 0x20 || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// writeJSON writes v as JSON that a terminal only shows: what others wrote is escaped
// where it would be a command, which changes nothing for programs.
func writeJSON(w io.Writer, v any, indent string) error {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	if err := enc.Encode(v); err != nil {
		return err
	}
	var safe strings.Builder
	for _, r := range text.String() {
		if r >= 0x7f && commands(r) { // within a string: nothing else in JSON is not ASCII
			fmt.Fprintf(&safe, "\\u%04x", r)
		} else {
			safe.WriteRune(r)
		}
	}
	_, err := io.WriteString(w, safe.String())
	return err
}

// ago is how long something is past, for people.
func ago(t *time.Time) string {
	if t == nil {
		return "never"
	}
	d := time.Since(*t).Round(time.Second)
	if d < time.Second {
		return "now"
	}
	if d > 24*time.Hour {
		return t.Local().Format("2 Jan 15:04")
	}
	return d.String() + " ago"
}

// safety says in words what is proven about copies of a match.
func safety(s bridge.Status) string {
	switch {
	case s.ReadOnly != "":
		return bad.Render("cannot save here: " + s.ReadOnly)
	case s.Holders > 1:
		return good.Render(fmt.Sprintf("safe on %d devices", s.Holders))
	}
	return poor.Render("saved on this device; no other is proved to hold the same")
}
