package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/bridge/web"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/node"
)

const defaultListen = "127.0.0.1:3001"

// nodeGC is the garbage collector's target for a node: small devices have more
// processor time to spare than memory.
const nodeGC = 40

// maxSocket is the longest path of a socket that every system takes.
const maxSocket = 103

// serveOptions are the flags of node and relay.
type serveOptions struct {
	listen        string
	follow        []string
	p2p           []string
	peers, relays []string
	noMDNS        bool
	keep          string
	clock         wrongClock
	public        bool
	guests        string
	names         []string
	namespace     string
}

// ready is the first line that a node writes under --json.
type ready struct {
	Ready  bool     `json:"ready"`
	PeerID string   `json:"peerId"`
	HTTP   string   `json:"http,omitempty"`
	P2P    []string `json:"p2p"`
}

func (a *app) nodeCommand() *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{
		Use:   "node",
		Short: "Take part in the network until told to stop",
		Long: `Runs this device: it finds others on the local network, keeps the matches it
follows equal to theirs, and serves HTTP on this machine. Other commands with
the same --data use it while it runs. It stops cleanly on SIGTERM or Ctrl-C.`,
		Example: `  touchline node
  touchline node --follow - < invite.txt         join and run in one step
  touchline node --peer /ip4/192.168.1.20/tcp/4001/p2p/12D3…   where multicast is blocked
  touchline node --listen off --json             for programs: the first line says where it is`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.serve(cmd.Context(), o) },
	}
	o.flags(cmd)
	return cmd
}

func (a *app) relayCommand() *cobra.Command {
	o := serveOptions{public: true}
	cmd := &cobra.Command{
		Use:   "relay",
		Short: "Run a node at a public address that joins far-away devices",
		Long: `A relay is a node with public settings: it takes many more connections and
listens on port 4001. It holds and forwards the matches it follows; an invite
with the role relay lets it do so.`,
		Example: `  touchline relay --follow @invites.txt
  touchline node --relay /dns4/relay.example.org/tcp/4001/p2p/12D3…   on the devices`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(o.p2p) == 0 {
				o.p2p = []string{"/ip4/0.0.0.0/tcp/4001", "/ip6/::/tcp/4001"}
			}
			return a.serve(cmd.Context(), o)
		},
	}
	o.flags(cmd)
	return cmd
}

func (o *serveOptions) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", defaultListen, "`address` for HTTP, or off; :3001 serves the whole network, unix:PATH a program on this machine")
	f.StringVar(&o.guests, "guests", string(bridge.GuestsNone), "what HTTP clients without a token may do: none, watch or `record`")
	f.StringArrayVar(&o.names, "http-name", nil, "host `name` by which HTTP clients reach this node, beside its addresses (repeatable)")
	f.StringVar(&o.namespace, "legacy-namespace", "", "`invite` to the names that another node's pages give to matches (touchline namespace), or @FILE with it")
	f.StringArrayVar(&o.follow, "follow", nil, "`invite` to join by, or a match that is followed already; - or @FILE: a list of them, one a line (repeatable)")
	f.StringArrayVar(&o.p2p, "p2p", nil, "`multiaddress` to listen on for other devices (repeatable)")
	f.StringArrayVar(&o.peers, "peer", nil, "`multiaddress` of a device to stay connected to (repeatable)")
	f.StringArrayVar(&o.relays, "relay", nil, "`multiaddress` of a relay to stay connected to (repeatable)")
	f.StringVar(&o.keep, "keep", "", "give up matches so long after their last event, if another device holds them: `400d` or hours as 96h; empty: never")
	f.BoolVar(&o.noMDNS, "no-mdns", false, "do not look for devices on the local network")
	f.Var(&o.clock, "clock-offset", "pretend that this device's clock is off by so much, for tests; 0s,3h@5s jumps after 5 s")
}

// serve runs a node with its HTTP listeners until ctx is done.
func (a *app) serve(ctx context.Context, o serveOptions) error {
	var err error
	if o.namespace, err = secretOf(o.namespace); err != nil {
		return fmt.Errorf("--legacy-namespace: %w", err)
	}
	if err := o.check(); err != nil {
		return err
	}
	if o.follow, err = a.followed(o.follow); err != nil {
		return err
	}
	keep, err := parseKeep(o.keep)
	if err != nil {
		return err
	}
	debug.SetGCPercent(nodeGC)
	cfg := node.Config{
		Listen: o.p2p, NoMDNS: o.noMDNS, Peers: o.peers, Relays: o.relays, Public: o.public, Now: o.clock.now, Keep: keep,
	}
	if err := cfg.Check(); err != nil {
		return usageError{err} // before a data folder is made
	}
	d, err := a.openSoon(ctx, cfg, func() bool { return a.dialNode() != nil })
	if err == nil && d == nil {
		err = fmt.Errorf("a node is running in %s already", a.data)
	}
	if err != nil {
		return err
	}
	return errors.Join(a.serveDevice(ctx, o, d), d.Close())
}

func (a *app) serveDevice(ctx context.Context, o serveOptions, d *device) error {
	b := &backend{node: d.node, store: d.store}
	for _, f := range o.follow {
		if err := follow(ctx, b, f); err != nil {
			return err
		}
	}
	log, err := a.logger()
	if err != nil {
		return err
	}
	for _, damage := range b.Damages() {
		log.Warn("the store was damaged and mended; dismiss this with touchline doctor --dismiss", "when", damage.When, "what", damage.What, "kept", damage.Moved)
	}
	tokens, err := tokens(ctx, d.secrets)
	if err != nil {
		return err
	}
	legacy, err := newNamespace(ctx, d, o.namespace)
	if err != nil {
		return err
	}
	app, err := web.New()
	if err != nil {
		return fmt.Errorf("web app: %w", err)
	}
	cfg := bridge.Config{
		App: app, Backend: b, Folds: bridge.NewFolds(b), Competitions: bridge.NewCompetitions(d.store), Log: log, Tokens: tokens, Guests: bridge.Guests(o.guests), Names: o.names, Origins: frontendOrigins(),
		Legacy: legacy,
	}
	g, ctx := errgroup.WithContext(ctx)
	socket, err := a.listenSocket()
	if err != nil {
		return err
	}
	g.Go(func() error { return bridge.Local(cfg, b).Serve(ctx, socket) })
	if o.listen != "off" {
		l, url, err := listenHTTP(o.listen)
		if err != nil {
			socket.Close()
			return err
		}
		if url != "" {
			b.url.Store(&url)
		}
		g.Go(func() error { return bridge.New(cfg).Serve(ctx, l) })
	}
	g.Go(func() error { return d.node.Run(ctx) })
	g.Go(func() error {
		select {
		case <-d.node.Ready():
			return a.announce(ctx, b, tokens)
		case <-ctx.Done():
			return nil
		}
	})
	return g.Wait()
}

// announce says where the node is.
func (a *app) announce(ctx context.Context, b *backend, tokens *bridge.Tokens) error {
	self := b.Self()
	if a.json {
		return a.printJSON(ready{Ready: true, PeerID: self.PeerID, HTTP: self.HTTP, P2P: self.Addrs})
	}
	a.printf("This device is %s\n", self.PeerID)
	if self.HTTP != "" {
		a.printf("  HTTP    %s/v1/matches\n", self.HTTP)
		if err := a.showApp(ctx, b, tokens); err != nil {
			return err
		}
	}
	for _, addr := range self.Addrs {
		a.printf("  others  %s\n", addr)
	}
	matches := b.Matches()
	if len(matches) == 0 {
		a.printf("It follows no match yet: touchline match new, or touchline join INVITE\n")
	} else if len(matches) > 10 {
		a.printf("It follows %d matches\n", len(matches))
	} else {
		a.printf("It follows %s\n", names(matches))
	}
	return nil
}

// follow joins by an invite, or checks that a match is followed.
func follow(ctx context.Context, b *backend, what string) error {
	if !strings.Contains(what, "#") {
		for _, m := range b.Matches() {
			if m.Label == what || strings.HasPrefix(m.ID.String(), strings.ToLower(what)) {
				return b.Follow(ctx, m.ID)
			}
		}
		if id, err := crdt.ParseLogID(what); err == nil {
			if err := b.Follow(ctx, id); !errors.Is(err, crdt.ErrNotFound) {
				return err // it was retired
			}
		}
		return fmt.Errorf("--follow %s: this device has no right to that match; give an invite instead", what)
	}
	invite, err := access.ParseInvite(what)
	if err != nil {
		return fmt.Errorf("--follow: %w", err)
	}
	if _, err := b.Join(ctx, invite, ""); err != nil {
		return fmt.Errorf("--follow: %w", err)
	}
	return nil
}

// parseKeep reads a number of days, 400d, or a duration.
func parseKeep(s string) (time.Duration, error) {
	if s == "" {
		return 0, nil
	}
	if days, ok := strings.CutSuffix(s, "d"); ok {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil && n > 0 {
			return time.Duration(n) * 24 * time.Hour, nil
		}
	}
	if d, err := time.ParseDuration(s); err == nil && d > 0 {
		return d, nil
	}
	return 0, usagef("--keep %q: give days as 400d, or hours as 96h", s)
}

// check finds mistakes in the flags.
func (o *serveOptions) check() error {
	if !bridge.Guests(o.guests).Valid() {
		return usagef("--guests is one of none, watch, record")
	}
	if o.namespace != "" {
		if _, err := access.ParseNamespace(o.namespace); err != nil {
			return usagef("--legacy-namespace: %v", err)
		}
	}
	if slices.Contains(o.names, "") {
		return usagef("--http-name is empty; say a name such as pitch.local, or leave it out")
	}
	if o.listen == "off" {
		return nil
	}
	return checkListen(o.listen)
}

// defaultFrontend is where the page of the first plan is served while it is
// being worked on.
const defaultFrontend = "http://localhost:5173"

// frontendOrigins are the origins of pages elsewhere that may use this node:
// FRONTEND_URL, with commas between several.
func frontendOrigins() (list []string) {
	text, ok := os.LookupEnv("FRONTEND_URL")
	if !ok {
		text = defaultFrontend
	}
	for _, s := range strings.Split(text, ",") {
		if s = strings.TrimSuffix(strings.TrimSpace(s), "/"); s != "" {
			list = append(list, s)
		}
	}
	return list
}

// listenSocket opens the socket for commands. The store is ours, so a socket
// that is there belongs to nobody any more.
func (a *app) listenSocket() (net.Listener, error) {
	path := filepath.Join(a.data, socketName)
	if len(path) > maxSocket {
		return nil, fmt.Errorf("the path of %s has more than %d bytes, which no socket takes; choose a shorter --data", path, maxSocket)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("listen for commands: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("listen for commands: %w", err)
	}
	if runtime.GOOS != "windows" { // there, the folder's rights decide
		if err := os.Chmod(path, 0o600); err != nil {
			l.Close()
			return nil, fmt.Errorf("listen for commands: %w", err)
		}
	}
	return l, nil
}
