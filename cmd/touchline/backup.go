package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/node"
	"touchline.dev/touchline/node/badgerstore"
)

func (a *app) backupCommand() *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write everything this device holds to one file",
		Long: `Works while the node runs. The file appears only when it is whole. It holds all
events but no keys and no erasable records: no names and no free text, but what
somebody typed where an ID goes, or recorded with an early version, is in it. After
a restore, this device joins its matches again by invites.

Events that cannot be read are named, the file holds all others, and the exit
code is 1.`,
		Example: `  touchline backup club.backup`,
		Args:    takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), false, func(c *client) error {
				what, err := a.saveBackup(cmd.Context(), c, args[0], force)
				if err != nil {
					return fmt.Errorf("backup: %w", err)
				}
				return a.printBackup(args[0], what)
			})
		},
	}
	forceFlag(cmd, &force)
	return cmd
}

// saveBackup keeps a backup that was read to its end while it was written.
func (a *app) saveBackup(ctx context.Context, c *client, file string, force bool) (what backupContent, err error) {
	if err := mayWrite(file, force); err != nil {
		return what, err
	}
	resp, err := c.request(ctx, http.MethodGet, "/local/backup", nil, nil)
	if err != nil {
		return what, err
	}
	defer resp.Body.Close()
	what.Bytes, err = a.saveBy(func(to io.Writer) (n int64, err error) {
		count := new(byteCount)
		what.BackupContent, err = badgerstore.ReadBackup(io.TeeReader(resp.Body, io.MultiWriter(to, count)))
		return int64(*count), err
	}, file, force)
	return what, err
}

// backupContent is a backup as --json says it.
type backupContent struct {
	File  string `json:"file"`
	Bytes int64  `json:"bytes"`
	badgerstore.BackupContent
}

// byteCount counts what is written to it.
type byteCount int64

func (n *byteCount) Write(b []byte) (int, error) {
	*n += byteCount(len(b))
	return len(b), nil
}

// printBackup says what a backup holds. What it lacks makes an error.
func (a *app) printBackup(file string, what backupContent) error {
	what.File, what.Missing = file, append([]badgerstore.Missing{}, what.Missing...) // [] in JSON
	switch {
	case file == "-":
	case a.json:
		if err := a.printJSON(what); err != nil {
			return err
		}
	default:
		a.printf("%s: %d bytes; %s\n", file, what.Bytes, holdsWords(what.Logs, what.Events, what.Control))
	}
	if what.Lacking() == 0 {
		return nil
	}
	if !a.json {
		a.sayMissing(what.Missing)
	}
	return fmt.Errorf("the backup is kept, but lacks what could not be read: %s", count(int(what.Lacking()), "event"))
}

// holdsWords say what a backup holds, as it is made and as it is restored.
func holdsWords(logs, events, control int) string {
	return fmt.Sprintf("%s with %s, and %d more of rights and keys", plural(logs, "match", "matches"), count(events, "event"), control)
}

// sayMissing names on stderr what a backup lacks.
func (a *app) sayMissing(missing []badgerstore.Missing) {
	for _, m := range missing {
		for _, h := range m.Hashes {
			fmt.Fprintf(a.err, "missing in %s: event %s\n", m.Log.Short(), h)
		}
		if m.Nameless > 0 {
			fmt.Fprintf(a.err, "missing in %s: %d more, even their names\n", m.Log.Short(), m.Nameless)
		}
	}
}

// exportHead is how a file of touchline export begins.
const exportHead = `{"kind":"touchline-export"`

func (a *app) restoreCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "restore FILE",
		Short: "Fill an empty data folder from a backup",
		Long: `Writes a backup into a data folder that has no store yet. What happened since
the backup comes back from other devices when the node runs. A backup holds no
keys: join each match again with an invite, and its events are there.`,
		Example: `  touchline restore club.backup --data /srv/touchline`,
		Args:    takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if a.exists() {
				return fmt.Errorf("%s has a store already; restore into an empty --data folder", a.data)
			}
			f, err := a.openFile(args[0])
			if err != nil {
				return err
			}
			defer f.Close()
			in := bufio.NewReader(f)
			if head, _ := in.Peek(len(exportHead)); string(head) == exportHead {
				return fmt.Errorf("%s is an export of one match, no backup: touchline import takes it", args[0])
			}
			if err := os.MkdirAll(a.data, 0o700); err != nil {
				return fmt.Errorf("make data folder: %w", err)
			}
			dir := filepath.Join(a.data, storeName)
			what, err := badgerstore.Restore(cmd.Context(), in, dir)
			if errors.Is(err, badgerstore.ErrBackup) {
				err = fmt.Errorf("%w; nothing was restored, so try another copy of the file", err)
			}
			if err != nil {
				return errors.Join(fmt.Errorf("restore: %w", err), os.RemoveAll(dir))
			}
			return a.printRestored(dir, what.Missing)
		},
	}
}

// printRestored says what is in a restored store, and what it lacks.
func (a *app) printRestored(dir string, missing []badgerstore.Missing) error {
	st, err := badgerstore.Open(dir, badgerstore.Options{Hints: node.Hints()})
	if err != nil {
		return err
	}
	logs, err := st.Logs()
	if err = errors.Join(err, st.Close()); err != nil {
		return err
	}
	var events, control uint64
	for _, l := range logs {
		events += l.Counts[crdt.Events]
		control += l.Counts[crdt.Control]
	}
	if a.json {
		return a.printJSON(map[string]any{"matches": len(logs), "events": events, "control": control, "missing": append([]badgerstore.Missing{}, missing...)})
	}
	a.printf("Restored: %s.\n", holdsWords(len(logs), int(events), int(control)))
	a.printf("A backup holds no keys. Join each match again with an invite, then its events are there:\n")
	for _, l := range logs {
		a.printf("  %s  %s\n", l.Log.Short(), count(int(l.Counts[crdt.Events]), "event"))
	}
	if len(missing) > 0 {
		a.printf("Could not be read when the backup was made; other devices may bring it:\n")
	}
	a.sayMissing(missing)
	return nil
}
