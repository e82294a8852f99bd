package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"touchline.dev/touchline/node"
	"touchline.dev/touchline/node/badgerstore"
	"touchline.dev/touchline/node/vault"
)

// passphraseName is the file of what a passphrase is checked with.
const passphraseName = "passphrase.json"

func (a *app) passphraseFile() string { return filepath.Join(a.data, passphraseName) }

// unlock returns the vault of the data folder; nil if its keys lie open.
func (a *app) unlock() (*vault.Vault, error) {
	if _, err := os.Stat(a.passphraseFile()); errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	p, err := a.passphrase("Passphrase: ")
	if err != nil {
		return nil, err
	}
	v, err := vault.Open(a.passphraseFile(), p)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", a.data, err)
	}
	return v, nil
}

// passphrase reads the passphrase of this folder: from a file, from the
// environment, or from the person at the terminal.
func (a *app) passphrase(prompt string) ([]byte, error) {
	if a.passFile != "" {
		b, err := os.ReadFile(a.passFile)
		if err != nil {
			return nil, fmt.Errorf("passphrase: %w", err)
		}
		return bytes.TrimRight(b, "\r\n"), nil
	}
	if p := os.Getenv("TOUCHLINE_PASSPHRASE"); p != "" {
		return []byte(p), nil
	}
	return a.ask(prompt)
}

// ask reads a line from the terminal without showing it.
func (a *app) ask(prompt string) ([]byte, error) {
	f, ok := a.in.(*os.File)
	if !ok || !term.IsTerminal(f.Fd()) {
		return nil, fmt.Errorf("%w: give it with --passphrase-file or $TOUCHLINE_PASSPHRASE", vault.ErrLocked)
	}
	fmt.Fprint(a.err, prompt)
	p, err := term.ReadPassword(f.Fd())
	fmt.Fprintln(a.err)
	return p, err
}

func (a *app) passphraseCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "passphrase",
		Short: "Keep this device's keys under a passphrase",
		Long: `Keys lie in the data folder, readable for its owner only. Under a passphrase they
are worth nothing to who copies the folder; every start of a node needs it: from
the terminal, $TOUCHLINE_PASSPHRASE or --passphrase-file. It has at least 8
characters; four or five words are better. The events themselves stay as they
are: in a sealed match they are sealed. Setting one rewrites the
database, overwriting all files in which keys lay open; what a flash disk or a
snapshot keeps beneath the files is beyond it. The node must be stopped.`,
		Example: `  touchline passphrase set
  touchline passphrase remove`,
		RunE: only,
	}
	cmd.AddCommand(&cobra.Command{
		Use: "set", Short: "Set or change the passphrase; the new one comes from the terminal or standard input", Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.setPassphrase(cmd.Context()) },
	}, &cobra.Command{
		Use: "remove", Short: "Let the keys lie open again", Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.rekey(cmd.Context(), nil)
		},
	})
	return cmd
}

func (a *app) setPassphrase(ctx context.Context) error {
	if err := a.mayRekey(); err != nil {
		return err // before anything is asked
	}
	p, err := a.newPassphrase()
	if err != nil {
		return err
	}
	return a.rekey(ctx, p)
}

// mayUse says why a new passphrase will not do, and what would.
func mayUse(p []byte) error {
	if err := vault.Check(p); err != nil {
		return fmt.Errorf("%w, and better are four or five words; nothing was changed", err)
	}
	return nil
}

// newPassphrase reads a new passphrase, twice from a terminal.
func (a *app) newPassphrase() ([]byte, error) {
	if f, ok := a.in.(*os.File); !ok || !term.IsTerminal(f.Fd()) {
		line, err := bufio.NewReader(a.in).ReadBytes('\n')
		switch line = bytes.TrimRight(line, "\r\n"); {
		case len(line) > 0:
			return line, mayUse(line)
		case err != nil && !errors.Is(err, io.EOF):
			return nil, fmt.Errorf("passphrase on standard input: %w", err)
		}
		return nil, errors.New("no passphrase on standard input: it takes the first line, which is empty")
	}
	p, err := a.ask("New passphrase: ")
	if err == nil {
		err = mayUse(p) // before it is typed once more
	}
	if err != nil {
		return nil, err
	}
	again, err := a.ask("Once more: ")
	if err == nil && !bytes.Equal(p, again) {
		err = errors.New("the two differ; nothing was changed")
	}
	return p, err
}

// rekey rewrites the folder's secrets under a new passphrase; nil: open. The new
// parameters take the place of the old ones once all is rewritten; a crash
// between leaves both files, and the next attempt goes on. With a passphrase
// nothing stays in the folder that opens without it.
func (a *app) rekey(ctx context.Context, passphrase []byte) error {
	if err := a.mayRekey(); err != nil {
		return err
	}
	from, err := a.unlock()
	if err != nil {
		return err
	}
	next := a.passphraseFile() + ".new"
	var to *vault.Vault
	if passphrase != nil {
		if to, err = openOrCreate(next, passphrase); err != nil {
			return err
		}
	}
	log, err := a.logger()
	if err != nil {
		return err
	}
	st, err := badgerstore.Open(filepath.Join(a.data, storeName), badgerstore.Options{Hints: node.Hints(), Logger: log})
	if err != nil {
		return err
	}
	if err := errors.Join(rewriteSecrets(ctx, st, from, to), st.Close()); err != nil {
		return err
	}
	if to == nil {
		return os.Remove(a.passphraseFile())
	}
	if err := os.Rename(next, a.passphraseFile()); err != nil {
		return err
	}
	return a.warnOfDamaged()
}

// rewriteSecrets seals the secrets anew and, if they are under a passphrase now,
// leaves no copy of what they were.
func rewriteSecrets(ctx context.Context, st *badgerstore.Store, from, to *vault.Vault) error {
	if to == nil {
		return vault.Rekey(ctx, st, from, to)
	}
	if err := st.RoomToRewrite(); err != nil {
		return fmt.Errorf("nothing was changed: %w", err)
	}
	if err := vault.Rekey(ctx, st, from, to); err != nil {
		return err
	}
	return st.Rewrite()
}

// warnOfDamaged names databases that were moved aside with the keys they had.
func (a *app) warnOfDamaged() error {
	aside, err := filepath.Glob(filepath.Join(a.data, storeName+".bad-*"))
	for _, dir := range aside {
		fmt.Fprintf(a.err, "warning: keys may lie open in %s, a damaged database; delete it once all events are back\n", dir)
	}
	return err
}

// mayRekey says why the folder's secrets cannot be rewritten now.
func (a *app) mayRekey() error {
	if !a.exists() {
		return a.errNothing()
	}
	if c := a.dialNode(); c != nil {
		return errors.Join(errors.New("a node is running in this folder; stop it first"), c.close())
	}
	return nil
}

// openOrCreate goes on with what an interrupted attempt left, if the passphrase
// is the same.
func openOrCreate(file string, passphrase []byte) (*vault.Vault, error) {
	v, err := vault.Open(file, passphrase)
	if errors.Is(err, os.ErrNotExist) {
		return vault.Create(file, passphrase)
	}
	if errors.Is(err, vault.ErrPassphrase) {
		return nil, fmt.Errorf("an earlier change of the passphrase was interrupted; repeat it with the passphrase that was meant then: %w", err)
	}
	return v, err
}
