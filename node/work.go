package node

import (
	"encoding/binary"
	"fmt"
	"time"

	"touchline.dev/touchline/crdt"
)

// exchangeWork is what one peer may cost in exchanges. A unit is about a
// millisecond of a slow core: in the long run a peer takes a twentieth of one,
// and at once as much as an archive of 2,000,000 events takes.
var exchangeWork = allowance{burst: 30_000, rate: 50, atOnce: 3}

const (
	costExchange = 1      // in units
	costLog      = 1      // of a log compared by a session
	costBytes    = 50_000 // bytes for a unit
	costGone     = 20     // of an event that a peer offered and did not have
	longestBusy  = time.Minute
)

// busyError: a peer, or our budget for it, asks for a pause.
type busyError struct{ after time.Duration }

func (e busyError) Error() string {
	return fmt.Sprintf("busy, again in %v", e.after.Round(time.Millisecond))
}

func (e busyError) Is(err error) bool { return err == crdt.ErrBusy }

// cost is what an exchange took.
func (x *exchange) cost() float64 {
	c := float64(costExchange) + float64(x.report.BytesIn+x.report.BytesOut)/costBytes
	for _, l := range x.logs {
		c += costLog + costGone*float64(l.gones)
	}
	return c
}

// busyFrame is all that a peer hears which must wait.
func busyFrame(wait time.Duration) []byte {
	return appendFrame(nil, frameBusy, binary.AppendUvarint(nil, uint64(wait.Milliseconds())))
}

// readBusy makes an error of a busy frame. A peer may say what it likes, and
// is believed up to a minute.
func readBusy(b []byte) error {
	ms, n := binary.Uvarint(b)
	if n <= 0 || n != len(b) {
		return fmt.Errorf("%w: busy", crdt.ErrMalformed)
	}
	return busyError{time.Duration(min(ms, uint64(longestBusy.Milliseconds()))) * time.Millisecond}
}
