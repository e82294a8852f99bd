package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"touchline.dev/touchline/bridge"
)

// honest records so many events in turn at the nodes and returns, sorted, how
// long each took until the reader showed it.
func (m *matchOnLAN) honest(events int, every time.Duration, prefix string, reader int, writers ...int) (all []time.Duration) {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(events)*every+time.Minute)
	defer cancel()
	lines, stop := m.follow(ctx, reader)
	defer stop()
	var mu sync.Mutex
	recorded := map[string]time.Time{}
	var g sync.WaitGroup
	g.Go(func() {
		for len(all) < events {
			select {
			case id := <-lines:
				mu.Lock()
				if at, ok := recorded[id]; ok {
					all = append(all, time.Since(at))
					delete(recorded, id)
				}
				mu.Unlock()
			case <-ctx.Done():
				return
			}
		}
	})
	for n := range events {
		id := fmt.Sprint(prefix, n)
		mu.Lock()
		recorded[id] = time.Now()
		mu.Unlock()
		m.ok(m.record(writers[n%len(writers)], m.id, id, "note"))
		time.Sleep(every)
	}
	g.Wait()
	if len(all) < events {
		m.t.Errorf("%d of %d events were shown", len(all), events)
	}
	slices.Sort(all)
	return all
}

// A member floods, past its own node's HTTP and disk: others go on seeing each other's
// events at once, memory is bounded, and soon after it all is as before. The long version
// floods for 30 s; its p99 amid the flood is about the 500 ms that are the goal, so twice
// the goals is red.
func TestMemberFloods(t *testing.T) {
	during, perSecond, slack := 5*time.Second, 5000, 10
	if soak {
		during, slack = 30*time.Second, 2
	}
	m := newMatchOnLAN(t, 4)
	part := floodersPart{Invite: m.invite, PerSecond: perSecond, ForMs: during.Milliseconds()}
	for i := range 3 {
		m.ok(m.start(i))
		part.Peers = append(part.Peers, m.addrs(i)...)
	}
	_, err := m.waitEqual(m.id, 30*time.Second, 0, 1, 2)
	m.ok(err)
	before := m.honest(20, 50*time.Millisecond, "before-", 2, 0, 1)
	var g sync.WaitGroup
	var tale floodersTale
	g.Go(func() { err = m.act(context.Background(), 3, "flooder", part, &tale) })
	m.untilFlooded(2)
	amid := m.honest(int(during/(100*time.Millisecond)), 100*time.Millisecond, "amid-", 2, 0, 1)
	g.Wait()
	m.ok(err)
	time.Sleep(5 * time.Second)
	after := m.honest(50, 50*time.Millisecond, "after-", 2, 0, 1)
	largest := 0
	for _, n := range m.nodes[:3] {
		largest = max(largest, residentKB(n.cmd.Process.Pid))
	}
	offered := float64(tale.Offered) / (float64(tale.TookMs) / 1000)
	t.Logf("shown after, p50 and p99: %v %v before, %v %v amid, %v %v after; %.0f events a second offered, of %d another device took %d; largest other node %d MB",
		percentile(before, 50), percentile(before, 99), percentile(amid, 50), percentile(amid, 99), percentile(after, 50), percentile(after, 99),
		offered, tale.Offered, m.flooded(2), largest>>10)
	if soak && offered < 1000 { // two processors carry four devices no further; the limits take 500
		t.Errorf("only %.0f events a second were offered", offered)
	}
	if p := percentile(amid, 99); p > time.Duration(slack)*500*time.Millisecond {
		t.Errorf("amid the flood p99 is %v", p)
	}
	if p := percentile(after, 99); p > time.Duration(slack)*200*time.Millisecond {
		t.Errorf("5 s later p99 is %v", p)
	}
	if largest>>10 > 150 {
		t.Errorf("a node takes %d MB", largest>>10)
	}
}

// flooded is how many events of the flood device i has.
func (m *matchOnLAN) flooded(i int) (n int) {
	m.t.Helper()
	_, err := m.eventsAfter(i, m.id, "", func(e bridge.Event) {
		if strings.HasPrefix(e.ID, "flood-") {
			n++
		}
	})
	m.ok(err)
	return n
}

// untilFlooded waits until the flood has reached device i.
func (m *matchOnLAN) untilFlooded(i int) {
	m.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); m.flooded(i) == 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			m.t.Fatal("no flood within 30 s")
		}
	}
}

// addrs are the addresses of device i on the LAN.
func (m *matchOnLAN) addrs(i int) (out []string) {
	m.t.Helper()
	var self bridge.Self
	m.ok(m.get(i, "/local/self", &self))
	for _, addr := range self.Addrs {
		if strings.Contains(addr, "/"+m.lan.Addr(i)+"/") {
			out = append(out, addr)
		}
	}
	return out
}
