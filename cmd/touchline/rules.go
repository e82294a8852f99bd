package main

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/crdt/match/table"
)

func (a *app) competitionRulesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "rules PRESET",
		Short: "Print a preset of rules as a file for competition new --rules",
		Long: `Prints the rules of a preset: ` + strings.Join(table.PresetNames(), ", ") + `.
Changed, the file is for touchline competition new --rules. It may have
  win, draw, loss      points
  criteria             in order: ` + wrapped(table.CriterionNames()) + `
                       (h2h: between the level teams; opp: what a team's opponents have)
  reapply, reapplyEach h2h begins again for those still level: after all of it, after each
  h2hAfter             how often the level teams must have met before h2h counts
  awayGoals            goals away decide legs of a file that are level
  conduct              what cards cost a team: yellow, secondYellow, red, yellowRed
  forfeitGoals, forfeitKeepsBetter
  thirds               which tie the third of which group goes to: slots, rows
  adjust, ranking, lots points by team; teams, the best first
  noTable              no table is shown`,
		Example: `  touchline competition rules la-liga > mine.json
  touchline competition new "League" --preset la-liga --rules mine.json`,
		Args: takes(1, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			rules, err := table.Preset(args[0])
			if err != nil {
				return usageError{err}
			}
			if a.json {
				return a.printJSON(rules)
			}
			text, err := json.MarshalIndent(rules, "", "  ")
			a.printf("%s\n", text)
			return err
		},
	}
}

// wrapped is a list of words in lines of a help text.
func wrapped(words []string) string {
	var b strings.Builder
	line := 0
	for i, w := range words {
		if i > 0 {
			b.WriteString(", ")
		}
		if line += len(w) + 2; line > 60 {
			b.WriteString("\n                       ")
			line = len(w) + 2
		}
		b.WriteString(w)
	}
	return b.String()
}

// rulesFile reads what differs from a preset of rules; a name that no rule has is a mistake.
func (a *app) rulesFile(name, preset string) (*table.Rules, error) {
	rules, err := table.Preset(preset)
	if err != nil {
		return nil, usageError{err}
	}
	text, err := a.fileText(name)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err = d.Decode(&rules); err == nil {
		err = rules.Validate()
	}
	if err != nil {
		return nil, usagef("--rules %s: %w", name, err)
	}
	return &rules, nil
}
