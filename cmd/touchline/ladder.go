package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt/match"
	"touchline.dev/touchline/crdt/match/table"
)

func (a *app) ladderCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "ladder [COMPETITION]",
		Short: "Show who plays on which pitch of a festival",
		Long: `Shows the rounds of a festival: the winner moves one pitch up, the loser one down,
the best and the last stay; of a level match the team that is named second moves
down. A round is over when the matches of all its pitches are final. Record each
as a match of its own and take it in with touchline competition add.`,
		Example: `  touchline competition new "Funino" --preset u11 --pitch Cats,Hares --pitch Adders,Bears
  touchline competition ladder "Funino"`,
		Args: takes(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.onCompetition(cmd, args, func(c *client, name string) error {
				var v bridge.LadderView
				if err := c.get(cmd.Context(), competitionPath(name, "/ladder"), &v); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(v)
				}
				a.printf("%s\n", strong.Render(clean(v.Competition)))
				for i, r := range v.Rounds {
					a.printf("Round %d\n", i+1)
					for n, p := range r.Pitches {
						a.printf("  pitch %-2d  %s\n", n+1, pitchLine(&p))
					}
				}
				a.missing(len(v.Missing))
				return nil
			})
		},
	}
}

// pitchLine is a pitch in a line: "Cats 2 – 1 Hares".
func pitchLine(p *table.Pitch) string {
	score, note := "–", ""
	switch {
	case p.Match != "":
		score = fmt.Sprintf("%d – %d", p.Score[0], p.Score[1])
		if !p.Final {
			note = "  under way"
		} else if p.Winner == match.NoSide {
			note = "  level"
		}
	}
	return clean(p.Teams[0]) + " " + score + " " + clean(p.Teams[1]) + note
}

// pitches reads --pitch: one each, the first first.
func pitches(list []string) (l table.Ladder, err error) {
	for _, one := range list {
		home, away, ok := strings.Cut(one, ",")
		if !ok {
			return nil, usagef("--pitch %q: name two teams, as in --pitch Cats,Hares", one)
		}
		l = append(l, [2]string{strings.TrimSpace(home), strings.TrimSpace(away)})
	}
	if l != nil {
		if err := l.Valid(); err != nil {
			return nil, usagef("--pitch: %v", err)
		}
	}
	return l, nil
}
