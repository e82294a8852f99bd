package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
)

const (
	plainWidth, plainHeight = 80, 24 // of what does not say
	leastHeight             = 10
	mostHeight              = 200
	// mostRests is how often a burst that goes on is waited for, so that at least
	// something is seen every two seconds.
	mostRests = 20
)

// screen shows lines and, on a terminal, one that is replaced below them. What comes
// too fast to be read is not written to a terminal: of a burst it has the last lines,
// as many as fit, and the number of the others. Elsewhere it writes every line.
type screen struct {
	out  io.Writer
	live bool   // a terminal
	all  string // the command that shows everything

	line string // the one below

	busy  bool     // lines came just now; those that follow are held
	held  []string // the last of them
	left  int      // of them, older than held
	came  int      // since the last rest
	rests int
}

// say writes a line.
func (s *screen) say(text string) { fmt.Fprintf(s.out, "%s\n", s.fit(text)) }

// above writes a line above the status line: the first at once, those that come
// soon after it with the next rest.
func (s *screen) above(text string) {
	switch {
	case !s.live:
		fmt.Fprintf(s.out, "%s\n", text)
		return
	case !s.busy:
		s.busy = true
		fmt.Fprintf(s.out, "\r\x1b[K%s\n%s", hang(text, s.width()), s.line)
		return
	}
	if s.came++; len(s.held) >= s.height() {
		s.held = s.held[1:]
		s.left++
	}
	s.held = append(s.held, text)
}

// rest is called a while after a line came. It writes what was held, unless a burst is
// going on, which is asked for again.
func (s *screen) rest() (again bool) {
	if s.came > s.height() && s.rests < mostRests {
		s.came, s.rests = 0, s.rests+1
		return true
	}
	s.flush()
	return false
}

func (s *screen) flush() {
	if len(s.held) > 0 {
		var b strings.Builder
		b.WriteString("\r\x1b[K")
		if s.left > 0 {
			b.WriteString(s.fit(faint.Render(fmt.Sprintf("… %s before these; %s shows all", count(s.left, "event"), s.all))) + "\n")
		}
		for _, text := range s.held {
			b.WriteString(hang(text, s.width()) + "\n")
		}
		fmt.Fprintf(s.out, "%s%s", b.String(), s.line)
	}
	s.busy, s.held, s.left, s.came, s.rests = false, nil, 0, 0, 0
}

// status replaces the last line of a terminal.
func (s *screen) status(text string) {
	if !s.live {
		return
	}
	s.flush()
	if line := s.fit(text); line != s.line { // a wrapped line cannot be replaced
		s.line = line
		fmt.Fprintf(s.out, "\r\x1b[K%s", line)
	}
}

// leave keeps the last status line, and the shell's prompt off it.
func (s *screen) leave() {
	s.flush()
	if s.line != "" {
		fmt.Fprintln(s.out)
	}
}

// fit cuts a line to the terminal's width.
func (s *screen) fit(text string) string {
	if !s.live {
		return text
	}
	return ansi.Truncate(text, s.width()-1, "…")
}

// width is the terminal's, in columns.
func (s *screen) width() int {
	if width, _ := s.size(); width > 2*dataColumn {
		return width
	}
	return plainWidth
}

// height is how many lines can be read at once.
func (s *screen) height() int {
	_, height := s.size()
	if height == 0 {
		height = plainHeight
	}
	return min(max(height-2, leastHeight), mostHeight)
}

func (s *screen) size() (width, height int) {
	if f, ok := s.out.(*os.File); ok {
		if width, height, err := term.GetSize(f.Fd()); err == nil {
			return width, height
		}
	}
	return 0, 0
}

// dataColumn is where an event's data begins in its line.
const dataColumn = 35

// hang breaks an event's line at width, and begins what follows below its data.
func hang(text string, width int) string {
	if ansi.StringWidth(text) < width {
		return text
	}
	head := ansi.Truncate(text, dataColumn, "")
	rest := ansi.Wrap(ansi.TruncateLeft(text, dataColumn, ""), width-dataColumn-1, "")
	return head + strings.ReplaceAll(rest, "\n", "\n"+strings.Repeat(" ", dataColumn))
}
