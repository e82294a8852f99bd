package main

import (
	"fmt"
	"strings"
	"time"
)

// wrongClock is the flag --clock-offset, for tests: by how much the device's
// clock is off, or a schedule of such offsets, "0s,3h@5s": right at first, and
// three hours ahead from five seconds after the start.
type wrongClock struct {
	start time.Time
	steps []clockStep
}

// clockStep: from after the start on, the clock is off by offset.
type clockStep struct{ offset, after time.Duration }

// now is the wrong clock's reading.
func (c *wrongClock) now() time.Time {
	now := time.Now()
	var offset time.Duration
	for _, s := range c.steps {
		if now.Sub(c.start) >= s.after {
			offset = s.offset
		}
	}
	return now.Add(offset)
}

// String, Set and Type make a flag of it.
func (c *wrongClock) String() string {
	var parts []string
	for _, s := range c.steps {
		part := s.offset.String()
		if s.after != 0 {
			part += "@" + s.after.String()
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ",")
}

func (c *wrongClock) Set(text string) error {
	c.start, c.steps = time.Now(), nil
	for part := range strings.SplitSeq(text, ",") {
		offset, after, later := strings.Cut(part, "@")
		var s clockStep
		var err error
		if s.offset, err = time.ParseDuration(offset); err != nil {
			return err
		}
		if later {
			if s.after, err = time.ParseDuration(after); err != nil {
				return err
			}
		}
		if n := len(c.steps); n > 0 && s.after <= c.steps[n-1].after {
			return fmt.Errorf("%q does not come after what stands before it", part)
		}
		c.steps = append(c.steps, s)
	}
	return nil
}

func (c *wrongClock) Type() string { return "duration" }
