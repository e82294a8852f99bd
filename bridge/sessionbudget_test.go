package bridge

import (
	"fmt"
	"testing"
	"time"
)

func TestSessionBudget(t *testing.T) {
	var bs sessionBudgets
	now := time.Unix(1000, 0)
	count := func(client string) (n int) {
		for bs.take(now, client) {
			n++
		}
		return n
	}
	if n := count("a"); n != sessionBurst {
		t.Errorf("%d at once", n)
	}
	if n := count("b"); n != sessionBurst {
		t.Errorf("another has %d", n)
	}
	now = now.Add(5 * time.Second)
	if n := count("a"); n != 5*sessionRate {
		t.Errorf("%d more after 5 s", n)
	}
	now = now.Add(-time.Hour) // a clock set back gives nothing and takes nothing
	if n := count("a"); n != 0 {
		t.Errorf("%d for a clock set back", n)
	}
	now = now.Add(time.Hour)
	for i := range 2 * maxBudgets {
		bs.take(now, fmt.Sprint(i))
	}
	if len(bs.by) > maxBudgets {
		t.Errorf("%d clients remembered", len(bs.by))
	}
	if n := count("a"); n != 0 {
		t.Errorf("who has spent all is forgotten before others, and has %d", n)
	}
}
