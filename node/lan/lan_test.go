package lan

import (
	"context"
	"testing"

	"touchline.dev/touchline/crdt/crdttest"
)

func TestCutAndHeal(t *testing.T) {
	if err := Supported(); err != nil {
		crdttest.Lacking(t, "no network namespaces here:", err)
	}
	l, err := New(2)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, step := range []func() error{
		func() error { return l.Cut(1) }, func() error { return l.Heal(1) },
		func() error { return l.Split([]int{0}, []int{1}) }, func() error { return l.Heal(0, 1) },
		func() error { return l.CutTo(0, 1) }, func() error { return l.HealTo(0, 1) },
	} {
		if err := step(); err != nil {
			t.Error(err)
		}
	}
	if err := l.Command(context.Background(), 0, "ip", "route", "get", "1.1.1.1").Run(); err == nil {
		t.Error("a host reaches the world")
	}
}
