package crdt

import (
	"fmt"
	"sync"
	"time"
)

// Time is a hybrid logical clock reading (Kulkarni et al. 2014): milliseconds
// since the Unix epoch in the upper 48 bits, a counter in the lower 16. Times
// order events; they are never shown to people.
type Time uint64

// MaxDrift is how far past its own clock a received time may carry a [Clock]
// (rule R11): a wrong clock poisons nobody else's for longer than a day.
const MaxDrift = 24 * time.Hour

// MakeTime builds a Time from milliseconds and a counter.
func MakeTime(ms uint64, counter uint16) Time { return Time(ms<<16 | uint64(counter)) }

// Millis is the physical part in milliseconds since the Unix epoch.
func (t Time) Millis() uint64 { return uint64(t) >> 16 }

// Counter is the logical part.
func (t Time) Counter() uint16 { return uint16(t) }

// String is "milliseconds.counter".
func (t Time) String() string { return fmt.Sprintf("%d.%d", t.Millis(), t.Counter()) }

// Clock hands out Times, each greater than all it handed out or observed
// before. It may be used from any goroutine.
type Clock struct {
	now func() time.Time // immutable

	mu   sync.Mutex
	last Time // guarded by mu
}

// NewClock returns a Clock over the given wall clock; nil means time.Now.
func NewClock(now func() time.Time) *Clock {
	if now == nil {
		now = time.Now
	}
	return &Clock{now: now}
}

// Now returns the next Time and the wall clock's own reading in milliseconds,
// which received times never move.
func (c *Clock) Now() (t Time, ownMs int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ownMs = c.now().UnixMilli()
	c.last = max(c.last+1, MakeTime(uint64(max(ownMs, 0)), 0))
	return c.last, ownMs
}

// Observe makes later Times greater than t, unless t lies more than
// [MaxDrift] past the wall clock; then it advances to no more than that.
func (c *Clock) Observe(t Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	limit := MakeTime(uint64(max(c.now().Add(MaxDrift).UnixMilli(), 0)), 0)
	c.last = max(c.last, min(t, limit))
}
