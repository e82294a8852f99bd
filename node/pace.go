package node

import (
	"context"
	"time"
)

// pacer says when to beat. On a small device waking up costs more than beating,
// so beats come together: a node beats on all links that it dialled at the same
// moment, and on the others when the peer's beat has woken it anyway.
type pacer struct {
	start   time.Time       // of a node's common beat
	answers <-chan struct{} // the peer's beats; nil: we dialled
	last    time.Time
}

// answerLatest is how long we wait for a peer's beat before we beat unasked.
const answerLatest = beatEvery * 3 / 2

// wait returns when it is time for the next beat; false if ctx is done.
func (p *pacer) wait(ctx context.Context) bool {
	p.last = time.Now()
	timer := time.NewTimer(p.pause(p.last))
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			return true
		case <-p.answers:
			// If both sides think that they were dialled, beats must not
			// answer answers.
			if time.Since(p.last) >= beatEvery/2 {
				return true
			}
		case <-ctx.Done():
			return false
		}
	}
}

// pause is how long the timer of a beat runs at most.
func (p *pacer) pause(now time.Time) time.Duration {
	if p.answers != nil {
		return answerLatest
	}
	return beatEvery - now.Sub(p.start)%beatEvery
}
