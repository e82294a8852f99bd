package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/node/lan"
)

// fleet is several nodes of this very program, each a process on a host of
// its own LAN. The demonstration and the tests of the whole program use it.
type fleet struct {
	lan     *lan.LAN
	program string
	folder  string
	nodes   []*fleetNode
}

// fleetNode is one node of a fleet.
type fleetNode struct {
	host  int
	data  string
	http  *http.Client // to the node's socket
	cmd   *exec.Cmd    // nil while not running
	ended chan error
	log   *os.File
}

// newFleet lays out a LAN with n hosts; no node runs yet.
func newFleet(program, folder string, n int) (*fleet, error) {
	l, err := lan.New(n)
	if err != nil {
		return nil, err
	}
	f := &fleet{lan: l, program: program, folder: folder}
	for i := range n {
		f.nodes = append(f.nodes, newFleetNode(i, filepath.Join(folder, fmt.Sprintf("device%d", i))))
	}
	return f, nil
}

func newFleetNode(host int, data string) *fleetNode {
	t := &http.Transport{MaxIdleConnsPerHost: 8, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(data, socketName))
	}}
	return &fleetNode{host: host, data: data, http: &http.Client{Transport: t}}
}

// run runs a command of the program on a host and returns what it printed.
func (f *fleet) run(ctx context.Context, i int, args ...string) (string, error) {
	cmd := f.command(ctx, i, args...)
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("touchline %s: %w: %s", strings.Join(args, " "), err, complaint.String())
	}
	return out.String(), nil
}

func (f *fleet) command(ctx context.Context, i int, args ...string) *exec.Cmd {
	return f.lan.Command(ctx, i, f.program, append([]string{"--data", f.nodes[i].data}, args...)...)
}

// start starts node i and returns when it says that it is ready.
func (f *fleet) start(i int, args ...string) error {
	n := f.nodes[i]
	log, err := os.OpenFile(n.data+".log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	cmd := f.command(context.Background(), i, append([]string{"node", "--json", "--listen", "off", "--log-level", "info"}, args...)...)
	cmd.Stderr = log
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	n.cmd, n.log, n.ended = cmd, log, make(chan error, 1)
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	go func() {
		_, _ = io.Copy(io.Discard, lines)
		n.ended <- cmd.Wait()
	}()
	if err != nil || !strings.Contains(line, `"ready":true`) {
		f.kill(i)
		return fmt.Errorf("node %d did not start: %q, see %s", i, line, log.Name())
	}
	return nil
}

// stop asks a node to drain and waits until it has ended.
func (f *fleet) stop(i int) error { return f.signal(i, syscall.SIGTERM) }

// kill ends a node without a warning.
func (f *fleet) kill(i int) { _ = f.signal(i, syscall.SIGKILL) }

func (f *fleet) signal(i int, sig syscall.Signal) error {
	n := f.nodes[i]
	if n.cmd == nil {
		return nil
	}
	_ = n.cmd.Process.Signal(sig) // nsenter has become the program
	err := errors.New("node does not end")
	select {
	case err = <-n.ended:
	case <-time.After(15 * time.Second):
		_ = n.cmd.Process.Kill()
		<-n.ended
	}
	n.log.Close()
	n.cmd = nil
	if sig == syscall.SIGKILL {
		return nil
	}
	return err
}

// close ends everything.
func (f *fleet) close() error {
	for i, n := range f.nodes {
		f.kill(i)
		n.http.CloseIdleConnections()
	}
	return f.lan.Close()
}

// get reads JSON from a running node.
func (f *fleet) get(i int, path string, into any) error {
	return f.call(i, http.MethodGet, path, nil, into)
}

func (f *fleet) call(i int, method, path string, body, into any) error {
	var b bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&b).Encode(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequest(method, "http://localhost"+path, &b)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := f.nodes[i].http.Do(req)
	if err != nil {
		return fmt.Errorf("ask node %d: %w", i, unwrapURL(err))
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		text, _ := io.ReadAll(resp.Body)
		return fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, text)
	}
	if into == nil {
		_, err := io.Copy(io.Discard, resp.Body) // so that the connection can be used again
		return err
	}
	return json.NewDecoder(resp.Body).Decode(into)
}

// status is what node i knows of a match.
func (f *fleet) status(i int, match string) (s bridge.Status, err error) {
	return s, f.get(i, "/v1/matches/"+match+"/status", &s)
}

// record writes an event at node i; it is acknowledged when record returns.
func (f *fleet) record(i int, match, id, typ string) error {
	return f.call(i, http.MethodPost, "/v1/events", map[string]any{"id": id, "matchId": match, "type": typ, "data": map[string]any{}}, nil)
}

// waitEqual waits until the nodes have equal digests and returns how long.
func (f *fleet) waitEqual(match string, most time.Duration, nodes ...int) (time.Duration, error) {
	start := time.Now()
	for {
		digests := map[string]bool{}
		var counts []uint64
		for _, i := range nodes {
			s, err := f.status(i, match)
			if err != nil {
				return 0, err
			}
			digests[s.Digest.String()] = true
			counts = append(counts, s.Count)
		}
		if len(digests) == 1 {
			return time.Since(start), nil
		}
		if time.Since(start) > most {
			return 0, fmt.Errorf("after %v the nodes still differ: %v events", most, counts)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
