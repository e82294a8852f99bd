// Package lan lays out a local network on one machine for demonstrations and
// tests: a switch and hosts, each in a network namespace of its own, without
// default route or DNS, so that nothing outside can be reached or helps.
//
// It drives the iproute2 tools and needs Linux and root (also the root of a
// user namespace). Nothing of the machine's own network is touched. A LAN is
// not safe for concurrent use.
package lan

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
)

// serial tells apart the LANs of one process.
var serial atomic.Int64

// LAN is a switch with hosts.
type LAN struct {
	prefix string
	hosts  int
}

// Supported returns nil where a LAN can be laid out, else why not.
func Supported() error {
	for _, tool := range []string{"ip", "nsenter"} {
		if _, err := exec.LookPath(tool); err != nil {
			return fmt.Errorf("the program %q (package iproute2 or util-linux) is needed", tool)
		}
	}
	if os.Geteuid() != 0 {
		return errors.New("only root may lay out network namespaces")
	}
	probe := fmt.Sprintf("tlp%d-%d", os.Getpid(), serial.Add(1))
	if err := ip("netns", "add", probe); err != nil {
		return err
	}
	return ip("netns", "del", probe)
}

// New lays out a LAN with n hosts, numbered from 0, all connected. Host i has
// the address that [LAN.Addr] returns.
func New(n int) (*LAN, error) {
	l := &LAN{prefix: fmt.Sprintf("tl%d-%d", os.Getpid(), serial.Add(1)), hosts: n}
	if err := l.layOut(); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

func (l *LAN) layOut() error {
	sw := l.Switch()
	if err := ip("netns", "add", sw); err != nil {
		return err
	}
	err := run(
		[]string{"-n", sw, "link", "add", "br0", "type", "bridge"},
		[]string{"-n", sw, "link", "set", "br0", "up"},
	)
	for i := 0; i < l.hosts && err == nil; i++ {
		ns, port := l.Namespace(i), port(i)
		err = run(
			[]string{"netns", "add", ns},
			[]string{"-n", ns, "link", "set", "lo", "up"},
			[]string{"-n", sw, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", ns},
			[]string{"-n", sw, "link", "set", port, "master", "br0", "up"},
			[]string{"-n", ns, "addr", "add", l.Addr(i) + "/16", "dev", "eth0"},
			[]string{"-n", ns, "link", "set", "eth0", "up"},
			// Multicast needs a route; there is none to anywhere else.
			[]string{"-n", ns, "route", "add", "224.0.0.0/4", "dev", "eth0"},
		)
	}
	return err
}

// Switch is the name of the network namespace through which all frames pass.
func (l *LAN) Switch() string { return l.namespace("sw") }

// Namespace is the name of host i's network namespace.
func (l *LAN) Namespace(i int) string { return l.namespace(fmt.Sprint(i)) }

func (l *LAN) namespace(s string) string { return l.prefix + "-" + s }

// Addr is host i's IPv4 address.
func (l *LAN) Addr(i int) string { return fmt.Sprintf("10.77.%d.%d", i/250, i%250+1) }

func port(i int) string { return fmt.Sprintf("port%d", i) }

// Command returns a command that runs on host i.
func (l *LAN) Command(ctx context.Context, i int, name string, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, "nsenter", append([]string{"--net=/run/netns/" + l.Namespace(i), "--", name}, args...)...)
}

// Renumber gives host i another address, as a router does that was replaced: its
// connections are dead, and Addr is not where it is any more. It returns the new one.
func (l *LAN) Renumber(i int) (addr string, err error) {
	ns, addr := l.Namespace(i), fmt.Sprintf("10.77.100.%d", i+1)
	return addr, run(
		[]string{"-n", ns, "addr", "del", l.Addr(i) + "/16", "dev", "eth0"}, // takes others of its network along
		[]string{"-n", ns, "addr", "add", addr + "/16", "dev", "eth0"},
		[]string{"-n", ns, "route", "replace", "224.0.0.0/4", "dev", "eth0"},
	)
}

// Cut takes hosts off the switch without their noticing: their own link stays
// up, and what they send goes nowhere.
func (l *LAN) Cut(hosts ...int) error {
	for _, i := range hosts {
		if err := ip("-n", l.namespace("sw"), "link", "set", port(i), "nomaster"); err != nil {
			return err
		}
	}
	return nil
}

// Heal puts hosts back on the switch.
func (l *LAN) Heal(hosts ...int) error {
	for _, i := range hosts {
		if err := ip("-n", l.namespace("sw"), "link", "set", port(i), "master", "br0"); err != nil {
			return err
		}
	}
	return nil
}

// Split divides the hosts into groups that reach only each other: each group
// gets a bridge of its own. Heal joins them again.
func (l *LAN) Split(groups ...[]int) error {
	sw := l.namespace("sw")
	for g, hosts := range groups {
		br := fmt.Sprintf("br%d", g+1)
		if ip("-n", sw, "link", "show", br) != nil {
			if err := run(
				[]string{"-n", sw, "link", "add", br, "type", "bridge"},
				[]string{"-n", sw, "link", "set", br, "up"},
			); err != nil {
				return err
			}
		}
		for _, i := range hosts {
			if err := ip("-n", sw, "link", "set", port(i), "master", br); err != nil {
				return err
			}
		}
	}
	return nil
}

// CutTo drops what host i sends to host j, in this direction only.
func (l *LAN) CutTo(i, j int) error {
	return ip("-n", l.Namespace(i), "route", "add", "blackhole", l.Addr(j)+"/32")
}

// HealTo undoes CutTo.
func (l *LAN) HealTo(i, j int) error {
	return ip("-n", l.Namespace(i), "route", "del", "blackhole", l.Addr(j)+"/32")
}

// Close removes the LAN. Processes on its hosts must have ended.
func (l *LAN) Close() error {
	var errs []error
	for i := range l.hosts {
		errs = append(errs, remove(l.Namespace(i)))
	}
	return errors.Join(append(errs, remove(l.namespace("sw")))...)
}

func remove(ns string) error {
	if _, err := os.Stat("/run/netns/" + ns); err != nil {
		return nil
	}
	return ip("netns", "del", ns)
}

func run(commands ...[]string) error {
	for _, c := range commands {
		if err := ip(c...); err != nil {
			return err
		}
	}
	return nil
}

func ip(args ...string) error {
	out, err := exec.Command("ip", args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}
