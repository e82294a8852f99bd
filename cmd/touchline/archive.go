package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/bridge"
)

func (a *app) exportCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "export MATCH FILE",
		Short: "Write a match to one file",
		Long: `Writes all events of a match, signed as they are, to one file that any device
of the match can import. The file holds no keys and no invites. Use - for
standard output.`,
		Example: `  touchline export "U10 final" final.touchline`,
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), false, func(c *client) error {
				m, err := c.match(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				n, err := a.save(cmd, c, localPath(m.ID, "/export"), args[1])
				if err != nil {
					return fmt.Errorf("export: %w", err)
				}
				return a.saved(args[1], n)
			})
		},
	}
}

// save streams a resource into a file, which appears only when it is whole.
func (a *app) save(cmd *cobra.Command, c *client, path, file string) (int64, error) {
	resp, err := c.request(cmd.Context(), http.MethodGet, path, nil, nil)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if file == "-" {
		return io.Copy(a.out, resp.Body)
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*")
	if err != nil {
		return 0, err
	}
	defer os.Remove(tmp.Name()) // after the rename there is nothing to remove
	n, err := io.Copy(tmp, resp.Body)
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return n, err
	}
	return n, os.Rename(tmp.Name(), file)
}

func (a *app) saved(file string, n int64) error {
	switch {
	case file == "-":
		return nil
	case a.json:
		return a.printJSON(map[string]any{"file": file, "bytes": n})
	}
	a.printf("%s: %d bytes\n", file, n)
	return nil
}

func (a *app) importCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "import FILE",
		Short: "Take the events of an exported file",
		Long: `Offers every event of the file to the match it belongs to, which this device
must have joined. Each is checked as if it had come from the network; what is
refused is named with its line and reason, and the rest is kept.`,
		Example: `  touchline import final.touchline
  touchline export 3fa9 - | ssh club touchline import -`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f, err := a.openFile(args[0])
			if err != nil {
				return err
			}
			defer f.Close()
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
				return a.printImport(&report, "imported")
			})
		},
	}
}

func (a *app) openFile(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(a.in), nil
	}
	return os.Open(name)
}

// printImport shows a report and makes an error of what is not right.
func (a *app) printImport(r *bridge.ImportReport, verb string) error {
	if a.json {
		if err := a.printJSON(r); err != nil {
			return err
		}
	} else {
		a.printf("Match %s: %d events read, %d new, %d known, %d waiting for a grant, %d refused\n",
			r.Match.Short(), r.Read, r.New, r.Known, r.Waiting, r.Refused)
		for _, e := range r.Errors {
			a.printf("  line %d: %s (%s)\n", e.Line, e.Why, e.Type)
		}
	}
	switch {
	case r.Refused > 0:
		return fmt.Errorf("%d of %d events were refused; the others were %s", r.Refused, r.Read, verb)
	case !r.Whole:
		return fmt.Errorf("the file ends early: its %d events were %s, others are missing", r.Read, verb)
	}
	return nil
}

func (a *app) verifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "verify [MATCH|FILE]",
		Short: "Check every signature, grant and digest",
		Long: `Checks a match of this device, all of them, or an exported file: every hash,
signature and right to write, and that the digest belongs to what is stored.
Gaps are events that others wrote and that have not arrived yet.`,
		Example: `  touchline verify
  touchline verify final.touchline`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if info, err := os.Stat(first(args)); err == nil && info.Mode().IsRegular() {
				return a.verifyFile(args[0])
			}
			return a.with(cmd.Context(), false, func(c *client) error { return a.verifyMatches(cmd, c, args) })
		},
	}
}

func (a *app) verifyFile(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	report, err := bridge.VerifyArchive(f)
	if err != nil {
		return err
	}
	if err := a.printImport(report, "right"); err != nil {
		return err
	}
	if report.Waiting > 0 {
		return fmt.Errorf("%d events have no grant in this file", report.Waiting)
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
		return fmt.Errorf("%d of %d matches are damaged; touchline sync heals from others what it can", wrong, len(list))
	}
	return nil
}

func (a *app) printVerify(r *bridge.VerifyReport) error {
	if a.json {
		return a.printJSON(r)
	}
	word := good.Render("right")
	if !r.OK() {
		word = bad.Render("damaged")
	}
	a.printf("Match %s: %s; %d events in %d chains, %d erased, %d forks, %d gaps\n",
		r.Match.Short(), word, r.Checked, r.Chains, r.Erased, r.Forks, len(r.Gaps))
	if !r.DigestOK {
		a.printf("  the digest does not belong to what is stored\n")
	}
	for _, b := range r.Bad {
		a.printf("  %s: %s\n", b.Hash.Short(), b.Why)
	}
	for _, g := range r.Gaps {
		a.printf("  missing: %s %s %d to %d\n", g.Author[:8], g.Set, g.From, g.To)
	}
	return nil
}
