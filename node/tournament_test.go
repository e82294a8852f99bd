package node_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/node"
)

const (
	tournamentDevices = 100
	tournamentMatches = 8
	tournamentEvents  = 40                    // of each match
	tournamentEvery   = 50 * time.Millisecond // between two of them
	tournamentLate    = 10                    // every so many devices come when all is recorded
	tournamentSoon    = 30 * time.Second      // until all are equal

	// Bounds of what one device takes, which was 905 kB and 19 links. Links are
	// bounded by what it lets in and what it dials itself.
	tournamentHeap  = 2 << 20
	tournamentLinks = 32
)

// tournament is a hundred devices on eight matches; each follows one to three.
type tournament struct {
	t         *testing.T
	devices   []*device
	follows   [tournamentDevices][]int // matches of a device
	followers [tournamentMatches][]int // devices of a match
	ids       [tournamentMatches]crdt.LogID
	said      [tournamentMatches][]string // IDs of its events; one goroutine each writes
}

// A tournament in one process: no event gets into a match that it does not belong
// to, nobody holds what he does not follow, all followers of each match are equal
// in the end, and links and memory of a device do not grow with the tournament.
func TestHundredDevices(t *testing.T) {
	if os.Getenv("TOUCHLINE_SOAK") == "" {
		t.Skip("a soak test: set TOUCHLINE_SOAK=1")
	}
	m := newTournament(t)
	before := heap()
	m.start(func(i int) bool { return i%tournamentLate != tournamentLate-1 })
	m.play()
	m.start(func(i int) bool { return i%tournamentLate == tournamentLate-1 })
	m.equal()
	each := (heap() - before) / tournamentDevices
	links := 0
	for _, d := range m.devices {
		links = max(links, d.links())
	}
	t.Logf("a device takes %d kB of heap, and has %d links at most", each>>10, links)
	if each > tournamentHeap || links > tournamentLinks {
		t.Errorf("bounds: %d kB, %d links", tournamentHeap>>10, tournamentLinks)
	}
	for i := range m.devices {
		m.holdsItsOwn(i)
	}
}

// newTournament founds the matches and lets their followers join, offline.
func newTournament(t *testing.T) *tournament {
	m := &tournament{t: t, devices: make([]*device, tournamentDevices)}
	for i := range m.devices {
		m.devices[i] = newDevice(t, func(c *node.Config) { c.Store = crdt.NewMemStore() })
		for j := range 1 + i%3 {
			k := (i + 3*j) % tournamentMatches
			m.follows[i] = append(m.follows[i], k)
			m.followers[k] = append(m.followers[k], i)
		}
	}
	for k, who := range m.followers {
		founder := m.devices[who[0]]
		m.ids[k] = founder.found()
		invite := founder.invite(m.ids[k], access.Scorer)
		for _, i := range who[1:] {
			m.devices[i].join(invite)
		}
	}
	return m
}

// start runs those devices that come. Each knows addresses of two that run
// already of each match it follows, as it would find them on a LAN.
func (m *tournament) start(comes func(int) bool) {
	random := rand.New(rand.NewPCG(1, 2))
	for i, d := range m.devices {
		if !comes(i) {
			continue
		}
		var known []string
		for _, k := range m.follows[i] {
			up := slices.DeleteFunc(slices.Clone(m.followers[k]), func(j int) bool { return j == i || m.devices[j].cancel == nil })
			for range min(2, len(up)) {
				known = append(known, m.devices[up[random.IntN(len(up))]].Addrs()[0])
			}
		}
		m.devices[i] = newDevice(m.t, func(c *node.Config) { c.Store, c.Peers = d.store, known }).run()
	}
}

// play records the events of all matches at once, each by the next follower that is up.
func (m *tournament) play() {
	var g sync.WaitGroup
	for k, who := range m.followers {
		up := slices.DeleteFunc(slices.Clone(who), func(i int) bool { return m.devices[i].cancel == nil })
		g.Go(func() {
			for n := range tournamentEvents {
				id := fmt.Sprintf("%d-%d", k, n)
				d := node.Draft{Content: crdt.Content{ID: id, Type: "note"}}
				if _, err := m.devices[up[n%len(up)]].Record(context.Background(), m.ids[k], d); err != nil {
					m.t.Errorf("match %d: %v", k, err)
					return
				}
				m.said[k] = append(m.said[k], id)
				time.Sleep(tournamentEvery) // the pace of the recorders; nothing waits for it
			}
		})
	}
	g.Wait()
}

// equal waits until the followers of each match hold the same, all of it.
func (m *tournament) equal() {
	m.t.Helper()
	began := time.Now()
	for k, who := range m.followers {
		for {
			lacking := 0
			want := m.devices[who[0]].status(m.ids[k])
			for _, i := range who {
				s := m.devices[i].status(m.ids[k])
				if s.Digest != want.Digest || s.Counts[crdt.Events] != tournamentEvents {
					lacking++
				}
			}
			if lacking == 0 {
				break
			}
			if time.Since(began) > tournamentSoon {
				m.t.Fatalf("match %d: %d of %d devices differ after %v", k, lacking, len(who), tournamentSoon)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	m.t.Logf("all equal %.1f s after the last came", time.Since(began).Seconds())
}

// holdsItsOwn demands that a device holds the matches it follows, each with its own
// events, and no other.
func (m *tournament) holdsItsOwn(i int) {
	m.t.Helper()
	d := m.devices[i]
	if logs, err := d.store.Logs(); err != nil || len(logs) != len(m.follows[i]) {
		m.t.Errorf("device %d holds %d logs, follows %d (%v)", i, len(logs), len(m.follows[i]), err)
	}
	for k, id := range m.ids {
		log, err := d.Log(id)
		if !slices.Contains(m.follows[i], k) {
			if !errors.Is(err, crdt.ErrNotFound) {
				m.t.Errorf("device %d has match %d, which it does not follow: %v", i, k, err)
			}
			continue
		}
		if err != nil {
			m.t.Fatal(err)
		}
		got, err := m.eventsOf(d, log)
		want := slices.Clone(m.said[k])
		slices.Sort(want)
		if err != nil || !slices.Equal(got, want) {
			m.t.Errorf("device %d, match %d: %d events, not the %d that were recorded (%v)", i, k, len(got), len(want), err)
		}
	}
}

// eventsOf are the IDs of a log's events, sorted.
func (m *tournament) eventsOf(d *device, log *crdt.Log) (ids []string, err error) {
	entries, err := log.Since(0, 10*(tournamentEvents+tournamentDevices))
	for _, en := range entries {
		if en.Set != crdt.Events || en.Event == nil {
			continue
		}
		c, err := d.Open(en.Event)
		if err != nil {
			return nil, err
		}
		ids = append(ids, c.ID)
	}
	slices.Sort(ids)
	return ids, err
}

// links is how many peers a device is connected to.
func (d *device) links() (n int) {
	for _, p := range d.Peers() {
		if p.Connected {
			n++
		}
	}
	return n
}

// heap is what is in use when all garbage is collected.
func heap() int {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return int(s.HeapAlloc)
}
