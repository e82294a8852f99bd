package crdt_test

import (
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/crdttest"
)

func TestMemStore(t *testing.T) {
	crdttest.TestStore(t, func(testing.TB) crdt.Store { return crdt.NewMemStore() })
}
