package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// mostMeant is how many words are offered for one that is not known.
const mostMeant = 3

// meant asks whether one of the known words was meant; empty if none is near.
func meant(word string, known []string) string {
	if near := nearest(word, known); len(near) > 0 {
		return fmt.Sprintf(" (did you mean %s?)", inWords(near, "or"))
	}
	return ""
}

// nearest returns the known words that a person may have meant by word, the
// likeliest first: those few slips of the finger away, then those it begins, then
// those it is a part of.
func nearest(word string, known []string) []string {
	word = strings.ToLower(word)
	type guess struct {
		word  string
		rank  int
		slips int
	}
	var all []guess
	for _, k := range known {
		g := guess{word: k, slips: slips(word, k)}
		switch {
		case g.slips <= min(2, len(word)/2):
		case len(word) > 2 && strings.HasPrefix(k, word):
			g.rank = 1
		case len(word) > 2 && strings.Contains(k, word):
			g.rank = 2
		default:
			continue
		}
		all = append(all, g)
	}
	slices.SortStableFunc(all, func(a, b guess) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.slips, b.slips))
	})
	var out []string
	for _, g := range all[:min(len(all), mostMeant)] {
		if g.rank > all[0].rank || g.rank == 0 && g.slips > all[0].slips {
			break
		}
		out = append(out, g.word)
	}
	return out
}

// slips counts the letters that are wrong, missing, too much, or swapped with
// the next between two words (the optimal string alignment distance).
func slips(a, b string) int {
	x, y := []rune(a), []rune(b)
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			change := rows[i-1][j-1]
			if x[i-1] != y[j-1] {
				change++
			}
			rows[i][j] = min(change, rows[i-1][j]+1, rows[i][j-1]+1)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(x)][len(y)]
}

// inWords lists words as a person does: a, b or c.
func inWords(words []string, last string) string {
	switch n := len(words); n {
	case 0:
		return ""
	case 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + " " + last + " " + words[n-1]
	}
}
