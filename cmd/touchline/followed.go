package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// maxFollowFile is how much of a list of invites is read, in bytes.
const maxFollowFile = 1 << 20

// followed completes what --follow was given: - is a list on standard input and
// @FILE one in a file, an invite or a match a line. A secret on the command line
// can be seen by every program of the machine for as long as the node runs.
func (a *app) followed(given []string) (all []string, err error) {
	stdin := false
	for _, what := range given {
		file, isFile := strings.CutPrefix(what, "@")
		switch {
		case what == "-" && stdin:
			return nil, usagef("--follow - reads all of standard input; give it once")
		case what == "-":
			stdin = true
			var lines []string
			lines, err = linesOf(a.in)
			all = append(all, lines...)
		case isFile:
			var lines []string
			lines, err = linesOfFile(file)
			all = append(all, lines...)
		default:
			all = append(all, what)
		}
		if err != nil {
			return nil, fmt.Errorf("--follow %s: %w", what, err)
		}
	}
	return all, nil
}

// secretOf completes a secret on the command line: with @FILE it is in a file.
func secretOf(arg string) (string, error) {
	file, isFile := strings.CutPrefix(arg, "@")
	if !isFile {
		return arg, nil
	}
	lines, err := linesOfFile(file)
	if err == nil && len(lines) > 1 {
		err = fmt.Errorf("%s has %d lines, not one", file, len(lines))
	}
	if err != nil {
		return "", err
	}
	return lines[0], nil
}

func linesOfFile(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return linesOf(f)
}

// linesOf are the lines of r that are not empty; there must be some.
func linesOf(r io.Reader) (lines []string, err error) {
	b, err := io.ReadAll(io.LimitReader(r, maxFollowFile))
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return nil, errors.New("there is nothing in it")
	}
	return lines, nil
}
