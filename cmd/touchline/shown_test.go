package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"touchline.dev/touchline/bridge"
)

// ack notes that a node acknowledged an event.
func (m *matchOnLAN) ack(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.acked[id] = true
}

// acknowledged is what all nodes together have acknowledged so far.
func (m *matchOnLAN) acknowledged() map[string]bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.acked)
}

func (m *matchOnLAN) howMany() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.acked)
}

// eventsAfter calls f with each event that node i shows behind a cursor, and
// returns the cursor behind the last.
func (m *matchOnLAN) eventsAfter(i int, match, after string, f func(bridge.Event)) (string, error) {
	for {
		var page struct {
			Events []bridge.Event
			Next   string
		}
		if err := m.get(i, "/v1/matches/"+match+"/events?limit=10000&after="+after, &page); err != nil {
			return after, err
		}
		for _, e := range page.Events {
			f(e)
		}
		if len(page.Events) == 0 || page.Next == "" || page.Next == after {
			return after, nil
		}
		after = page.Next
	}
}

// screens is what nodes have shown so far. Reading goes on from there.
type screens struct {
	m     *matchOnLAN
	after []string         // cursors, by node
	shown []map[string]int // by node: IDs, and which event of the list it was
}

// look reads all that each node shows now.
func (m *matchOnLAN) look() *screens {
	m.t.Helper()
	s := &screens{m: m, after: make([]string, len(m.nodes)), shown: make([]map[string]int, len(m.nodes))}
	for i := range m.nodes {
		s.shown[i] = map[string]int{}
		m.ok(s.read(i))
	}
	return s
}

func (s *screens) read(i int) (err error) {
	shown := s.shown[i]
	s.after[i], err = s.m.eventsAfter(i, s.m.id, s.after[i], func(e bridge.Event) {
		if _, ok := shown[e.ID]; !ok {
			shown[e.ID] = len(shown) + 1
		}
	})
	return err
}

// wait returns how long it took until each node showed all the events, while
// others may go on coming.
func (s *screens) wait(ids map[string]bool, most time.Duration, nodes ...int) (took time.Duration, err error) {
	start := time.Now()
	at, errs := make([]time.Time, len(s.after)), make([]error, len(s.after))
	var g sync.WaitGroup
	for _, i := range nodes {
		g.Go(func() { at[i], errs[i] = s.waitOne(i, ids, start.Add(most)) })
	}
	g.Wait()
	for _, t := range at {
		took = max(took, t.Sub(start))
	}
	return took, errors.Join(errs...)
}

// inFlight is how many events a node may lack of those that the others have just
// acknowledged, though it has all from before.
const inFlight = 50

// waitOne returns when node i had all the events. It asks how many the node has, and
// reads them when these are about as many as are acknowledged by then: reading costs
// a node as much as taking them, and before, those that are recorded meanwhile stand
// for some that are missing. All of them must have been among those counted.
func (s *screens) waitOne(i int, ids map[string]bool, until time.Time) (time.Time, error) {
	missing := maps.Clone(ids)
	for {
		now, late := time.Now(), time.Now().After(until)
		status, err := s.m.status(i, s.m.id)
		if err != nil {
			return now, err
		}
		count := int(status.Count)
		if count >= max(len(ids), s.m.howMany()-inFlight) || late {
			if err := s.read(i); err != nil {
				return now, err
			}
			maps.DeleteFunc(missing, func(id string, _ bool) bool { at := s.shown[i][id]; return at > 0 && at <= count })
			if len(missing) == 0 {
				return now, nil
			}
		}
		if late {
			return now, fmt.Errorf("in the end node %d lacks %d of %d events", i, len(missing), len(ids))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// nothingLost demands that each node shows every acknowledged event once and
// nothing else. extra: there may be events without an acknowledgement.
func (m *matchOnLAN) nothingLost(extra bool) {
	m.t.Helper()
	for i := range m.nodes {
		seen := map[string]int{}
		_, err := m.eventsAfter(i, m.id, "", func(e bridge.Event) { seen[e.ID]++ })
		m.ok(err)
		lost, doubled := 0, 0
		for id := range m.acked {
			switch {
			case seen[id] == 0:
				lost++
			case seen[id] > 1:
				doubled++
			}
		}
		phantoms := len(seen) - (len(m.acked) - lost)
		if lost > 0 || doubled > 0 || phantoms > 0 && !extra {
			m.t.Errorf("node %d: of %d acknowledged events %d are lost, %d shown twice, and %d are phantoms", i, len(m.acked), lost, doubled, phantoms)
		}
	}
}

// sameOrder demands that all devices list the same events in the same order,
// byte for byte, and returns that list.
func (m *matchOnLAN) sameOrder() string {
	m.t.Helper()
	first := m.must(m.run(context.Background(), 0, "log", m.id, "--json"))
	for i := 1; i < len(m.nodes); i++ {
		if m.must(m.run(context.Background(), i, "log", m.id, "--json")) != first {
			m.t.Errorf("devices 0 and %d list the match differently", i)
		}
	}
	return first
}

// follow streams the IDs of events that node i shows.
func (m *matchOnLAN) follow(ctx context.Context, i int) (<-chan string, func()) {
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost/v1/matches/"+m.id+"/live?after=now", nil)
	resp, err := m.nodes[i].http.Do(req)
	if err != nil {
		m.t.Fatal(err)
	}
	out := make(chan string, 4096)
	go func() {
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			data, ok := strings.CutPrefix(lines.Text(), "data:")
			if !ok {
				continue
			}
			var e struct{ ID string }
			if json.Unmarshal([]byte(data), &e) == nil && e.ID != "" {
				out <- e.ID
			}
		}
	}()
	return out, func() { resp.Body.Close() }
}

// latencies records events one by one, in turn at the writers, and returns how
// long each took until each reader showed it, sorted. What is not shown within
// two minutes is not among them.
func (m *matchOnLAN) latencies(events int, every time.Duration, writers []int, readers ...int) (all []time.Duration) {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	var mu sync.Mutex
	recorded := map[string]time.Time{}
	var g sync.WaitGroup
	for _, i := range readers {
		lines, stop := m.follow(ctx, i)
		defer stop()
		g.Go(func() {
			for range events {
				select {
				case id := <-lines:
					now := time.Now()
					mu.Lock()
					all = append(all, now.Sub(recorded[id]))
					mu.Unlock()
				case <-ctx.Done():
					return
				}
			}
		})
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for k := range events {
		id := fmt.Sprint("live-", k)
		mu.Lock()
		recorded[id] = time.Now()
		mu.Unlock()
		m.ok(m.record(writers[k%len(writers)], m.id, id, "goal"))
		m.ack(id)
		<-tick.C
	}
	g.Wait()
	slices.Sort(all)
	return all
}

// percentile of sorted durations, p from 0 to 99.
func percentile(sorted []time.Duration, p int) time.Duration { return sorted[len(sorted)*p/100] }
