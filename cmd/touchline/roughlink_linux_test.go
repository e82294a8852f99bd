package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// roughLink is a network link that may lose, delay and swallow every packet, so
// that TCP itself has to cope. What is sent to far comes back to this machine at
// near, and the other way round: addresses are swapped, which no checksum notices.
type roughLink struct {
	near, far netip.Addr
	tun       *os.File
}

// newRoughLink makes a link; an error says why this machine has none. fate gets
// each packet and what passes it on, which may be called once, later and by any
// goroutine.
func newRoughLink(t *testing.T, fate func(packet []byte, pass func([]byte))) (*roughLink, error) {
	t.Helper()
	n := rand.IntN(1 << 15) // of the /30 networks in 198.18.0.0/15, which is set aside for tests
	base := [4]byte{198, 18 + byte(n>>14), byte(n >> 6), byte(n << 2)}
	l := &roughLink{near: netip.AddrFrom4([4]byte{base[0], base[1], base[2], base[3] + 1}), far: netip.AddrFrom4([4]byte{base[0], base[1], base[2], base[3] + 2})}
	name := fmt.Sprintf("rough%d", n)
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("/dev/net/tun: %w", err)
	}
	req, err := unix.NewIfreq(name)
	if err != nil {
		return nil, err
	}
	req.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, req); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("TUN device: %w", err)
	}
	l.tun = os.NewFile(uintptr(fd), name) // not before it is a device, or reads do not wait
	for _, args := range [][]string{{"address", "add", l.near.String() + "/30", "dev", name}, {"link", "set", name, "up"}} {
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			l.tun.Close()
			return nil, fmt.Errorf("ip %v: %w: %s", args, err, out)
		}
	}
	var running sync.WaitGroup
	running.Go(func() { l.run(fate) })
	t.Cleanup(func() {
		l.tun.Close()
		running.Wait()
	})
	return l, nil
}

func (l *roughLink) run(fate func([]byte, func([]byte))) {
	for b := make([]byte, 64<<10); ; {
		n, err := l.tun.Read(b)
		if err != nil {
			return
		}
		p := b[:n]
		if n < 20 || p[0]>>4 != 4 || netip.AddrFrom4([4]byte(p[16:20])) != l.far {
			continue // IPv6 and multicast, of the system's own accord
		}
		from := [4]byte(p[12:16])
		copy(p[12:16], p[16:20])
		copy(p[16:20], from[:])
		fate(p, func(p []byte) { l.tun.Write(p) })
	}
}

// at is the address that the link gives to a listener at near.
func (l *roughLink) at(listener net.Addr) string {
	return netip.AddrPortFrom(l.far, uint16(listener.(*net.TCPAddr).Port)).String()
}
