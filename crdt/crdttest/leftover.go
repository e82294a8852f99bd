package crdttest

import (
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// leftoverWait is how long goroutines may take to end when all tests have: others use
// the machine, too.
const leftoverWait = 15 * time.Second

// RunLeavingNothing runs a package's tests, for its TestMain, and returns its exit code:
// 1 also if a goroutine is left behind when all have passed, whose stack is shown.
// Allowed are those with one of these functions on their stack.
func RunLeavingNothing(m *testing.M, allowed ...string) int {
	if code := m.Run(); code != 0 {
		return code
	}
	var options []goleak.Option
	for _, f := range allowed {
		options = append(options, goleak.IgnoreAnyFunction(f))
	}
	err := goleak.Find(options...)
	for deadline := time.Now().Add(leftoverWait); err != nil && time.Now().Before(deadline); {
		err = goleak.Find(options...)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "a test left goroutines behind:", err)
		return 1
	}
	return 0
}
