package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/node/badgerstore"
)

func (a *app) backupCommand() *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write everything this device holds to one file",
		Long: `Works while the node runs. The file appears only when it is whole. It holds all
events but no keys and no erasable records, so that keeping it is safe: after a
restore, this device joins its matches again by invites.`,
		Example: `  touchline backup club.backup`,
		Args:    takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), false, func(c *client) error {
				n, err := a.save(cmd.Context(), c, "/local/backup", args[0], force)
				if err != nil {
					return fmt.Errorf("backup: %w", err)
				}
				return a.saved(args[0], n)
			})
		},
	}
	forceFlag(cmd, &force)
	return cmd
}

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
			if err := os.MkdirAll(a.data, 0o700); err != nil {
				return fmt.Errorf("make data folder: %w", err)
			}
			dir := filepath.Join(a.data, storeName)
			if err := badgerstore.Restore(cmd.Context(), f, dir); err != nil {
				return errors.Join(fmt.Errorf("restore: %w", err), os.RemoveAll(dir))
			}
			return a.printRestored(dir)
		},
	}
}

// printRestored says what is in a restored store, and what it lacks.
func (a *app) printRestored(dir string) error {
	st, err := badgerstore.Open(dir, badgerstore.Options{})
	if err != nil {
		return err
	}
	logs, err := st.Logs()
	if err = errors.Join(err, st.Close()); err != nil {
		return err
	}
	var events uint64
	for _, l := range logs {
		events += l.Counts[crdt.Events]
	}
	if a.json {
		return a.printJSON(map[string]any{"matches": len(logs), "events": events})
	}
	a.printf("Restored %d matches with %d events.\n", len(logs), events)
	a.printf("A backup holds no keys. Join each match again with an invite, then its events are there:\n")
	for _, l := range logs {
		a.printf("  %s  %s\n", l.Log.Short(), count(int(l.Counts[crdt.Events]), "event"))
	}
	return nil
}
