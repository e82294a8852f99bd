// Command touchline records matches, shares them between devices and shows
// them. It is one program: a node, and the commands that talk to it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"syscall"

	"github.com/spf13/cobra"
)

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() { os.Exit(run()) }

// errInterrupted is what a command says that a signal ended before it was done.
var errInterrupted = errors.New("interrupted before it was done")

// run runs the command line of this process.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	a := &app{in: os.Stdin, out: os.Stdout, err: os.Stderr}
	root := a.rootCommand()
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = errInterrupted
	}
	a.complain(err)
	return a.exitCode(err)
}

// app is what all commands share: the global flags and the streams.
type app struct {
	data     string // folder of this device
	json     bool
	passFile string
	logLevel string
	logJSON  bool

	in       io.Reader
	out, err io.Writer
	started  bool // the arguments were right
}

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "touchline",
		Short: "Record a match, share it live, lose nothing",
		Long: `Touchline records matches as signed events and keeps every device that follows
a match equal: live over the local network, healed after every interruption,
with or without internet.

Commands talk to the running node of a data folder (--data). When none is
running they open the folder themselves, without a network.`,
		Example: `  touchline match new --label "U10 final"     begin a match; prints invites
  touchline node                              take part in the network
  touchline record "U10 final" goal team=home player=7 clock=12:30 period=1
  touchline watch "U10 final"                 see it live
  touchline join 'touchline:1#…'              on another device`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE:          helpOr,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			_, err := a.logger()
			a.started = err == nil
			return err
		},
	}
	f := root.PersistentFlags()
	f.StringVar(&a.data, "data", defaultData(), "`folder` of this device (or $TOUCHLINE_DATA)")
	f.StringVar(&a.passFile, "passphrase-file", "", "`file` with the passphrase of the data folder (or $TOUCHLINE_PASSPHRASE)")
	f.BoolVar(&a.json, "json", false, "write JSON for programs")
	f.StringVar(&a.logLevel, "log-level", "warn", "debug, info, warn or error; goes to stderr")
	f.BoolVar(&a.logJSON, "log-json", false, "write the log as JSON")
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetFlagErrorFunc(flagError)
	a.addCommands(root)
	return root
}

// addCommands adds all commands in the groups in which help shows them.
func (a *app) addCommands(root *cobra.Command) {
	for i, g := range []struct {
		title    string
		commands []*cobra.Command
	}{
		{"A match:", []*cobra.Command{a.matchCommand(), a.teamCommand(), a.inviteCommand(), a.joinCommand(), a.recordCommand(), a.confirmCommand(), a.retractCommand(), a.amendCommand(), a.watchCommand(), a.logCommand()}},
		{"The football:", []*cobra.Command{a.stateCommand(), a.timelineCommand(), a.statsCommand(), a.whyCommand(), a.competitionCommand(), a.tableCommand(), a.bracketCommand()}},
		{"Rights:", []*cobra.Command{a.grantsCommand(), a.revokeCommand(), a.handOverCommand(), a.rotateCommand(), a.passphraseCommand(), a.tokenCommand(), a.namespaceCommand()}},
		{"Names and erasing:", []*cobra.Command{a.nameCommand(), a.namesCommand(), a.eraseCommand(), a.purgeCommand()}},
		{"The network:", []*cobra.Command{a.nodeCommand(), a.relayCommand(), a.statusCommand(), a.peersCommand(), a.syncCommand(), a.doctorCommand()}},
		{"Files:", []*cobra.Command{a.exportCommand(), a.importCommand(), a.verifyCommand(), a.backupCommand(), a.restoreCommand(), a.retireCommand()}},
		{"Trying it out:", []*cobra.Command{a.replayCommand(), a.demoCommand(), a.simCommand(), a.benchCommand()}},
	} {
		id := strconv.Itoa(i)
		root.AddGroup(&cobra.Group{ID: id, Title: g.title})
		for _, c := range g.commands {
			c.GroupID = id
			root.AddCommand(c)
		}
	}
	root.AddGroup(&cobra.Group{ID: "help", Title: "Help:"})
	root.SetHelpCommand(helpCommand())
	root.SetHelpCommandGroupID("help")
	root.AddCommand(a.completionCommand(root))
	a.addCompletion(root)
}

// logger writes to stderr.
func (a *app) logger() (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(a.logLevel)); err != nil {
		return nil, usagef("--log-level is one of debug, info, warn, error")
	}
	o := &slog.HandlerOptions{Level: level}
	if a.logJSON {
		return slog.New(slog.NewJSONHandler(a.err, o)), nil
	}
	return slog.New(slog.NewTextHandler(a.err, o)), nil
}

// printJSON writes v as one line.
func (a *app) printJSON(v any) error { return writeJSON(a.out, v, "") }

func (a *app) printf(format string, args ...any) { fmt.Fprintf(a.out, format, args...) }

func defaultData() string {
	if dir := os.Getenv("TOUCHLINE_DATA"); dir != "" {
		return dir
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ".touchline"
	}
	return filepath.Join(home, ".touchline")
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			v += " " + s.Value
		}
	}
	return v
}
