package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/charmbracelet/x/term"
)

// errNotSure: the person at the terminal thought better of it.
var errNotSure = errors.New("nothing was done")

// sure asks the person at the terminal before something that cannot be taken back.
// A script, where nobody can be asked, says --yes.
func (a *app) sure(yes bool, what string) error {
	if yes {
		return nil
	}
	f, ok := a.in.(*os.File)
	if !ok || !term.IsTerminal(f.Fd()) {
		return usagef("%s It cannot be taken back: say --yes", what)
	}
	fmt.Fprintf(a.err, "%s It cannot be taken back. Type yes to go on: ", what)
	line, err := bufio.NewReader(f).ReadString('\n')
	if err != nil || !strings.EqualFold(strings.TrimSpace(line), "yes") {
		return errNotSure
	}
	return nil
}
