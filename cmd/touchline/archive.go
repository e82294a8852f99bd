package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/bridge"
)

func (a *app) exportCommand() *cobra.Command {
	var force, asCSV bool
	cmd := &cobra.Command{
		Use:   "export MATCH FILE",
		Short: "Write a match to one file",
		Long: `Writes all events of a match, signed as they are, to one file that any device
of the match can import, and every other can look at: touchline state --file FILE. Of an
open match it shows whoever has it all but names and words; of a sealed one nothing, for
the file holds no keys. Nor has it invites. Use - for
standard output.

With --csv, or --json, the file is a coach's instead: minutes and numbers of the
players, and what happened, as this device's role may see it. It is no copy of the
match and cannot be imported.`,
		Example: `  touchline export "U10 final" final.touchline
  touchline export "U10 final" final.csv --csv
  touchline export "U10 final" - --json`,
		Args: takes(2, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if asCSV && a.json {
				return usagef("--csv or --json, not both")
			}
			return a.with(cmd.Context(), false, func(c *client) error {
				m, err := c.match(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				if asCSV || a.json {
					return a.saveSheet(cmd.Context(), c, m, args[1], asCSV, force)
				}
				n, err := a.save(cmd.Context(), c, localPath(m.ID, "/export"), args[1], force)
				if err != nil {
					return fmt.Errorf("export: %w", err)
				}
				return a.saved(args[1], n)
			})
		},
	}
	cmd.Flags().BoolVar(&asCSV, "csv", false, "players and events for a spreadsheet")
	forceFlag(cmd, &force)
	return cmd
}

func (a *app) openFile(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(a.in), nil
	}
	f, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("there is no file %s", name)
	}
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		f.Close()
		return nil, fmt.Errorf("%s is a folder, not a file", name)
	}
	return f, nil
}

func (a *app) importCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "import FILE",
		Short: "Take the events of an exported file",
		Long: `Offers every event of the file to the match it belongs to, which this device
must have joined; a file of any other match can be looked at with touchline state, why,
timeline and stats --file FILE. It is not kept: a copy at a device that is no member
would never hear what is purged or who was removed. Each event is checked as if it had come from the network; what is
refused is named with its line and reason, and the rest is kept. Importing a file
twice changes nothing.`,
		Example: `  touchline import final.touchline
  touchline export 3fa9 - | ssh club touchline import -`,
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f, err := a.openFile(args[0])
			if err != nil {
				return err
			}
			defer f.Close()
			if a.dialNode() == nil && !a.exists() {
				return fmt.Errorf("%w, and to look at the file as it is with touchline state --file FILE", a.errNothing())
			}
			return a.with(cmd.Context(), false, func(c *client) error {
				resp, err := c.request(cmd.Context(), http.MethodPost, "/local/import", f, nil)
				if err != nil {
					return err
				}
				defer resp.Body.Close()
				var report bridge.ImportReport
				if err := json.NewDecoder(resp.Body).Decode(&report); err != nil {
					return fmt.Errorf("import: %w", err)
				}
				return a.printImport(&report, imported)
			})
		},
	}
}

// fate is what becomes of a file's events: in how many words, and what of those
// that came twice.
type fate struct{ fresh, known, done string }

var (
	imported = fate{"new", "known already", "imported"}
	verified = fate{"right", "there twice", "found right"}
)

// printImport shows a report and makes an error of what is not right.
func (a *app) printImport(r *bridge.ImportReport, f fate) error {
	if a.json {
		if err := a.printJSON(r); err != nil {
			return err
		}
	} else {
		a.printf("Match %s: %s read, %d %s", r.Match.Short(), count(r.Read, "event"), r.New, f.fresh)
		for _, part := range []struct {
			n    int
			what string
		}{{r.Known, f.known}, {r.Waiting, "waiting for their author's right, which is not known here"}, {r.Refused, "refused"}} {
			if part.n > 0 {
				a.printf(", %d %s", part.n, part.what)
			}
		}
		a.printf("\n")
		a.firstFew(r.Refused, len(r.Errors), func(i int) string { return fmt.Sprintf("line %d: %s", r.Errors[i].Line, r.Errors[i].Why) })
	}
	switch {
	case r.Refused > 0 && !r.Whole:
		return fmt.Errorf("the file is damaged: %d of %s were refused, and its end is missing; the others were %s", r.Refused, count(r.Read, "event"), f.done)
	case r.Refused > 0:
		return fmt.Errorf("%d of %s were refused; the others were %s", r.Refused, count(r.Read, "event"), f.done)
	case !r.Whole:
		return fmt.Errorf("the file is cut off: the %s in it were %s, the rest is missing; export the match again, or copy the whole file", count(r.Read, "event"), f.done)
	}
	return nil
}

// readAtMost reads a file that is not longer than limit bytes.
func readAtMost(r io.Reader, limit int64, name string) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("%s is longer than %d bytes", name, limit)
	}
	return b, err
}
