package node

import (
	"fmt"
	"testing"
	"time"
)

func TestBudget(t *testing.T) {
	start := time.Unix(0, 0)
	at := func(s float64) time.Time { return start.Add(time.Duration(s * float64(time.Second))) }
	b := newBudget(allowance{burst: 10, rate: 2, atOnce: 2})
	for _, step := range []struct {
		at   float64
		who  string
		cost float64       // of an end before the begin; 0: none
		wait time.Duration // of the begin
	}{
		{0, "a", 0, 0},
		{0, "a", 0, 0},
		{0, "a", 0, time.Second},               // two at once
		{0, "b", 0, 0},                         // others have their own
		{1, "a", 30, 10500 * time.Millisecond}, // may end up owing 20
		{11, "a", 0, 500 * time.Millisecond},
		{11.6, "a", 0, 0},
		{1000, "a", 9, 0}, // no more than a burst is saved up
		{1000, "a", 2, time.Second},
	} {
		if step.cost > 0 {
			b.end(at(step.at), step.who, step.cost)
		}
		if got := b.begin(at(step.at), step.who); got != step.wait {
			t.Fatalf("%+v: waits %v", step, got)
		}
	}
}

// Thousands of identities cost bounded memory, and do not wash away a debt.
func TestBudgetForgetsWhoOwesNothing(t *testing.T) {
	now := time.Unix(0, 0)
	b := newBudget(allowance{burst: 10, rate: 1, atOnce: 1})
	b.begin(now, "debtor")
	b.end(now, "debtor", 1000)
	for i := range 3 * maxBuckets {
		who := fmt.Sprint(i)
		b.begin(now, who)
		b.end(now, who, float64(i%3))
	}
	if len(b.buckets) > maxBuckets {
		t.Errorf("%d identities", len(b.buckets))
	}
	if b.begin(now, "debtor") == 0 {
		t.Error("a debt was forgotten")
	}
}
