package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"touchline.dev/touchline/crdt/crdttest"
)

// The power of all three nodes fails at once while all record: their disks stop
// without writing their journals. What was acknowledged before is there when it
// is back, on all of them.
func TestPowerCutOfAll(t *testing.T) {
	const ext4IocShutdown, noLogFlush = 0x8004587d, 2
	rounds := 1
	if soak {
		rounds = 10
	}
	m := newMatchOnLAN(t, 3)
	var images [3]string
	for i := range images {
		images[i] = filepath.Join(t.TempDir(), "image")
		m.ok(os.WriteFile(images[i], nil, 0o600))
		m.ok(os.Truncate(images[i], 400<<20))
		if out, err := exec.Command("mkfs.ext4", "-q", "-m", "0", images[i]).CombinedOutput(); err != nil {
			crdttest.Lacking(t, "mkfs.ext4:", err, string(out))
		}
		m.onDisk(i, "-o", "loop", images[i])
	}
	m.startAll()
	m.equalSoon(0, 1, 2)
	for range rounds {
		l := m.write(50, 0, 1, 2)
		time.Sleep(2 * time.Second)
		before := m.acknowledged() // a dying disk may still answer a sync with success
		for i := range images {
			d, err := os.Open(m.nodes[i].data)
			m.ok(err)
			m.ok(unix.IoctlSetPointerInt(int(d.Fd()), ext4IocShutdown, noLogFlush))
			d.Close()
		}
		for i := range images {
			m.kill(i)
		}
		l.end()
		m.mu.Lock()
		m.acked = before
		m.mu.Unlock()
		for i, image := range images {
			data := m.nodes[i].data
			m.ok(unix.Unmount(data, 0))
			m.ok(exec.Command("mount", "-o", "loop", image, data).Run())
			m.ok(m.start(i))
		}
		took := m.equalSoon(0, 1, 2)
		for i := range images {
			if out := m.must(m.run(context.Background(), i, "status", m.id)); strings.Contains(out, "damaged") {
				t.Errorf("a power cut is no damage: %s", out)
			}
		}
		m.nothingLost(true) // those under way may have been stored
		t.Logf("%d events acknowledged before the cut; equal %.2f s after the start", len(before), took.Seconds())
	}
	m.sameOrder()
}
