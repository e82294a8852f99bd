// Package web_test runs the tests of the browser's code, so that go test covers both languages.
package web_test

import (
	"os/exec"
	"testing"

	"touchline.dev/touchline/bridge/web/webtest"
	"touchline.dev/touchline/crdt/crdttest"
)

// The tests of the TypeScript read the vectors of docs/vectors, as the Go packages do.
func TestTypeScript(t *testing.T) { run(t, "test.mjs") }

func TestTypes(t *testing.T) { run(t, "node_modules/typescript/bin/tsc", "-p", "tsconfig.json") }

// The package that pages are built with is packed, installed without a network,
// type-checked by a strict program, and imported.
func TestPackage(t *testing.T) {
	if _, err := exec.LookPath("npm"); err != nil {
		crdttest.Lacking(t, "npm is not installed")
	}
	run(t, "test/package.mjs", t.TempDir())
}

// run runs a script with node in this folder.
func run(t *testing.T, args ...string) {
	t.Helper()
	webtest.Run(t, webtest.Command(t, args...))
}
