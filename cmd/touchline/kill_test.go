package main

import (
	"testing"
	"time"
)

// kill -9 while writing: what was acknowledged is there, everywhere.
func TestKillWhileWriting(t *testing.T) {
	rounds := 3
	if soak {
		rounds = 20
	}
	m := newMatchOnLAN(t, 3)
	m.startAll()
	for round := range rounds {
		l := m.write(50, 0, 1, 2)
		time.Sleep(500 * time.Millisecond)
		victims := []int{round % 3}
		if round%2 == 1 {
			victims = []int{0, 1, 2}
		}
		for _, i := range victims {
			m.kill(i)
		}
		l.end()
		for _, i := range victims {
			m.ok(m.start(i))
		}
		m.equalSoon(0, 1, 2)
		m.nothingLost(true) // one under way may have been stored and not answered
	}
	m.sameOrder()
}
