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
// events, memory is bounded. Of what it sends live it holds as much as exchanges take of a
// device in that time. The long version floods for 30 s and is red at the goals: amid the
// flood events are seen at once, and soon after it all is as before. Besides other tests
// how soon says more of the machine than of the nodes.
func TestMemberFloods(t *testing.T) {
	const perSecond = 5000
	during := 5 * time.Second
	if soak {
		during = 30 * time.Second
	}
	m := newMatchOnLAN(t, 4)
	part := floodersPart{Invite: m.invite, PerSecond: perSecond, ForMs: during.Milliseconds(), Held: 20_000 + 400*int(during.Seconds())}
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
	used := m.processorsMs(3)
	amid := m.honest(int(during/(100*time.Millisecond)), 100*time.Millisecond, "amid-", 2, 0, 1)
	for i, ms := range m.processorsMs(3) {
		used[i] = ms - used[i]
	}
	g.Wait()
	m.ok(err)
	time.Sleep(5 * time.Second)
	after := m.honest(50, 50*time.Millisecond, "after-", 2, 0, 1)
	largest := 0
	for _, n := range m.nodes[:3] {
		largest = max(largest, residentKB(n.cmd.Process.Pid))
	}
	offered := float64(tale.Offered) / (float64(tale.TookMs) / 1000)
	t.Logf("shown after, p50 and p99: %v %v before, %v %v amid, %v %v after; %.0f events a second offered, of %d another device took %d; largest other node %d MB; processor: the flooder %d ms of %d, the others %v ms",
		percentile(before, 50), percentile(before, 99), percentile(amid, 50), percentile(amid, 99), percentile(after, 50), percentile(after, 99),
		offered, tale.Offered, m.flooded(2), largest>>10, tale.CPUMs, tale.TookMs, used)
	if soak && offered < 0.9*float64(perSecond) {
		t.Errorf("only %.0f events a second were offered", offered)
	}
	if p := percentile(amid, 99); soak && p > 500*time.Millisecond {
		t.Errorf("amid the flood p99 is %v", p)
	}
	if p := percentile(after, 99); soak && p > 200*time.Millisecond {
		t.Errorf("5 s later p99 is %v", p)
	}
	if largest>>10 > 150 {
		t.Errorf("a node takes %d MB", largest>>10)
	}
}

// processorsMs is what each of the first n devices has used of all processors.
func (m *matchOnLAN) processorsMs(n int) (ms []int) {
	for _, d := range m.nodes[:n] {
		ms = append(ms, processorMs(d.cmd.Process.Pid))
	}
	return ms
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
