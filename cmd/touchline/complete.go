package main

import (
	"context"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/crdt/match"
	"touchline.dev/touchline/crdt/match/table"
	"touchline.dev/touchline/node"
	"touchline.dev/touchline/node/badgerstore"
)

// completeWithin bounds what the TAB key may wait for.
const completeWithin = time.Second

// recordKeys are the keys of record that mean something of their own, and
// common ones of data.
var recordKeys = []string{"team=home", "team=away", "period=", "clock=", "player=", "assist=", "lane=live", "lane=bulk", "ref=", "note="}

var (
	roles      = []string{"admin", "referee", "coach", "record", "guardian", "family", "watch", "relay"}
	tokenRoles = []string{"coach", "record", "guardian", "family", "watch"}
)

type completer = func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective)

// addCompletion says what the shell may offer for each command's arguments and
// flags. Errors are silent: a shell has no place to show them.
func (a *app) addCompletion(root *cobra.Command) {
	ours := a.completeMatch
	for name, args := range map[string][]completer{
		"invite": {ours}, "record": {ours, words(match.Kinds())}, "watch": {ours}, "log": {ours},
		"state": {ours}, "timeline": {ours}, "stats": {ours}, "why": {ours},
		"competition new": nil, "competition list": nil, "competition add": {none, ours}, "competition remove": {none, ours}, "competition delete": nil, "competition adjust": nil, "competition lots": nil, "competition forfeit": nil, "competition import": {none, file}, "competition table": nil, "competition bracket": nil, "competition pairs": nil, "competition ladder": nil, "table": nil, "bracket": nil,
		"confirm": {ours}, "retract": {ours}, "amend": {ours},
		"status": {ours}, "sync": {ours}, "doctor": {ours}, "export": {ours, file},
		"token": {ours}, "retire": {ours}, "name": {ours}, "names": {ours}, "erase": {ours}, "purge": {ours},
		"grants": {ours}, "handover": {ours}, "rotate": {ours}, "revoke": nil, "match fingerprint": {ours}, "team new": nil, "team announce": {ours, ours}, "namespace": nil, "passphrase set": nil, "passphrase remove": nil,
		"verify": {matchOrFile(ours)}, "import": {file}, "restore": {file}, "backup": {file}, "replay": {file},
		"node": nil, "relay": nil, "join": nil, "peers": nil, "bench": nil, "sim": nil, "demo": nil, "match new": nil, "match list": nil, "token list": nil, "token revoke": nil,
	} {
		cmd, _, err := root.Find(strings.Fields(name))
		if err != nil {
			panic(err) // a command was renamed
		}
		cmd.ValidArgsFunction = inTurn(args, name == "record")
		may := roles
		if name == "token" {
			may = tokenRoles
		}
		for flag, values := range map[string]completer{
			"role": words(may), "type": words(match.Kinds()), "into": ours, "match": ours, "follow": ours, "consent": words([]string{"none", "first", "full", "never"}), "team": words(sideNames), "listen": words([]string{"127.0.0.1:3001", ":3001", "off"}), "guests": words([]string{"none", "watch", "record"}), "preset": words(table.PresetNames()),
		} {
			if cmd.Flags().Lookup(flag) != nil {
				_ = cmd.RegisterFlagCompletionFunc(flag, values) // fails only for a flag that is not there
			}
		}
	}
	_ = root.RegisterFlagCompletionFunc("log-level", words([]string{"debug", "info", "warn", "error"}))
	_ = root.MarkPersistentFlagDirname("data")
}

// inTurn completes each argument by its own rule; after the last, pairs asks
// for key=value.
func inTurn(args []completer, pairs bool) completer {
	return func(cmd *cobra.Command, have []string, typed string) ([]string, cobra.ShellCompDirective) {
		switch {
		case len(have) < len(args):
			return args[len(have)](cmd, have, typed)
		case pairs:
			list, _ := words(recordKeys)(cmd, have, typed)
			return list, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		}
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
}

func words(list []string) completer {
	return func(_ *cobra.Command, _ []string, typed string) (out []string, _ cobra.ShellCompDirective) {
		for _, w := range list {
			if strings.HasPrefix(w, typed) {
				out = append(out, w)
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	}
}

func file(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}

func none(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveNoFileComp
}

func matchOrFile(ours completer) completer {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		list, _ := ours(cmd, args, typed)
		return list, cobra.ShellCompDirectiveDefault
	}
}

// completeMatch offers labels, and short IDs of matches without one or when an
// ID is being typed.
func (a *app) completeMatch(_ *cobra.Command, _ []string, typed string) (out []string, _ cobra.ShellCompDirective) {
	for _, m := range a.matchesQuickly() {
		if id := m.ID.Short(); strings.HasPrefix(id, strings.ToLower(typed)) && (typed != "" || m.Label == "") {
			out = append(out, id+"\t"+clean(m.Label))
		}
		if m.Label != "" && strings.HasPrefix(m.Label, typed) && clean(m.Label) == m.Label {
			out = append(out, m.Label+"\t"+m.ID.Short())
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// matchesQuickly asks the running node, or looks into the store without
// opening its logs; nothing if neither answers at once.
func (a *app) matchesQuickly() (out []bridge.Match) {
	if c := a.dialNode(); c != nil {
		ctx, cancel := context.WithTimeout(context.Background(), completeWithin)
		defer cancel()
		out, _ = c.matches(ctx)
		_ = c.close()
		return out
	}
	if !a.exists() {
		return nil
	}
	st, err := badgerstore.Open(filepath.Join(a.data, storeName), badgerstore.Options{Hints: node.Hints(), Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		return nil
	}
	defer st.Close()
	members, err := node.Memberships(st)
	if err != nil {
		return nil
	}
	for _, m := range members {
		out = append(out, matchOf(m))
	}
	return out
}

func matchOf(m *access.Member) bridge.Match {
	return bridge.Match{ID: m.Log, Label: m.Label, Role: m.Role.String(), Team: m.Team, Grant: m.Grant}
}
