package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"touchline.dev/touchline/crdt"
)

// sniff records every frame that passes the LAN's switch until stop is called.
func (m *matchOnLAN) sniff() (stop func() []byte) {
	m.t.Helper()
	ready, over := make(chan error, 1), make(chan struct{})
	var all bytes.Buffer
	var g sync.WaitGroup
	g.Go(func() {
		runtime.LockOSThread() // and end the thread with the goroutine: it stays in the namespace
		ns, err := os.Open("/run/netns/" + m.lan.Switch())
		if err == nil {
			defer ns.Close()
			err = unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET)
		}
		var s int
		if err == nil {
			s, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, int(htons(unix.ETH_P_ALL)))
		}
		if err == nil { // on a busy machine much passes before it is read
			err = unix.SetsockoptInt(s, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 64<<20)
		}
		if err == nil {
			err = unix.SetsockoptTimeval(s, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Usec: 50_000})
		}
		ready <- err
		if err != nil {
			return
		}
		defer unix.Close(s)
		frame := make([]byte, 1<<16)
		for {
			n, _, err := unix.Recvfrom(s, frame, 0)
			if err == nil {
				all.Write(frame[:n])
				continue
			}
			select {
			case <-over:
				return
			default:
			}
		}
	})
	m.ok(<-ready)
	return func() []byte {
		close(over)
		g.Wait()
		return all.Bytes()
	}
}

func htons(v uint16) uint16 { return v<<8 | v>>8 }

// Whoever records all that passes on the Wi-Fi, mDNS included, while devices
// find each other, join and record, reads no name, no word, no match and no
// machine's name.
func TestNothingReadableOnTheWire(t *testing.T) {
	m := newHosts(t, 3)
	stop := m.sniff()
	m.id, m.invite = m.found(0)
	m.must(m.run(context.Background(), 1, "join", m.invite))
	m.must(m.run(context.Background(), 0, "match", "new", "--label", "Tigers-against-Lions"))
	m.startAll()
	_, err := m.waitEqual(m.id, 30*time.Second, 0, 1)
	m.ok(err)
	m.ok(m.record(0, m.id, "goal-by-the-smallest", "goal-of-the-month"))
	_, err = m.waitEqual(m.id, 30*time.Second, 0, 1)
	m.ok(err)
	wire := stop()
	log, err := crdt.ParseHash(m.id)
	m.ok(err)
	host, _ := os.Hostname()
	if !bytes.Contains(wire, []byte("_n2n")) || !bytes.Contains(wire, []byte("noise")) {
		t.Fatalf("%d bytes recorded, without the discovery and handshakes that must be among them", len(wire))
	}
	for what, b := range map[string][]byte{
		"an event's id": []byte("goal-by-the-smallest"), "an event's type": []byte("goal-of-the-month"), "a label": []byte("Tigers"),
		"the match": log[:], "the match in hexadecimal": []byte(hex.EncodeToString(log[:])), "the machine's name": []byte(host),
		"our protocols' names": []byte("/touchline/"),
	} {
		if len(b) > 3 && bytes.Contains(wire, b) {
			t.Errorf("on the wire: %s", what)
		}
	}
	t.Logf("%d bytes recorded", len(wire))
}
