package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"touchline.dev/touchline/crdt/crdttest"
)

// A disk fault strikes one of three nodes while all record, and ends. The node
// stands between the two others, which hear each other through it only.
func testDiskFault(t *testing.T, m *matchOnLAN, strike func() (end func())) {
	const perSecond, sick = 20, 1
	m.ok(m.lan.CutTo(0, 2))
	m.ok(m.lan.CutTo(2, 0))
	m.startAll()
	m.equalSoon(0, 1, 2)
	l := m.write(perSecond, 0, 1, 2)
	time.Sleep(500 * time.Millisecond)
	end := strike()
	m.says(sick, false)
	before, struck := l.counts(), time.Now()
	time.Sleep(2 * time.Second)
	l.kept(before, perSecond, time.Since(struck), 0, 2)
	if got := l.counts()[sick] - before[sick]; got > 0 {
		t.Errorf("%d events were acknowledged on a disk that takes none", got)
	}
	// It reads, and relays what it cannot keep.
	if s, err := m.status(sick, m.id); err != nil || s.ReadOnly == "" {
		t.Errorf("status says %q, %v", s.ReadOnly, err)
	}
	screens := m.look()
	if len(screens.shown[sick]) == 0 {
		t.Error("it shows nothing")
	}
	if _, err := screens.wait(m.acknowledged(), 30*time.Second, 0, 2); err != nil {
		t.Errorf("not relayed: %v", err)
	}
	end()
	m.says(sick, true)
	well, cured := l.counts(), time.Now()
	time.Sleep(time.Second)
	l.kept(well, perSecond, time.Since(cured), 0, 1, 2)
	l.end()
	took := m.equalSoon(0, 1, 2)
	t.Logf("%d events acknowledged; equal %.2f s after the last", len(m.acked), took.Seconds())
	m.nothingLost(true) // one under way may have been stored and not answered
	m.sameOrder()
}

// says waits until node i says of itself that it can write, or that it cannot:
// in /readyz and by doctor.
func (m *matchOnLAN) says(i int, writable bool) {
	m.t.Helper()
	for begin := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		err := m.get(i, "/readyz", nil)
		if (err == nil) == writable {
			break
		}
		if time.Since(begin) > 40*time.Second {
			m.t.Fatalf("node %d: writable is to be %v; /readyz says %v", i, writable, err)
		}
	}
	out, _ := m.run(context.Background(), i, "doctor", m.id)
	if strings.Contains(out, "accepts writes") != writable {
		m.t.Errorf("writable is to be %v; doctor says\n%s", writable, out)
	}
}

// onDisk mounts something over the data folder of a device that does not run,
// and keeps what is in it.
func (m *matchOnLAN) onDisk(i int, mount ...string) {
	m.t.Helper()
	data := m.nodes[i].data
	m.ok(os.Rename(data, data+".before"))
	m.ok(os.Mkdir(data, 0o700))
	if out, err := exec.Command("mount", append(mount, data)...).CombinedOutput(); err != nil {
		crdttest.Lacking(m.t, "mount:", err, string(out))
	}
	m.t.Cleanup(func() { unix.Unmount(data, unix.MNT_DETACH) })
	m.ok(exec.Command("cp", "-a", data+".before/.", data).Run())
	unix.Sync() // what was durable before is so on its new disk
}

// Another program fills the disk.
func TestDiskFull(t *testing.T) {
	m := newMatchOnLAN(t, 3)
	m.onDisk(1, "-t", "tmpfs", "-o", "size=160m", "tmpfs")
	testDiskFault(t, m, func() func() {
		junk := m.nodes[1].data + "/junk"
		f, err := os.Create(junk)
		m.ok(err)
		defer f.Close()
		var st unix.Statfs_t
		m.ok(unix.Statfs(junk, &st))
		m.ok(unix.Fallocate(int(f.Fd()), 0, 0, int64(st.Bavail)*st.Bsize-(8<<20)))
		return func() { m.ok(os.Remove(junk)) }
	})
}

// The kernel finds the file system damaged and goes on with it read-only. It
// stays so until somebody stops the node, repairs it and mounts it again.
func TestDiskReadOnly(t *testing.T) {
	m := newMatchOnLAN(t, 3)
	image := filepath.Join(t.TempDir(), "image")
	m.ok(os.WriteFile(image, nil, 0o600))
	m.ok(os.Truncate(image, 600<<20))
	if out, err := exec.Command("mkfs.ext4", "-q", image).CombinedOutput(); err != nil {
		crdttest.Lacking(t, "mkfs.ext4:", err, string(out))
	}
	disk := []string{"-o", "loop,errors=remount-ro", image}
	m.onDisk(1, disk...)
	testDiskFault(t, m, func() func() {
		var st unix.Stat_t
		m.ok(unix.Stat(m.nodes[1].data, &st))
		dev, err := os.Readlink("/sys/dev/block/" + strconv.Itoa(int(unix.Major(st.Dev))) + ":" + strconv.Itoa(int(unix.Minor(st.Dev))))
		m.ok(err)
		m.ok(os.WriteFile("/sys/fs/ext4/"+filepath.Base(dev)+"/trigger_fs_error", []byte("test"), 0))
		return func() {
			var exit *exec.ExitError
			if err := m.stop(1); !errors.As(err, &exit) || exit.ExitCode() != 1 {
				t.Errorf("told to stop, the node says %v", err)
			}
			data := m.nodes[1].data
			m.ok(unix.Unmount(data, 0))
			if out, err := exec.Command("fsck.ext4", "-fy", image).CombinedOutput(); err != nil && !errors.As(err, &exit) {
				t.Fatalf("fsck.ext4: %v: %s", err, out)
			}
			m.ok(exec.Command("mount", append(disk, data)...).Run())
			m.ok(m.start(1))
		}
	})
}

// Every sync to the disk fails.
func TestDiskSyncFails(t *testing.T) {
	m := newMatchOnLAN(t, 3)
	testDiskFault(t, m, func() func() {
		tracer := exec.Command("strace", "-f", "-p", strconv.Itoa(m.nodes[1].cmd.Process.Pid),
			"-e", "trace=fdatasync,msync", "-e", "inject=fdatasync,msync:error=EIO", "-o", os.DevNull)
		if err := tracer.Start(); err != nil {
			crdttest.Lacking(t, "a failing sync needs strace:", err)
		}
		return func() {
			m.ok(tracer.Process.Signal(syscall.SIGINT)) // it lets go of the node
			tracer.Wait()                               // and says that it was interrupted
		}
	})
}
