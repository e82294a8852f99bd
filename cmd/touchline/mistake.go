package main

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt/access"
)

// usageError is a mistake in how a command was called.
type usageError struct{ error }

func (u usageError) Unwrap() error { return u.error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// exitCode tells a command called wrongly from one that failed. What the node
// would not even try, since what it was asked for cannot be, was called wrongly;
// files are what they are, and no mistake of the caller's.
func (a *app) exitCode(err error) int {
	var usage usageError
	var p *bridge.Problem
	switch {
	case err == nil:
		return exitOK
	case !a.started, errors.As(err, &usage), errors.Is(err, access.ErrInvite), errors.As(err, &p) && p.Status == http.StatusBadRequest:
		return exitUsage
	}
	return exitFailed
}

// complain writes an error where people and programs look for it.
func (a *app) complain(err error) {
	if !a.json {
		var lines []string // of what went wrong others may have written a part
		for line := range strings.SplitSeq(err.Error(), "\n") {
			lines = append(lines, clean(line))
		}
		fmt.Fprintf(a.err, "touchline: %s\n", strings.Join(lines, "\n"))
		return
	}
	var p *bridge.Problem
	if !errors.As(err, &p) {
		p = &bridge.Problem{Type: "about:blank", Title: "Failed", Detail: err.Error()}
		if a.exitCode(err) == exitUsage {
			p = &bridge.Problem{Type: "urn:touchline:usage", Title: "Called wrongly", Detail: err.Error()}
		}
	}
	_ = writeJSON(a.err, p, "")
}

// takes checks the number of a command's arguments; most < 0: no bound.
func takes(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < least || most >= 0 && len(args) > most {
			return usagef("use it as: %s; %s --help says more", strings.TrimSuffix(cmd.UseLine(), " [flags]"), cmd.CommandPath())
		}
		return nil
	}
}

// only is what a command does that does nothing by itself: it says which of its
// subcommands there are.
func only(cmd *cobra.Command, args []string) error {
	var names []string
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	if len(args) == 0 {
		return usagef("say %s %s; %s --help says more", cmd.CommandPath(), inWords(names, "or"), cmd.CommandPath())
	}
	return usagef("%s has no %q%s; say %s", cmd.CommandPath(), args[0], meant(args[0], names), inWords(names, "or"))
}

// helpOr is what the program does when no command is named: it helps.
func helpOr(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cmd.Help()
	}
	return unknownCommand(cmd, args[0])
}

func unknownCommand(root *cobra.Command, word string) error {
	var names []string
	for _, sub := range root.Commands() {
		names = append(names, sub.Name())
	}
	return usagef("unknown command %q%s; touchline help lists them", word, meant(word, names))
}

// helpCommand is the help of cobra, but for what there is no help for.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Explain a command",
		Example: `  touchline help record
  touchline help match new`,
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			switch {
			case err != nil, about == cmd.Root() && len(rest) > 0:
				return unknownCommand(cmd.Root(), first(args))
			case len(rest) > 0 && about.HasSubCommands():
				return only(about, rest)
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, typed string) (out []string, _ cobra.ShellCompDirective) {
			about, _, err := cmd.Root().Find(args)
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			for _, sub := range about.Commands() {
				if sub.IsAvailableCommand() && strings.HasPrefix(sub.Name(), typed) {
					out = append(out, sub.Name()+"\t"+sub.Short)
				}
			}
			return out, cobra.ShellCompDirectiveNoFileComp
		},
	}
}

// The texts in which the flag package tells its errors, which have no types.
var (
	flagValue   = regexp.MustCompile(`^invalid argument "(.*)" for "(?:-\w, )?--(\S+)" flag: (.*)$`)
	flagUnknown = regexp.MustCompile(`^unknown flag: --(\S+)$`)
	flagLonely  = regexp.MustCompile(`^flag needs an argument: --(\S+)$`)
)

// flagError says a mistake in a flag in our own words.
func flagError(cmd *cobra.Command, err error) error {
	text := err.Error()
	if m := flagValue.FindStringSubmatch(text); m != nil {
		if f := cmd.Flags().Lookup(m[2]); f != nil && valueWords[f.Value.Type()] != "" {
			return usagef("--%s takes %s, not %q", f.Name, valueWords[f.Value.Type()], m[1])
		}
		return usagef("--%s %q: %s", m[2], m[1], m[3])
	}
	if m := flagLonely.FindStringSubmatch(text); m != nil {
		if f := cmd.Flags().Lookup(m[1]); f != nil {
			name, usage := pflag.UnquoteUsage(f)
			return usagef("--%s needs a value: --%s %s (%s)", f.Name, f.Name, strings.ToUpper(name), usage)
		}
	}
	hint := ""
	if m := flagUnknown.FindStringSubmatch(text); m != nil {
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
		hint = meant("--"+m[1], names)
	}
	return usagef("%s%s; %s --help lists the flags", text, hint, cmd.CommandPath())
}

// valueWords say what the value of a flag looks like, by its type.
var valueWords = map[string]string{
	"int": "a whole number", "uint64": "a whole number, not below 0", "float64": "a number such as 2 or 0.5", "duration": "a time such as 90m or 12h", "bool": "true or false",
}
