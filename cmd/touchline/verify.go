package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/bridge"
)

func (a *app) verifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "verify [MATCH|FILE]",
		Short: "Check every signature, grant and digest",
		Long: `Checks a match of this device, all of them, or an exported file: every hash,
signature and right to write, that the digest belongs to what is stored, and that
nothing is missing that was here before the store was damaged.
Gaps are events that others wrote and that have not arrived yet.`,
		Example: `  touchline verify
  touchline verify final.touchline`,
		Args: takes(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if name := first(args); isFile(name) {
				return a.verifyFile(name)
			}
			err := a.with(cmd.Context(), false, func(c *client) error { return a.verifyMatches(cmd, c, args) })
			if errors.Is(err, errUnknownMatch) {
				err = fmt.Errorf("%w; nor is there such a file", err)
			}
			return err
		},
	}
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return name == "-" || err == nil && info.Mode().IsRegular()
}

func (a *app) verifyFile(name string) error {
	f, err := a.openFile(name)
	if err != nil {
		return err
	}
	defer f.Close()
	report, err := bridge.VerifyArchive(f)
	if err != nil {
		return err
	}
	if err := a.printImport(report, verified); err != nil {
		return err
	}
	if report.Waiting > 0 {
		return fmt.Errorf("%s in this file lack their author's grant", count(report.Waiting, "event"))
	}
	return nil
}

func (a *app) verifyMatches(cmd *cobra.Command, c *client, args []string) error {
	var list []bridge.Match
	var err error
	if len(args) == 0 {
		list, err = c.matches(cmd.Context())
	} else if m, e := c.match(cmd.Context(), args[0]); e != nil {
		err = e
	} else {
		list = []bridge.Match{*m}
	}
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return errNoMatch()
	}
	wrong := 0
	for _, m := range list {
		var r bridge.VerifyReport
		if err := c.get(cmd.Context(), localPath(m.ID, "/verify"), &r); err != nil {
			return err
		}
		if !r.OK() {
			wrong++
		}
		if err := a.printVerify(&r); err != nil {
			return err
		}
	}
	if wrong > 0 {
		return fmt.Errorf("%d of %d matches damaged or not whole here; a running node gets damaged and lost events again from any other device that holds them", wrong, len(list))
	}
	return nil
}

func (a *app) printVerify(r *bridge.VerifyReport) error {
	if a.json {
		return a.printJSON(r)
	}
	word := good.Render("right")
	switch {
	case !r.DigestOK || len(r.Bad) > 0:
		word = bad.Render("damaged")
	case !r.OK():
		word = bad.Render("not whole")
	}
	a.printf("Match %s: %s; %s in %s, %d damaged, %d erased, %s, %s\n",
		r.Match.Short(), word, count(r.Checked, "event"), count(r.Chains, "chain"), len(r.Bad), r.Erased, count(r.Forks, "fork"), count(len(r.Gaps), "gap"))
	if !r.DigestOK {
		a.printf("  the digest does not belong to what is stored\n")
	}
	if r.Empty {
		a.printf("  there is nothing of it here, not even its founding record\n")
	}
	if r.Lost != nil {
		a.printf("  missing since the store was damaged (found %s): %s\n", ago(r.Lost.Since), count(int(r.Lost.Count), "event"))
		a.firstFew(len(r.Lost.Hashes), len(r.Lost.Hashes), func(i int) string { return "lost: " + r.Lost.Hashes[i].Short() })
	}
	a.firstFew(len(r.Bad), len(r.Bad), func(i int) string { return r.Bad[i].Hash.Short() + ": " + r.Bad[i].Why })
	a.firstFew(len(r.Gaps), len(r.Gaps), func(i int) string {
		g := r.Gaps[i]
		return fmt.Sprintf("not here yet: %s of %s, %d to %d", g.Set, g.Author[:8], g.From, g.To)
	})
	return nil
}

// few is how many findings of a kind are shown to people; --json has all.
const few = 10

// firstFew prints the first of n findings, of which known have a line.
func (a *app) firstFew(n, known int, line func(int) string) {
	for i := range min(known, few) {
		a.printf("  %s\n", clean(line(i)))
	}
	if more := n - min(known, few); more > 0 {
		a.printf("  and %d more\n", more)
	}
}
