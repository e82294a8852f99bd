package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt/match/table"
)

func competitionPath(name, rest string) string {
	return "/v1/competitions/" + url.PathEscape(name) + rest
}

func (a *app) competitionCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "competition",
		Short: "Keep leagues, groups and cups of matches",
		Long: `A competition is a list of followed matches and of results from elsewhere, with
rules, kept on this device. Tables and brackets are worked out from the matches
whenever they are shown.`,
		RunE: only,
	}
	cmd.AddCommand(a.competitionNewCommand(), a.competitionAddCommand(), a.competitionRemoveCommand(), a.competitionDeleteCommand(),
		a.competitionAdjustCommand(), a.competitionLotsCommand(), a.competitionForfeitCommand(), a.competitionImportCommand(), a.competitionRulesCommand(), a.competitionSettingsCommand(), a.competitionListCommand(),
		a.tableCommand(), a.bracketCommand(), a.pairsCommand(), a.ladderCommand())
	return cmd
}

func (a *app) competitionNewCommand() *cobra.Command {
	var in bridge.NewCompetition
	var bracket, rules string
	var pitch, settings []string
	cmd := &cobra.Command{
		Use:   "new NAME",
		Short: "Begin a competition",
		Long: `Begins a competition by a preset of rules: ` + strings.Join(table.PresetNames(), ", ") + `.
u11 is for U7 to U11 and shows no table. --bracket reads the knock-out from a JSON
file: {"ties":[{"id":"49","round":"Semi-final","slots":["1A","2B"]},…]}, where a
slot is 1A or 1:North (first of a group), W49 or L49 (winner or loser of tie 49),
3rd:1 (best third), 3A/D/E/F (the third of one of these groups, as thirds of the rules
allots them), team:NAME, bye or ?; "legs": 2 adds two matches up, with "awayGoals": true
if those decide what is level; "deciders" of a level tie are extra_time, shootout, then
one of shared, replay, ruling. --pitch, once for each pitch and the best first, begins a
festival without a table: touchline competition ladder shows it.
--set says what all its matches inherit, once for each field: touchline competition
settings lists the fields.
--rules reads what differs from the preset from a JSON file, as {"win":2}; touchline
competition rules NAME prints a preset as such a file, and says what may be in one.`,
		Example: `  touchline competition new "Saturday cup" --preset grassroots
  touchline competition new "Funino" --preset u11 --pitch Cats,Hares --pitch Adders,Bears
  touchline competition new "Under 9s" --preset u11 --set age_band=U9 --set names=number
  touchline competition new "World Cup" --preset fifa-2018 --bracket ko.json`,
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Name = args[0]
			var err error
			if in.Ladder, err = pitches(pitch); err != nil {
				return err
			}
			if in.Settings, err = changedSettings(nil, settings); err != nil {
				return err
			}
			if rules != "" {
				if in.Rules, err = a.rulesFile(rules, in.Preset); err != nil {
					return err
				}
			}
			if bracket != "" {
				text, err := a.fileText(bracket)
				if err != nil {
					return err
				}
				d := json.NewDecoder(bytes.NewReader(text))
				d.DisallowUnknownFields()
				if err := d.Decode(&in.Bracket); err != nil {
					return usagef("--bracket %s: %w", bracket, err)
				}
			}
			return a.with(cmd.Context(), true, func(c *client) error {
				var out bridge.Competition
				if err := c.call(cmd.Context(), http.MethodPost, "/local/competitions", in, &out); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(out)
				}
				a.printf("Competition %s is on this device. Next: touchline competition add %q MATCH…\n", strong.Render(clean(out.Name)), out.Name)
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&in.Preset, "preset", "grassroots", "rules: "+strings.Join(table.PresetNames(), ", "))
	cmd.Flags().StringVar(&rules, "rules", "", "JSON `file` with what differs from the preset")
	cmd.Flags().StringVar(&bracket, "bracket", "", "JSON `file` with the knock-out")
	cmd.Flags().StringArrayVar(&settings, "set", nil, "what matches inherit: `FIELD=VALUE`, as age_band=U9")
	cmd.Flags().StringArrayVar(&pitch, "pitch", nil, "two `teams` of a festival's pitch: Cats,Hares")
	return cmd
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func (a *app) competitionImportCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "import NAME FILE",
		Short: "Take results of an openfootball file into a competition",
		Long: `Reads a file of openfootball (github.com/openfootball): football.txt, or JSON in any of
its shapes; groups, scores, extra time and kicks. Matches without a group, where others have one, and those
whose round is named as one of a knock-out, become the bracket, with legs and replays; if
the competition was begun with --bracket they are the results of its ties: by number, by
the name of the round, or by who is known to play. "Championship, Matchday 23" is a table
of its own. Lines that mean nothing to it are listed. What is postponed, abandoned or cancelled counts nothing, nor does a walkover without a score.
A match is known by its teams and its round or date: importing a newer version of the
file replaces what the older one said of it, and never a forfeit.`,
		Example: `  touchline competition import "World Cup" worldcup.json
  touchline competition import "Premier League" 1-premierleague.txt`,
		Args: takes(2, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := a.fileText(args[1])
			if err != nil {
				return err
			}
			return a.with(cmd.Context(), false, func(c *client) error {
				out, err := c.importResults(cmd.Context(), args[0], text)
				if err != nil {
					return err
				}
				if a.json {
					return a.printJSON(out)
				}
				if len(out.Left) > 0 {
					a.printf("Left out, since the knock-out this competition began with has no such ties: %s\n", clean(strings.Join(out.Left, ", ")))
				}
				a.printf("%s read into %s\n", plural(out.Matches, "match", "matches"), clean(args[0]))
				a.printUnread(&out)
				return nil
			})
		},
	}
}

// printUnread lists the lines that were passed over, so that a result is missed by nobody
// who meant it to be read.
func (a *app) printUnread(in *bridge.Imported) {
	if in.UnreadCount == 0 {
		return
	}
	a.printf("%s\n", poor.Render("Not understood, and left out: "+plural(in.UnreadCount, "line", "lines")))
	for _, l := range in.Unread {
		a.printf("  line %-4d %s\n", l.Line, clean(l.Text))
	}
	if more := in.UnreadCount - len(in.Unread); more > 0 {
		a.printf("  and %d more\n", more)
	}
}

// importResults sends a file as it is: it need not be JSON.
func (c *client) importResults(ctx context.Context, name string, text []byte) (out bridge.Imported, err error) {
	resp, err := c.request(ctx, http.MethodPost, keptPath(name, "/import"), bytes.NewReader(text), nil)
	if err != nil {
		return out, err
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		return out, fmt.Errorf("ask the node: %w", err)
	}
	return out, nil
}

func (a *app) competitionListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the competitions on this device",
		Args:  takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), false, func(c *client) error {
				var list bridge.CompetitionList
				if err := c.get(cmd.Context(), "/v1/competitions", &list); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(list)
				}
				for _, one := range list.Competitions {
					a.printCompetition(&one)
				}
				if len(list.Competitions) == 0 {
					a.printf("There are no competitions on this device; touchline competition new NAME begins one.\n")
				}
				return nil
			})
		},
	}
}

// manyTeams is how many a list names of one competition.
const manyTeams = 12

// printCompetition lists one: its rules, how much is in it, and who plays.
func (a *app) printCompetition(one *bridge.Competition) {
	rules := one.Preset
	if one.Changed {
		rules += ", changed"
	}
	a.printf("%-24s %-14s %s, %s from elsewhere\n", clean(one.Name), rules,
		plural(len(one.Matches), "match", "matches"), count(len(one.Results), "result"))
	teams, more := one.Teams, ""
	if len(teams) > manyTeams {
		teams, more = teams[:manyTeams], fmt.Sprintf(" and %d more", len(teams)-manyTeams)
	}
	if len(teams) > 0 {
		a.printf("  %s%s\n", clean(strings.Join(teams, ", ")), more)
	}
}

func (a *app) tableCommand() *cobra.Command {
	var live, thirds bool
	cmd := &cobra.Command{
		Use:   "table [COMPETITION]",
		Short: "Show the table of a competition",
		Long: `Shows the table, or those of all groups. Matches that are final count; with --live
those under way as well, and their rows are marked. What the rules cannot split
stays level, until a ruling. --thirds ranks the third-placed teams of all groups by
the same rules without head-to-head: 3rd:1 of a knock-out is the first of them.`,
		Example: `  touchline table "Saturday cup"
  touchline table "World Cup" --thirds
  touchline table "Saturday cup" --live --json`,
		Args: takes(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.onCompetition(cmd, args, func(c *client, name string) error {
				query := ""
				if live {
					query = "?live=true"
				}
				if thirds {
					return a.showThirds(cmd.Context(), c, competitionPath(name, "/thirds"+query))
				}
				var v bridge.TableView
				if err := c.get(cmd.Context(), competitionPath(name, "/table"+query), &v); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(v)
				}
				a.printTable(&v)
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&live, "live", false, "matches under way count, too")
	cmd.Flags().BoolVar(&thirds, "thirds", false, "rank the third-placed teams of all groups")
	return cmd
}

// onCompetition runs f for the named competition, or the only one.
func (a *app) onCompetition(cmd *cobra.Command, args []string, f func(*client, string) error) error {
	return a.with(cmd.Context(), false, func(c *client) error {
		name := first(args)
		if name == "" {
			var list bridge.CompetitionList
			if err := c.get(cmd.Context(), "/v1/competitions", &list); err != nil {
				return err
			}
			switch len(list.Competitions) {
			case 1:
			case 0:
				return errors.New("there is no competition on this device; begin with touchline competition new NAME")
			default:
				return usagef("say which of %d competitions; touchline competition list shows them", len(list.Competitions))
			}
			name = list.Competitions[0].Name
		}
		return f(c, name)
	})
}

func (a *app) printTable(v *bridge.TableView) {
	a.printf("%s\n", strong.Render(clean(v.Competition)))
	if len(v.Groups) == 0 {
		a.printf("It has no group matches yet: touchline competition add %q MATCH\n", clean(v.Competition))
	}
	for _, g := range v.Groups {
		if g.Group != "" {
			a.printf("Group %s\n", clean(g.Group))
		}
		a.printRows(g.Rows, "live")
	}
	a.missing(len(v.Missing))
}

// printRows shows a table; provisional is said of rows that may still change by
// themselves.
func (a *app) printRows(rows []table.Row, provisional string) {
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "\tteam\tplayed\twon\tdrawn\tlost\tfor\tagainst\tpoints\t")
	for _, r := range rows {
		var notes []string
		if r.Group != "" {
			notes = append(notes, "group "+clean(r.Group))
		}
		if r.Adjusted != 0 {
			notes = append(notes, fmt.Sprintf("%+d by a ruling", r.Adjusted))
		}
		switch {
		case r.Provisional:
			notes = append(notes, provisional)
		case r.Tied && r.Wants != "":
			notes = append(notes, "level: not all cards are known")
		case r.Tied:
			notes = append(notes, "level")
		case r.By != "" && r.By != table.Points:
			notes = append(notes, "by "+string(r.By))
		}
		fmt.Fprintf(w, "%d\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\n", r.Rank, clean(r.Team), r.Played, r.Won, r.Drawn, r.Lost, r.For, r.Against, r.Points, strings.Join(notes, "; "))
	}
	w.Flush()
}

// showThirds shows the ranking of third-placed teams.
func (a *app) showThirds(ctx context.Context, c *client, path string) error {
	var v bridge.ThirdsView
	if err := c.get(ctx, path, &v); err != nil {
		return err
	}
	if a.json {
		return a.printJSON(v)
	}
	a.printf("%s\nThird places\n", strong.Render(clean(v.Competition)))
	if len(v.Rows) == 0 {
		a.printf("No group has a third team yet.\n")
		return nil
	}
	a.printRows(v.Rows, "who is there is open")
	if !v.Complete {
		a.printf("Not all groups are played.\n")
	}
	a.missing(len(v.Missing))
	return nil
}

func (a *app) missing(n int) {
	if n > 0 {
		a.printf("%s\n", poor.Render(plural(n, "match is", "matches are")+" not readable here and left out"))
	}
}

// fileText reads a file, or standard input for "-".
func (a *app) fileText(name string) ([]byte, error) {
	if name == "-" {
		text, err := a.textArg(name)
		return []byte(text), err
	}
	f, err := a.openFile(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAtMost(f, 8<<20, name)
}
