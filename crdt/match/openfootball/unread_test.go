package openfootball_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"touchline.dev/touchline/crdt/match/openfootball"
)

// What is said of a match and cannot be read is told, with its line; what files have
// beside matches is not.
func TestUnreadLines(t *testing.T) {
	f, err := openfootball.Read([]byte(`= Cup 2024
# a comment
Group A | Ants  Bees
Matchday 1 | Jun 9
-----
Matchday 1
  Ants 2-0 Bees
    (Wirtz 10, Musiala 19,
     Can 90+3; Rudiger 87og)
    Merih Demiral 53' (og) Ciro Immobile 66'
  Cats bye
  [2 pts deducted from Ants]
  Ants Bees 3:1
Ants: Anna - Bea - Cleo - Dora, Ella, Fay
      Gina 2-1 Hetty
Attendance: 300
  Cats 1-0 Ants
Cats - Bees: 3-1
(Unclosed
Bees 4-4 Cats

| Ants | 2-0 | Bees |
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := "11 Cats bye|12 [2 pts deducted from Ants]|13 Ants Bees 3:1|15 Gina 2-1 Hetty|17 Cats 1-0 Ants|18 Cats - Bees: 3-1|19 (Unclosed|20 Bees 4-4 Cats|22 | Ants | 2-0 | Bees |"
	var got []string
	for _, l := range f.Unread {
		got = append(got, fmt.Sprint(l.At, " ", l.Text))
	}
	if said := strings.Join(got, "|"); said != want || f.UnreadCount != len(f.Unread) {
		t.Errorf("%d lines:\n%s\nwant\n%s", f.UnreadCount, said, want)
	}
}

// However many lines mean nothing, few are told, and no long ones.
func TestUnreadIsBounded(t *testing.T) {
	f, err := openfootball.Read([]byte("Final\nA 1-0 B\n"+strings.Repeat("  what is "+strings.Repeat("ü", 5000)+"\n", 300)), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Unread) != 20 || f.UnreadCount != 300 || utf8.RuneCountInString(f.Unread[0].Text) != 101 {
		t.Errorf("%d of %d lines, the first %q", len(f.Unread), f.UnreadCount, f.Unread[0].Text)
	}
}
