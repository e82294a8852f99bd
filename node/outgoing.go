package node

import "sync"

// maxOutgoing is how many durable events may wait to be published before who
// records publishes by himself.
const maxOutgoing = 256

// outgoing publishes what is durable here, in order, behind the backs of those
// who wait for an acknowledgement: that an event is on its way is no part of one, and
// what a crash keeps from going out goes by reconciliation (rule R2).
type outgoing struct {
	mu      sync.Mutex
	waiting []func()      // guarded by mu
	running chan struct{} // guarded by mu; closed when nothing waits any more; nil: nothing runs
}

// later does f after all that was handed over before it, or at once, before it
// returns, when too much waits.
func (o *outgoing) later(f func()) {
	o.mu.Lock()
	if len(o.waiting) >= maxOutgoing {
		o.mu.Unlock()
		f()
		return
	}
	defer o.mu.Unlock()
	o.waiting = append(o.waiting, f)
	if o.running == nil {
		o.running = make(chan struct{})
		go o.run()
	}
}

func (o *outgoing) run() {
	for {
		o.mu.Lock()
		todo := o.waiting
		o.waiting = nil
		if len(todo) == 0 {
			close(o.running)
			o.running = nil
			o.mu.Unlock()
			return
		}
		o.mu.Unlock()
		for _, f := range todo {
			f()
		}
	}
}

// wait returns when nothing runs.
func (o *outgoing) wait() {
	o.mu.Lock()
	running := o.running
	o.mu.Unlock()
	if running != nil {
		<-running
	}
}
