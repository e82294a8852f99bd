package main

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/bridge"
)

// each runs f for the named match, or for all.
func (a *app) each(cmd *cobra.Command, args []string, f func(*client, bridge.Match) error) error {
	return a.with(cmd.Context(), false, func(c *client) error {
		var list []bridge.Match
		if len(args) == 1 {
			m, err := c.match(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			list = []bridge.Match{*m}
		} else {
			var err error
			if list, err = c.matches(cmd.Context()); err != nil {
				return err
			}
			if len(list) == 0 {
				return errNoMatch()
			}
		}
		for _, m := range list {
			if err := f(c, m); err != nil {
				return err
			}
		}
		return nil
	})
}

func (a *app) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status [MATCH]",
		Short: "Say what is here and who provably holds the same",
		Long: `Shows each match's number of events, its digest and the devices that proved to
hold exactly the same. Equal digests are equal matches. "Safe on n devices" is
never a guess: it counts proofs, this device included.`,
		Example: `  touchline status
  touchline status "U10 final" --json | jq .digest`,
		Args: takes(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var damages []bridge.Damage // the same with each match
			err := a.each(cmd, args, func(c *client, m bridge.Match) error {
				var s bridge.Status
				if err := c.get(cmd.Context(), matchPath(m.ID, "/status"), &s); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(s)
				}
				a.printStatus(s, c.running)
				damages = s.Damages
				return nil
			})
			a.printDamages(damages)
			return err
		},
	}
}

func (a *app) printStatus(s bridge.Status, running bool) {
	a.printf("%s\n  %s, %s\n", title(s.Match), count(int(s.Count), "event"), safety(s))
	may := mayWords(s.Role)
	if s.Ended != "" {
		may = bad.Render("this device's right has ended: " + clean(s.Ended))
	}
	switch {
	case s.Blind:
		may += "; the match is sealed, and passed on here unread"
	case s.Sealed:
		may += "; the match is sealed"
	}
	a.printf("  %s; digest %s, the same on every device that holds the same\n", may, s.Digest.Short())
	if s.Waiting > 0 {
		a.printf("  %s cannot be taken yet, since the right of who wrote it is not known here; it comes from other devices\n", count(s.Waiting, "more event"))
	}
	if s.Lost > 0 {
		a.printf("  %s\n", bad.Render(fmt.Sprintf("missing since the store was damaged: %s; touchline doctor %s", count(int(s.Lost), "event"), typed(s.Match))))
	}
	switch {
	case !running:
		a.printf("  %s\n", poor.Render("no node is running here, so nothing is sent or received; start it: touchline node"))
	case s.LastHeard == nil:
		a.printf("  no other device of this match was heard yet; touchline doctor %s says why\n", typed(s.Match))
	default:
		a.printf("  last heard of others %s\n", ago(s.LastHeard))
	}
	for _, p := range s.Peers {
		a.printf("  device …%s  %s\n", p.ID[max(0, len(p.ID)-8):], peerWords(p))
	}
}

func peerWords(p bridge.PeerStatus) string {
	words := "away"
	if p.Connected {
		words = "connected"
	}
	if p.Equal {
		return words + ", " + good.Render("holds the same")
	}
	if p.LastEqual == nil {
		return words + ", never proved to hold the same"
	}
	return words + ", last held the same " + ago(p.LastEqual)
}

func (a *app) peersCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "peers",
		Short: "List the devices this one knows",
		Long: `Shows this device's own addresses, for --peer on others, and every device it has
met or was told of: whether it is connected, how it was found, and what went wrong.`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), false, func(c *client) error {
				var list bridge.PeerList
				switch err := c.get(cmd.Context(), "/local/peers", &list); {
				case err != nil:
					return err
				case !c.running:
					return a.errNoNode()
				}
				var self bridge.Self
				if err := c.get(cmd.Context(), "/local/self", &self); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(peersHere{self.PeerID, self.Addrs, list})
				}
				a.printf("This device  %s\n", self.PeerID)
				for _, addr := range self.Addrs {
					a.printf("  %s\n", addr)
				}
				for _, p := range list.Peers {
					a.printPeer(p)
				}
				if len(list.Peers) == 0 {
					a.printf("No other device was found yet; touchline doctor says why.\n")
				}
				return nil
			})
		},
	}
}

// peersHere is what peers --json prints: this device as the first line of a node
// names it, and those it knows.
type peersHere struct {
	PeerID string   `json:"peerId"`
	P2P    []string `json:"p2p"`
	bridge.PeerList
}

func (a *app) errNoNode() error {
	return fmt.Errorf("no node is running for %s; start one with touchline node, in another terminal", a.data)
}

func (a *app) printPeer(p bridge.Peer) {
	state := poor.Render("away") + ", seen " + ago(p.LastSeen)
	if p.Connected {
		state = good.Render("connected") + fmt.Sprintf(", %.1f ms away, shares %s with this one", p.RTTMs, plural(p.Logs, "match", "matches"))
	}
	a.printf("\n%s\n  %s; %s\n", p.ID, state, sourceWords(p.Source))
	for _, addr := range p.Addrs {
		a.printf("  %s/p2p/%s\n", addr, p.ID)
	}
	if p.LastError != "" {
		a.printf("  %s\n", poor.Render(fmt.Sprintf("%s, last: %s", count(p.Failures, "failed attempt"), clean(p.LastError))))
	}
}

// sourceWords say how a device became known.
func sourceWords(source string) string {
	switch source {
	case "mdns":
		return "found on the local network"
	case "remembered":
		return "known from an earlier run"
	case "flag":
		return "named by --peer"
	case "relay":
		return "named by --relay"
	case "invite":
		return "named in an invite"
	}
	return "it called this device"
}

func (a *app) syncCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "sync [MATCH]",
		Short: "Make matches equal with every connected device now",
		Long: `A running node does this by itself whenever it is needed. This command does it
once more, waits for the end and says what came of it. It fails when nobody who
follows the match is connected, or somebody did not become equal.`,
		Args: takes(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var met, unequal int
			err := a.each(cmd, args, func(c *client, m bridge.Match) error {
				if !c.running {
					return a.errNoNode()
				}
				var r bridge.SyncReport
				if err := c.call(cmd.Context(), http.MethodPost, localPath(m.ID, "/sync"), nil, &r); err != nil {
					return err
				}
				met += r.Peers
				unequal += r.Peers - r.Equal + len(r.Errors)
				return a.printSync(m, r)
			})
			switch {
			case err != nil:
				return err
			case unequal > 0:
				return fmt.Errorf("%d exchanges did not end equal; try again, then touchline doctor", unequal)
			case met == 0:
				return errors.New("nobody who follows this is connected; touchline doctor says why")
			}
			return nil
		},
	}
}

func (a *app) printSync(m bridge.Match, r bridge.SyncReport) error {
	if a.json {
		return a.printJSON(r)
	}
	if r.Peers == 0 {
		a.printf("%s: nobody else is connected\n", title(m))
	} else {
		a.printf("%s: %d of %s equal; %d events sent, %d got, in %.0f ms\n", title(m), r.Equal, count(r.Peers, "device"), r.Sent, r.Got, r.DurationMs)
	}
	for _, id := range slices.Sorted(maps.Keys(r.Errors)) {
		a.printf("  %s: %s\n", id, clean(r.Errors[id]))
	}
	return nil
}
