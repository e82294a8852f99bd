package bridge_test

import (
	"os"
	"testing"

	"touchline.dev/touchline/crdt/crdttest"
)

func TestMain(m *testing.M) { os.Exit(crdttest.RunLeavingNothing(m)) }
