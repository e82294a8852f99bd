package main

import (
	_ "embed"
	"io"

	"github.com/spf13/cobra"
)

// bashCompletion needs nothing but bash, and takes labels with spaces; what
// cobra writes for bash does neither.
//
//go:embed completion.bash
var bashCompletion string

func (a *app) completionCommand(root *cobra.Command) *cobra.Command {
	scripts := map[string]func(io.Writer) error{
		"bash": func(w io.Writer) error {
			_, err := io.WriteString(w, bashCompletion)
			return err
		},
		"zsh":        root.GenZshCompletion,
		"fish":       func(w io.Writer) error { return root.GenFishCompletion(w, true) },
		"powershell": root.GenPowerShellCompletionWithDesc,
	}
	return &cobra.Command{
		Use:     "completion bash|zsh|fish|powershell",
		Short:   "Let the TAB key complete matches, roles and kinds of event",
		GroupID: "help",
		Long: `Prints a script for a shell. It completes commands, flags, the matches of this
device, roles and kinds of event, whether a node is running or not.`,
		Example: `  source <(touchline completion bash)                     this shell
  echo 'source <(touchline completion bash)' >> ~/.bashrc    every shell
  touchline completion zsh > "${fpath[1]}/_touchline"
  touchline completion fish > ~/.config/fish/completions/touchline.fish`,
		ValidArgs:             []string{"bash", "zsh", "fish", "powershell"},
		Args:                  takes(1, 1),
		DisableFlagsInUseLine: true,
		RunE: func(_ *cobra.Command, args []string) error {
			script := scripts[args[0]]
			if script == nil {
				return usagef("there is a script for bash, zsh, fish and powershell, not for %q", args[0])
			}
			return script(a.out)
		},
	}
}
