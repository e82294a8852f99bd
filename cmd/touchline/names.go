package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/node"
)

func (b *backend) PutRecord(ctx context.Context, id crdt.LogID, r access.Record) (access.RecordName, error) {
	return b.node.PutRecord(ctx, id, r)
}

func (b *backend) Records(id crdt.LogID) ([]bridge.NamedRecord, error) {
	known, err := b.node.Records(id)
	return namedRecords(known), err
}

func (b *backend) AllRecords(id crdt.LogID) ([]bridge.NamedRecord, error) {
	known, err := b.node.AllRecords(id)
	return namedRecords(known), err
}

func namedRecords(known []node.KnownRecord) (out []bridge.NamedRecord) {
	for _, k := range known {
		out = append(out, bridge.NamedRecord{Record: k.Record, Name: k.Name, Author: k.Event.Author})
	}
	return out
}

func (b *backend) Erase(ctx context.Context, id crdt.LogID, names ...access.RecordName) error {
	return b.node.Erase(ctx, id, names...)
}

func (b *backend) Purge(ctx context.Context, id crdt.LogID, hashes []crdt.Hash, beneath crdt.Hash, except []crdt.Hash) error {
	return b.node.Purge(ctx, id, hashes, beneath, except)
}

func (a *app) nameCommand() *cobra.Command {
	var in bridge.NameRequest
	cmd := &cobra.Command{
		Use:   "name MATCH PLAYER NAME",
		Short: "Give a player a name that can be erased",
		Long: `Gives a player's ID a name. Events say only the ID; the name lies beside them,
under a key of its own, is left out of backups and exports, and can be erased on
every device. A later name takes the place of an earlier one. Use - to read the
name from standard input.

--consent says what guardians allow to be shown to those who are not members:
none (the default), first (the first name), full, or never (nothing at all).`,
		Example: `  touchline name "U10 final" home-7 "Mia Muster"
  touchline name "U10 final" home-7 "Mia Muster" --consent first`,
		Args: takes(3, 3),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := a.textArg(args[2])
			if err != nil {
				return err
			}
			switch in.Subject, in.Text = args[1], text; {
			case in.Subject == "" || len(in.Subject) > access.MaxSubject:
				return usagef("a player's ID has 1 to %d bytes", access.MaxSubject)
			case in.Text == "" || len(in.Text) > access.MaxName:
				return usagef("a name has 1 to %d bytes; touchline erase takes one away", access.MaxName)
			}
			var out bridge.Named
			return a.onMatch(cmd, args[0], http.MethodPost, "/name", in, &out, func() error {
				if a.json {
					return a.printJSON(out)
				}
				a.printf("%s is %s (record %s)\n", clean(out.Subject), clean(out.Text), crdt.Hash(out.Record).Short())
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&in.Consent, "consent", "none", "none, first, full or never")
	return cmd
}

func (a *app) namesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "names [MATCH]",
		Short: "List the names in a match",
		Long: `Lists the names that this device can read, and other erasable records. The last
column is the record's own name: touchline erase takes it, or the player's ID.`,
		Example: `  touchline names "U10 final"`,
		Args:    takes(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var list bridge.NamedList
			return a.onMatch(cmd, first(args), http.MethodGet, "/names", nil, &list, func() error {
				if a.json {
					return a.printJSON(list)
				}
				if len(list.Records) == 0 {
					a.printf("There are no names that this device can read; touchline name gives a player one.\n")
				}
				w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
				for _, r := range list.Records {
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", clean(r.Subject), clean(r.Text), r.Kind, r.Consent, r.Record)
				}
				return w.Flush()
			})
		},
	}
}

func (a *app) eraseCommand() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "erase MATCH PLAYER|EVENT|RECORD",
		Short: "Destroy a player's name, and words, on every device, for ever",
		Long: `Destroys all names of a player and all free text of events that speak of that
player; or the free text of one event, by its ID or hash (touchline log --json
shows them); or one record by its own name. The keys go with them: on this device
at once, on every other at its next sync. The same record is never taken again.
Events stay, without their words: a note is an empty one then. A text that names
the child in an event about nobody, or another, is erased by that event. What a
device that is away wrote about the child comes when it is back: look at touchline
names again then. It cannot be undone, but a name can be given anew. touchline names shows what there is; it
asks first, scripts say --yes.

Coaches, referees and organisers may erase. Photos of a screen, or copies that
somebody made on purpose, are beyond its reach.`,
		Example: `  touchline names "U10 final"             shows the players' IDs
  touchline erase "U10 final" home-7      also the words of events about home-7
  touchline erase "U10 final" 3fa9c1d2    the words of one event`,
		Args: takes(2, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			var out bridge.Erased
			var match *bridge.Match
			ask := func(c *client, m *bridge.Match) error {
				match = m
				what, err := c.erasable(cmd.Context(), m, args[1])
				if err != nil {
					return err
				}
				return a.sure(yes, fmt.Sprintf("%s in match %s will be destroyed on every device. %s", what, title(*m), notBack))
			}
			return a.onMatchIf(cmd, args[0], ask, http.MethodPost, "/erase", bridge.EraseRequest{What: args[1]}, &out, func() error {
				if a.json {
					return a.printJSON(out)
				}
				a.printf("Erased %s here; other devices follow at their next sync\n", count(len(out.Erased), "record"))
				a.printf("A device that was away may bring more about it: look at touchline names %s again then.\n", typed(*match))
				return nil
			})
		},
	}
	yesFlag(cmd, &yes)
	return cmd
}

// erasable says what would be erased: the records about a player or an event, or
// one record, which need not be readable here.
func (c *client) erasable(ctx context.Context, m *bridge.Match, what string) (string, error) {
	var found bridge.Erased
	if err := c.call(ctx, http.MethodPost, localPath(m.ID, "/erase"), bridge.EraseRequest{What: what, Ask: true}, &found); err != nil {
		return "", err
	}
	if _, err := access.ParseRecordName(what); err == nil && len(found.Erased) == 0 {
		return "Record " + what[:8], nil
	}
	text := fmt.Sprintf("%s about %s", count(len(found.Erased), "record"), clean(what))
	switch {
	case found.Events == 1:
		text += ", with the free text of 1 event,"
	case found.Events > 1:
		text += fmt.Sprintf(", with the free text of %d events,", found.Events)
	case len(found.Erased) == 0:
		return "", c.nothingAbout(ctx, m, what)
	}
	return text, nil
}

// nothingAbout helps who named something that is not there.
func (c *client) nothingAbout(ctx context.Context, m *bridge.Match, what string) error {
	var list bridge.NamedList
	if err := c.get(ctx, localPath(m.ID, "/names"), &list); err != nil {
		return err
	}
	subjects := []string{}
	for _, r := range list.Records {
		if !slices.Contains(subjects, r.Subject) {
			subjects = append(subjects, r.Subject)
		}
	}
	return fmt.Errorf("nothing about %q can be read here%s; touchline names %s shows what there is, and erase takes its first or last column", what, meant(what, subjects), typed(*m))
}

func (a *app) purgeCommand() *cobra.Command {
	var in bridge.PurgeRequest
	var yes bool
	cmd := &cobra.Command{
		Use:   "purge MATCH [HASH...]",
		Short: "Remove events from a match on every device, for ever",
		Long: `Removes events and their bytes, here at once and on every other device at its next
sync, and bars them for ever: for what must not exist, such as slander or a name
that somebody wrote into an event. Only the founder of the match may. Nothing
brings them back, not even the founder. It asks first; scripts say --yes.

--beneath removes all that was written under a right (see touchline grants) or
under one given by it, now and later, but for what --except names; the founder's
own is refused, since nobody could record then. Rights,
revocations and other control events stay. Backups made before keep events until
they are restored and meet a device that knows of the purge.`,
		Example: `  touchline log "U10 final"               shows hashes
  touchline purge "U10 final" 3fa9c1d2
  touchline purge "U10 final" --beneath 77aa01bc --except 3fa9c1d2`,
		Args: takes(1, 1+200),
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Hashes = args[1:]
			what := count(len(in.Hashes), "event")
			switch {
			case len(in.Hashes) == 0 && in.Beneath == "":
				return usagef("say which events, or --beneath which right")
			case in.Beneath != "":
				what = "All that was written under the right " + in.Beneath
			case len(in.Hashes) == 1:
				what = "The event " + in.Hashes[0]
			}
			ask := func(_ *client, m *bridge.Match) error {
				return a.sure(yes, fmt.Sprintf("%s will be gone from match %s on every device. %s", what, title(*m), notBack))
			}
			var out bridge.Purged
			return a.onMatchIf(cmd, args[0], ask, http.MethodPost, "/purge", in, &out, func() error {
				if a.json {
					return a.printJSON(out)
				}
				a.printf("Purged; %d events and names are gone here, other devices follow at their next sync\n", out.Gone)
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&in.Beneath, "beneath", "", "all that was written under this `right`")
	cmd.Flags().StringSliceVar(&in.Except, "except", nil, "`hashes` to keep of what lies beneath it")
	yesFlag(cmd, &yes)
	return cmd
}

// onMatch sends a request about a match, reads the answer into out and shows it.
func (a *app) onMatch(cmd *cobra.Command, name, method, path string, in, out any, show func() error) error {
	return a.onMatchIf(cmd, name, func(*client, *bridge.Match) error { return nil }, method, path, in, out, show)
}

// onMatchIf is onMatch if ask agrees.
func (a *app) onMatchIf(cmd *cobra.Command, name string, ask func(*client, *bridge.Match) error, method, path string, in, out any, show func() error) error {
	return a.with(cmd.Context(), false, func(c *client) error {
		m, err := c.match(cmd.Context(), name)
		if err == nil {
			err = ask(c, m)
		}
		if err == nil {
			err = c.call(cmd.Context(), method, localPath(m.ID, path), in, out)
		}
		if err != nil {
			return err
		}
		return show()
	})
}
