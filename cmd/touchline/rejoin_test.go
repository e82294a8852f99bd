package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"touchline.dev/touchline/crdt"
)

// writeFor records at some nodes for a while.
func (m *matchOnLAN) writeFor(during time.Duration, perSecond int, nodes ...int) {
	l := m.write(perSecond, nodes...)
	time.Sleep(during)
	l.end()
}

// equalSoon demands that nodes become equal and returns how long they took.
func (m *matchOnLAN) equalSoon(nodes ...int) time.Duration {
	m.t.Helper()
	took, err := m.waitEqual(m.id, 20*time.Second, nodes...)
	m.ok(err)
	return took
}

// A device that comes late, to neighbours that have never met the author.
func TestLateJoiner(t *testing.T) {
	m := newMatchOnLAN(t, 3)
	m.ok(m.start(0))
	m.ok(m.start(1))
	m.writeFor(time.Second, 100, 0)
	m.equalSoon(0, 1)
	m.ok(m.stop(0))
	m.ok(m.start(2))
	took := m.equalSoon(1, 2)
	t.Logf("%d events in %.2f s after its start", len(m.acked), took.Seconds())
	m.ok(m.start(0))
	m.equalSoon(0, 1, 2)
	m.nothingLost(false)
	m.sameOrder()
}

// A device whose store is put back to what it was some time ago, under the
// name by which its peers remember how much it had. It gets back all that
// happened since, also what it had itself recorded, and can go on recording.
func TestRestoredBackup(t *testing.T) {
	for name, put := range map[string]struct {
		back    func(m *matchOnLAN, file string) // sets the clock of device 2 back
		kept    func(m *matchOnLAN, file string) // what it goes back to
		running bool                             // it is kept from a running node
	}{
		"restore and join again": {running: true,
			kept: func(m *matchOnLAN, file string) { m.must(m.run(context.Background(), 2, "backup", file)) },
			back: func(m *matchOnLAN, file string) {
				m.ok(os.RemoveAll(filepath.Join(m.nodes[2].data, storeName)))
				m.must(m.run(context.Background(), 2, "restore", file))
				m.must(m.run(context.Background(), 2, "join", m.invite))
			}},
		"old copy of the folder": {
			kept: func(m *matchOnLAN, file string) { m.ok(os.CopyFS(file, os.DirFS(m.nodes[2].data))) },
			back: func(m *matchOnLAN, file string) {
				m.ok(os.RemoveAll(m.nodes[2].data))
				m.ok(os.CopyFS(m.nodes[2].data, os.DirFS(file)))
			}},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMatchOnLAN(t, 3)
			m.startAll()
			m.writeFor(time.Second, 50, 0, 1, 2)
			m.equalSoon(0, 1, 2)
			file := filepath.Join(m.folder, "kept")
			if !put.running {
				m.ok(m.stop(2))
			}
			put.kept(m, file)
			if !put.running {
				m.ok(m.start(2))
			}
			m.writeFor(time.Second, 50, 0, 1, 2)
			m.equalSoon(0, 1, 2) // peers now remember that they were equal to device 2
			m.ok(m.stop(2))
			m.writeFor(500*time.Millisecond, 50, 0, 1)
			put.back(m, file)
			m.ok(m.start(2))
			took := m.equalSoon(0, 1, 2)
			m.writeFor(500*time.Millisecond, 50, 0, 1, 2)
			m.equalSoon(0, 1, 2)
			t.Logf("%d events, equal %.2f s after the old device was back", len(m.acked), took.Seconds())
			m.nothingLost(false)
			m.sameOrder()
		})
	}
}

// A member's events reach another device, by a file that somebody carried,
// before the record that let the member in. They wait outside the set; once
// that record comes over the LAN, they are in it everywhere.
func TestGrantAfterItsEvents(t *testing.T) {
	m := newMatchOnLAN(t, 3)
	m.ok(m.start(0))
	m.ok(m.start(1))
	m.writeFor(500*time.Millisecond, 50, 0, 1)
	m.equalSoon(0, 1)
	m.ok(m.lan.Cut(2))
	m.ok(m.start(2))
	m.writeFor(500*time.Millisecond, 50, 2)
	whole, late := filepath.Join(m.folder, "whole"), filepath.Join(m.folder, "late")
	m.must(m.run(context.Background(), 2, "export", m.id, whole))
	n := m.withoutControl(whole, late)
	before, err := m.status(0, m.id)
	m.ok(err)
	m.must(m.run(context.Background(), 0, "import", late))
	after, err := m.status(0, m.id)
	m.ok(err)
	if after.Waiting != n || after.Digest != before.Digest {
		t.Errorf("%d of %d events wait; set unchanged: %v", after.Waiting, n, after.Digest == before.Digest)
	}
	m.ok(m.lan.Heal(2))
	m.equalSoon(0, 1, 2)
	if s, err := m.status(0, m.id); err != nil || s.Waiting != 0 {
		t.Errorf("%d events still wait, %v", s.Waiting, err)
	}
	m.nothingLost(false)
	m.sameOrder()
}

// withoutControl writes an export anew with only its events, and returns how
// many there are.
func (m *matchOnLAN) withoutControl(from, to string) (n int) {
	m.t.Helper()
	b, err := os.ReadFile(from)
	m.ok(err)
	lines := bytes.Split(bytes.TrimSpace(b), []byte("\n"))
	out := append(lines[0], '\n')
	for _, line := range lines[1 : len(lines)-1] {
		envelope, err := base64.StdEncoding.DecodeString(string(line))
		m.ok(err)
		e, err := crdt.Open(envelope)
		m.ok(err)
		if e.Set == crdt.Events {
			out = append(append(out, line...), '\n')
			n++
		}
	}
	end, err := json.Marshal(map[string]any{"end": true, "events": n})
	m.ok(err)
	m.ok(os.WriteFile(to, fmt.Appendf(out, "%s\n", end), 0o600))
	return n
}
