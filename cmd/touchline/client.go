package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/node"
)

// client talks to the device of a data folder: through the socket of its
// running node, or to a handler in this process.
type client struct {
	http    *http.Client
	running bool // a node with a network answers
	close   func() error
}

// connect finds the running node or opens the data folder. create: make the
// folder when there is none.
func (a *app) connect(ctx context.Context, create bool) (*client, error) {
	if c := a.dialNode(); c != nil {
		return c, nil
	}
	if !create && !a.exists() {
		return nil, a.errNothing()
	}
	var viaNode *client
	d, err := a.openSoon(ctx, node.Config{}, func() bool {
		viaNode = a.dialNode()
		return viaNode != nil
	})
	if viaNode != nil || err != nil {
		return viaNode, err
	}
	tokens, err := tokens(ctx, d.secrets)
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	legacy, err := newNamespace(ctx, d, "")
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	s := bridge.Local(bridge.Config{Tokens: tokens, Legacy: legacy, Competitions: bridge.NewCompetitions(d.store)}, &backend{node: d.node, store: d.store})
	return &client{
		http: &http.Client{Transport: inProcess{s}},
		close: func() error {
			s.Close()
			return d.Close()
		},
	}, nil
}

// dialNode returns a client of the running node, or nil.
func (a *app) dialNode() *client {
	path := filepath.Join(a.data, socketName)
	conn, err := net.DialTimeout("unix", path, time.Second)
	if err != nil {
		return nil
	}
	conn.Close()
	t := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}}
	return &client{
		http:    &http.Client{Transport: t},
		running: true,
		close: func() error {
			t.CloseIdleConnections()
			return nil
		},
	}
}

// connectInvite visits a match as a device of its own that keeps nothing and is
// gone when the command ends. The invite is not used up.
func (a *app) connectInvite(ctx context.Context, invite *access.Invite, peers []string) (*client, error) {
	log, err := a.logger()
	if err != nil {
		return nil, err
	}
	st := crdt.NewMemStore()
	cfg := node.Config{Store: st, Volatile: true, Log: log, Peers: peers}
	if err := cfg.Check(); err != nil {
		return nil, usageError{err}
	}
	n, err := node.New(cfg)
	if err != nil {
		return nil, err
	}
	if err := n.Visit(ctx, invite); err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	select {
	case <-n.Ready():
	case err := <-done:
		stop()
		return nil, fmt.Errorf("the network cannot be reached: %w", err)
	}
	s := bridge.Local(bridge.Config{}, &backend{node: n, store: st})
	return &client{
		http:    &http.Client{Transport: inProcess{s}},
		running: true,
		close: func() error {
			s.Close()
			stop()
			return <-done
		},
	}, nil
}

// with runs f with a client.
func (a *app) with(ctx context.Context, create bool, f func(*client) error) error {
	c, err := a.connect(ctx, create)
	if err != nil {
		return err
	}
	return errors.Join(f(c), c.close())
}

// request sends a request and returns the answer, or its problem as an error.
func (c *client) request(ctx context.Context, method, path string, body io.Reader, header http.Header) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://localhost"+path, body)
	if err != nil {
		return nil, err
	}
	for k, v := range header {
		r.Header[k] = v
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return nil, fmt.Errorf("ask the node: %w", unwrapURL(err))
	}
	if resp.StatusCode < 300 {
		return resp, nil
	}
	defer resp.Body.Close()
	p := &bridge.Problem{}
	if err := json.NewDecoder(resp.Body).Decode(p); err != nil {
		return nil, fmt.Errorf("ask the node: unexpected answer %d", resp.StatusCode)
	}
	return nil, p
}

// unwrapURL drops the made-up URL from an error.
func unwrapURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// call is send for those whom the status does not interest.
func (c *client) call(ctx context.Context, method, path string, in, out any) error {
	_, err := c.send(ctx, method, path, in, out)
	return err
}

// send sends in as JSON, if it is not nil, and reads the answer into out.
func (c *client) send(ctx context.Context, method, path string, in, out any) (status int, err error) {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return 0, err
		}
		body = bytes.NewReader(b)
	}
	resp, err := c.request(ctx, method, path, body, nil)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if out == nil {
		return resp.StatusCode, nil
	}
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		return 0, fmt.Errorf("ask the node: %w", err)
	}
	return resp.StatusCode, nil
}

func (c *client) get(ctx context.Context, path string, out any) error {
	return c.call(ctx, http.MethodGet, path, nil, out)
}

// matches lists what this device follows.
func (c *client) matches(ctx context.Context) ([]bridge.Match, error) {
	all := []bridge.Match{}
	for path := "/v1/matches"; ; {
		var list bridge.MatchList
		if err := c.get(ctx, path, &list); err != nil {
			return nil, err
		}
		all = append(all, list.Matches...)
		if list.Next == "" {
			return all, nil
		}
		path = "/v1/matches?after=" + url.QueryEscape(list.Next)
	}
}

func errNoMatch() error {
	return errors.New("this device follows no match yet; begin with touchline match new or touchline join")
}

// errUnknownMatch: this device follows no match of that name.
var errUnknownMatch = errors.New("no match")

// match finds the match a person means: by label, by the beginning of its ID,
// or, when there is only one, by saying nothing.
func (c *client) match(ctx context.Context, name string) (*bridge.Match, error) {
	all, err := c.matches(ctx)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, errNoMatch()
	}
	if name == "" {
		if only := slices.DeleteFunc(slices.Clone(all), func(m bridge.Match) bool { return m.Team }); len(only) > 0 {
			all = only // a team is meant only when it is named
		}
		if len(all) > 1 {
			return nil, usagef("this device follows %d matches; say which one: %s", len(all), names(all))
		}
		return &all[0], nil
	}
	var found []bridge.Match
	for _, m := range all {
		if m.Label == name {
			return &m, nil
		}
		if strings.HasPrefix(m.ID.String(), strings.ToLower(name)) {
			found = append(found, m)
		}
	}
	switch len(found) {
	case 1:
		return &found[0], nil
	case 0:
		return nil, fmt.Errorf("%w %q here; this device follows %s", errUnknownMatch, name, names(all))
	}
	return nil, fmt.Errorf("%q could be any of %s", name, names(found))
}

func names(list []bridge.Match) string {
	var out []string
	for _, m := range list {
		if m.Label != "" {
			out = append(out, fmt.Sprintf("%s (%q)", m.ID.Short(), m.Label))
		} else {
			out = append(out, m.ID.Short())
		}
	}
	return strings.Join(out, ", ")
}

// matchPath is the resource of a match.
func matchPath(id crdt.LogID, rest string) string { return "/v1/matches/" + id.String() + rest }

func localPath(id crdt.LogID, rest string) string { return "/local/matches/" + id.String() + rest }

// allEvents reads every event of a match.
func (c *client) allEvents(ctx context.Context, id crdt.LogID) (all bridge.EventList, err error) {
	for {
		var page bridge.EventList
		err := c.get(ctx, matchPath(id, "/events?limit=1000&after="+all.Next), &page)
		if err != nil {
			return all, err
		}
		all.Events = append(all.Events, page.Events...)
		all.Next, all.Count, all.Digest = page.Next, page.Count, page.Digest
		if len(page.Events) < 1000 {
			return all, nil
		}
	}
}

// first returns the first argument, or nothing.
func first(args []string) string {
	if len(args) > 0 {
		return args[0]
	}
	return ""
}
