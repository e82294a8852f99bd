// Package webtest runs scripts of Node for tests: in bridge/web, with the packages
// that are installed there, and no longer than a test may take.
package webtest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"touchline.dev/touchline/crdt/crdttest"
)

// most is how long a script may run.
const most = 8 * time.Minute

// Folder is the path of bridge/web. A test on a machine without Node or the packages
// ends here, see [crdttest.Lacking].
func Folder(t testing.TB) string {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		crdttest.Lacking(t, "node is not installed")
	}
	dir, err := os.Getwd()
	for err == nil && dir != filepath.Dir(dir) {
		if _, none := os.Stat(filepath.Join(dir, "go.mod")); none == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	web := filepath.Join(dir, "bridge", "web")
	if _, err := os.Stat(filepath.Join(web, "node_modules", "esbuild")); err != nil {
		crdttest.Lacking(t, "npm's packages are not installed: make setup")
	}
	return web
}

// Command is a script with its arguments, to be run in bridge/web.
func Command(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	web := Folder(t)
	ctx, cancel := context.WithTimeout(context.Background(), most)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, "node", args...)
	cmd.Dir, cmd.Env = web, os.Environ()
	return cmd
}

// Run runs a command to its end and returns what it printed. It must end well.
func Run(t testing.TB, cmd *exec.Cmd) []byte {
	t.Helper()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%.20000s", cmd.Args, err, out)
	}
	return out
}

// Start starts a command that ends with its input, which is when the test ends.
func Start(t testing.TB, cmd *exec.Cmd) (in io.Writer, out *bufio.Reader) {
	t.Helper()
	cmd.Stderr = os.Stderr
	w, r := start(t, cmd)
	t.Cleanup(func() {
		w.Close()
		if err := cmd.Wait(); err != nil && !t.Failed() {
			t.Errorf("%v: %v", cmd.Args, err)
		}
	})
	return w, bufio.NewReader(r)
}

// Converse runs a command that asks for things in lines that begin with "ask ": each is
// answered in a line of JSON. Its other lines go to said. It must end well.
func Converse(t testing.TB, cmd *exec.Cmd, answer func(what string) any, said func(line string)) {
	t.Helper()
	var wrong strings.Builder
	cmd.Stderr = &wrong
	in, out := start(t, cmd)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		what, asked := strings.CutPrefix(lines.Text(), "ask ")
		if !asked {
			said(lines.Text())
			continue
		}
		b, err := json.Marshal(answer(what))
		if err != nil {
			t.Error(err)
		}
		fmt.Fprintf(in, "%s\n", b)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v: %v\n%s", cmd.Args, err, wrong.String())
	}
}

func start(t testing.TB, cmd *exec.Cmd) (io.WriteCloser, io.Reader) {
	t.Helper()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return in, out
}
