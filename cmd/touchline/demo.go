package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/node/lan"
)

// demoFile is a real match; where it is absent an invented one serves.
const (
	demoFile  = "../shared/data/derived/wc2018.keyevents.jsonl.gz"
	demoMatch = "2058017" // France–Croatia 4-2, the final
)

func (a *app) demoCommand() *cobra.Command {
	var o demoOptions
	c := &cobra.Command{
		Use:   "demo",
		Short: "See three devices share a match, be cut apart and heal",
		Long: `Demo lays out a small LAN on this machine, without internet: three hosts, a node
on each. A match is replayed on the first as if it were being recorded now. Half
way the third device loses the network; later it comes back. You see what each
device holds, all along, and how long healing took. The link that it prints opens
the first device in a browser: what you tap there is on all three.

It needs Linux. Without root it makes a user namespace of its own.`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.stay && o.page == "off" {
				return usagef("--stay keeps the page open, and --page is off")
			}
			if err := checkSpeed(o.speed); err != nil {
				return err
			}
			o.asked = cmd.Flags().Changed("page")
			if err := o.choose(cmd.Flags().Changed("file")); err != nil {
				return err
			}
			return a.demoIn(cmd.Context(), &o)
		},
	}
	c.Flags().StringVar(&o.file, "file", demoFile, "key events `file` to replay; \"demo\" is a short invented match")
	c.Flags().StringVar(&o.match, "match", demoMatch, "which match of the file")
	c.Flags().Float64Var(&o.speed, "speed", 360, "how many times faster than it was played")
	c.Flags().StringVar(&o.page, "page", defaultListen, "`address` at which a browser on this machine sees the first device, or off")
	c.Flags().BoolVar(&o.stay, "stay", false, "go on after full time, until Ctrl-C")
	c.Flags().StringVar(&o.folder, "in", "", "folder that is there already")
	_ = c.Flags().MarkHidden("in") // fails only for a flag that is not there
	return c
}

// demoOptions are the flags of a demo.
type demoOptions struct {
	file, match string
	speed       float64
	page        string
	asked       bool // for that page
	stay        bool
	folder      string // in which another process prepared the demo
}

// choose takes the invented match where the default file is not there.
func (o *demoOptions) choose(asked bool) error {
	if _, err := os.Stat(o.file); err != nil {
		if asked && o.file != "demo" {
			return fmt.Errorf("no match to replay: %w", err)
		}
		o.file, o.match = "demo", ""
	}
	return nil
}

// demoIn prepares folder and page, and runs the demo: in a namespace of its own if
// this is not root.
func (a *app) demoIn(ctx context.Context, o *demoOptions) error {
	if o.folder == "" {
		folder, err := os.MkdirTemp("", "touchline-demo")
		if err != nil {
			return err
		}
		defer os.RemoveAll(folder)
		o.folder = folder
		if o.page != "off" {
			door, err := openDoor(o.page, o.asked, folder)
			if err != nil {
				return fmt.Errorf("--page: %w", err)
			}
			defer door.close()
			o.page = door.addr()
		}
	}
	if os.Geteuid() != 0 {
		return asNamespaceRoot(ctx, a, "--in", o.folder, "--page", o.page)
	}
	if err := lan.Supported(); err != nil {
		return fmt.Errorf("no LAN can be laid out here: %w", err)
	}
	return a.demo(ctx, o)
}

// asNamespaceRoot runs the same command as the root of a user namespace, with more
// flags.
func asNamespaceRoot(ctx context.Context, a *app, more ...string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	script := `mount -t tmpfs none /run && mkdir /run/netns && exec "$0" "$@"`
	args := slices.Concat([]string{"-Urnm", "sh", "-c", script, self}, os.Args[1:], more)
	cmd := exec.CommandContext(ctx, "unshare", args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, a.out, a.err
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("demo in a user namespace: %w", err)
	}
	return nil
}

func (a *app) demo(ctx context.Context, o *demoOptions) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	f, err := newFleet(self, o.folder, 3)
	if err != nil {
		return err
	}
	defer f.close()
	d := &demonstration{app: a, fleet: f, start: time.Now()}
	if err := d.join(ctx, o.page != "off"); err != nil {
		return err
	}
	link := ""
	if o.page != "off" {
		token, err := f.run(ctx, 0, "token", d.match, "--role", "record")
		if err != nil {
			return err
		}
		link = joinLink("http://"+o.page+"/", strings.TrimSpace(token))
		d.say("open %s in a browser: it is the %s", link, demoNames[0])
	}
	if err := d.play(ctx, o.file, o.match, o.speed); err != nil || !o.stay || ctx.Err() != nil {
		return err
	}
	d.say("the devices stay: %s; Ctrl-C ends it", link)
	<-ctx.Done()
	return nil
}

// demonstration is a demo that runs.
type demonstration struct {
	*app
	fleet *fleet
	start time.Time
	match string
}

var demoNames = []string{"coach's laptop", "assistant's phone", "parent's tablet"}

func (d *demonstration) say(format string, args ...any) {
	fmt.Fprintf(d.out, "%6.1fs  %s\n", time.Since(d.start).Seconds(), fmt.Sprintf(format, args...))
}

// join founds a match on the first device and lets the others in, offline.
func (d *demonstration) join(ctx context.Context, page bool) error {
	f := d.fleet
	out, err := f.run(ctx, 0, "match", "new", "--label", "demo", "--json")
	if err != nil {
		return err
	}
	var made struct {
		MatchID string            `json:"matchId"`
		Invites map[string]string `json:"invites"`
	}
	if err := json.Unmarshal([]byte(out), &made); err != nil {
		return fmt.Errorf("match new: %w: %s", err, out)
	}
	d.match = made.MatchID
	d.say("the %s made match %s… and two invites, with no network at all", demoNames[0], d.match[:8])
	for i, role := range []string{1: "record", 2: "watch"} {
		if role == "" {
			continue
		}
		if _, err := f.run(ctx, i, "join", made.Invites[role]); err != nil {
			return err
		}
		d.say("the %s joined by invite (%s)", demoNames[i], role)
	}
	for i := range f.nodes {
		var args []string
		if page && i == 0 {
			args = []string{"--listen", unixPrefix + filepath.Join(f.folder, demoSocket)}
		}
		if err := f.start(i, args...); err != nil {
			return err
		}
	}
	d.say("three nodes are up, each on a host of its own: no internet, no DNS, no route out")
	if _, err := f.waitEqual(d.match, 20*time.Second, 0, 1, 2); err != nil {
		return err
	}
	d.say("they found each other and hold the same")
	return nil
}

// The cut, in seconds of the demonstration: well within the embedded match,
// which takes seven.
const cutAt, healsAt = 2, 5

// play replays the match, with a cut and a heal.
func (d *demonstration) play(ctx context.Context, file, match string, speed float64) error {
	f := d.fleet
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	args := []string{"replay", file, "--speed", fmt.Sprint(speed), "--into", d.match}
	if match != "" {
		args = append(args, "--match", match)
	}
	replay := f.command(ctx, 0, args...)
	var complaint strings.Builder
	replay.Stderr = &complaint
	if err := replay.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- replay.Wait() }()
	d.say("the match is being played: %s %s, %v times as fast", file, match, speed)
	steps := map[int]func() error{
		cutAt: func() error {
			d.say("-- the %s loses the network (its own link stays up: nobody tells it) --", demoNames[2])
			return f.lan.Cut(2)
		},
		healsAt: func() error {
			d.say("-- it is back --")
			return f.lan.Heal(2)
		},
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for second := 1; ; second++ {
		select {
		case <-ctx.Done():
			return nil
		case err := <-ended:
			if err != nil {
				return fmt.Errorf("replay: %w: %s", err, complaint.String())
			}
			return d.end(second > cutAt && second <= healsAt)
		case <-tick.C:
		}
		if step := steps[second]; step != nil {
			if err := step(); err != nil {
				return err
			}
			if second == healsAt {
				took, err := f.waitEqual(d.match, 20*time.Second, 0, 2)
				if err != nil {
					d.say("still catching up while the match goes on")
				} else {
					d.say("healed: equal again after %.2f s, nothing lost", took.Seconds())
				}
			}
		}
		d.show()
	}
}

// show prints what each device holds.
func (d *demonstration) show() {
	var parts []string
	for i, name := range demoNames {
		s, err := d.fleet.status(i, d.match)
		if err != nil {
			parts = append(parts, fmt.Sprintf("%s: %v", name, err))
			continue
		}
		parts = append(parts, fmt.Sprintf("%s %3d %s (on %d)", name, s.Count, s.Digest.Short(), s.Holders))
	}
	d.say("%s", strings.Join(parts, " | "))
}

// everyoneKnows waits until each device has proof that all hold the same.
func (d *demonstration) everyoneKnows() error {
	for begin := time.Now(); time.Since(begin) < 30*time.Second; time.Sleep(50 * time.Millisecond) {
		know := 0
		for i := range demoNames {
			s, err := d.fleet.status(i, d.match)
			if err != nil {
				return err
			}
			if s.Holders == len(demoNames) {
				know++
			}
		}
		if know == len(demoNames) {
			return nil
		}
	}
	return errors.New("the devices are equal but cannot prove it to each other")
}

// end waits until all are equal and prints a table.
func (d *demonstration) end(short bool) error {
	if short { // the match was over before the heal
		d.say("-- it is back, after the match --")
		if err := d.fleet.lan.Heal(2); err != nil {
			return err
		}
	}
	took, err := d.fleet.waitEqual(d.match, 20*time.Second, 0, 1, 2)
	if err != nil {
		return err
	}
	d.say("full time: all equal (%.2f s after the last event)", took.Seconds())
	if err := d.everyoneKnows(); err != nil {
		return err
	}
	fmt.Fprintln(d.out)
	w := tabwriter.NewWriter(d.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "DEVICE\tROLE\tEVENTS\tDIGEST\tON DEVICES")
	for i, name := range demoNames {
		s, err := d.fleet.status(i, d.match)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%d\n", name, s.Role, s.Count, s.Digest.Short(), s.Holders)
	}
	return w.Flush()
}
