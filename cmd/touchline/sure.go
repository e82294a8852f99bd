package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"
)

// errNotSure: the person at the terminal thought better of it.
var errNotSure = errors.New("nothing was done")

// notBack is said of what only an invite, or nothing at all, brings back.
const notBack = "It cannot be taken back."

// sure asks the person at the terminal before something that destroys; what says
// what it is. A script, where nobody can be asked, says --yes.
func (a *app) sure(yes bool, what string) error {
	if yes {
		return nil
	}
	f, ok := a.in.(*os.File)
	if !ok || !term.IsTerminal(f.Fd()) {
		return usagef("%s Nothing was done; to do it, say --yes", what)
	}
	fmt.Fprintf(a.err, "%s Type yes to go on: ", what)
	line, err := bufio.NewReader(f).ReadString('\n')
	if err != nil || !strings.EqualFold(strings.TrimSpace(line), "yes") {
		return errNotSure
	}
	return nil
}

// yesFlag adds --yes to a command that asks first.
func yesFlag(cmd *cobra.Command, yes *bool) { cmd.Flags().BoolVar(yes, "yes", false, "do not ask") }
