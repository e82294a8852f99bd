package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

// save streams a resource into a file, which appears only when it is whole.
func (a *app) save(ctx context.Context, c *client, path, file string, force bool) (int64, error) {
	if err := mayWrite(file, force); err != nil {
		return 0, err
	}
	resp, err := c.request(ctx, http.MethodGet, path, nil, nil)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	return a.saveFrom(resp.Body, file, force)
}

// saveFrom is save for what is at hand.
func (a *app) saveFrom(from io.Reader, file string, force bool) (int64, error) {
	return a.saveBy(func(to io.Writer) (int64, error) { return io.Copy(to, from) }, file, force)
}

// saveBy keeps what write writes, unless it fails.
func (a *app) saveBy(write func(io.Writer) (int64, error), file string, force bool) (int64, error) {
	if err := mayWrite(file, force); err != nil {
		return 0, err
	}
	if file == "-" {
		return write(a.out)
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*")
	if err != nil {
		return 0, err
	}
	defer os.Remove(tmp.Name()) // after the rename there is nothing to remove
	n, err := write(tmp)
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return n, err
	}
	return n, os.Rename(tmp.Name(), file)
}

// mayWrite refuses what is there already, unless force says otherwise.
func mayWrite(file string, force bool) error {
	if file == "-" {
		return nil
	}
	switch info, err := os.Stat(file); {
	case err == nil && info.IsDir():
		return fmt.Errorf("%s is a folder; give the name of a file", file)
	case err == nil && !force:
		return fmt.Errorf("%s exists already; choose another name, or replace it with --force", file)
	}
	if _, err := os.Stat(filepath.Dir(file)); err != nil {
		return fmt.Errorf("the folder %s does not exist", filepath.Dir(file))
	}
	return nil
}

// forceFlag adds --force to a command that writes a file.
func forceFlag(cmd *cobra.Command, force *bool) {
	cmd.Flags().BoolVar(force, "force", false, "replace FILE if it exists")
}

func (a *app) saved(file string, n int64) error {
	switch {
	case file == "-":
		return nil
	case a.json:
		return a.printJSON(map[string]any{"file": file, "bytes": n})
	}
	a.printf("%s: %d bytes\n", file, n)
	return nil
}
