package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// load is events being recorded at several nodes, at an even rate each. A node
// that does not answer is no failure of the load: only what was acknowledged
// counts, and each side is counted by itself.
type load struct {
	m       *matchOnLAN
	ctx     context.Context
	stop    context.CancelFunc
	writers sync.WaitGroup
	acked   []atomic.Int64 // by node
}

// writersPerNode lets a node keep the rate though one request may take long.
const writersPerNode = 4

// write begins to record perSecond events a second at each of the nodes.
func (m *matchOnLAN) write(perSecond int, nodes ...int) *load {
	l := &load{m: m, acked: make([]atomic.Int64, len(m.nodes))}
	l.ctx, l.stop = context.WithCancel(context.Background())
	start, every := time.Now(), time.Second/time.Duration(perSecond)
	for _, i := range nodes {
		var next atomic.Int64
		for range writersPerNode {
			l.writers.Go(func() {
				for {
					k := next.Add(1)
					due := time.NewTimer(time.Until(start.Add(time.Duration(k) * every)))
					select {
					case <-due.C:
						l.record(i, fmt.Sprintf("%d-%d-%d", i, start.UnixNano(), k))
					case <-l.ctx.Done():
						due.Stop()
						return
					}
				}
			})
		}
	}
	return l
}

func (l *load) record(i int, id string) {
	if l.m.record(i, l.m.id, id, "note") == nil {
		l.acked[i].Add(1)
		l.m.ack(id)
	}
}

// counts is how many events each node has acknowledged so far.
func (l *load) counts() []int64 {
	out := make([]int64, len(l.acked))
	for i := range l.acked {
		out[i] = l.acked[i].Load()
	}
	return out
}

// end stops recording and waits for answers that are under way.
func (l *load) end() {
	l.stop()
	l.writers.Wait()
}

// kept demands that each node acknowledged what perSecond asks for, since
// before and for so long: three quarters of it in a soak, which has the machine
// to itself; a tenth elsewhere, which no node reaches that waits for another, and
// which a machine busy with other work does not miss.
func (l *load) kept(before []int64, perSecond int, during time.Duration, nodes ...int) {
	l.m.t.Helper()
	asked := float64(perSecond) * during.Seconds()
	least := 0.1 * asked
	if soak {
		least = 0.75 * asked
	}
	now := l.counts()
	for _, i := range nodes {
		if got := now[i] - before[i]; float64(got) < least {
			l.m.t.Errorf("node %d acknowledged %d events in %v, asked for %.0f", i, got, during, asked)
		}
	}
}
