package crdttest

import (
	"os"
	"testing"
)

// Lacking ends a test for which this machine lacks something: root, a program,
// a kernel's feature. On a developer's machine the test is skipped; where CI is
// set in the environment nothing may be skipped unseen, and it fails.
func Lacking(t testing.TB, what ...any) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(append([]any{"NOT TESTED, in CI a failure:"}, what...)...)
	}
	t.Skip(append([]any{"NOT TESTED:"}, what...)...)
}
