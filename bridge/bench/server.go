package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// server is a running server and how to speak with it.
type server struct {
	cmd   *exec.Cmd
	addr  string
	speak protocol
}

// start begins a server and waits for the line in which it says where it is.
func start(name string, args ...string) (*server, string, error) {
	cmd := exec.Command(name, args...)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	if err := cmd.Start(); err != nil {
		return nil, "", err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", name, err)
	}
	return &server{cmd: cmd}, strings.TrimSpace(line), nil
}

func (s *server) stop() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

// cpu is what the server's threads have used, in microseconds.
func (s *server) cpu() (us float64) {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", s.cmd.Process.Pid))
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			continue // the thread has ended
		}
		ns, _, _ := strings.Cut(string(b), " ")
		n, _ := strconv.ParseFloat(ns, 64)
		us += n / 1000
	}
	return us
}

// rss is the server's resident memory in kB.
func (s *server) rss() float64 {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "VmRSS:" {
			n, _ := strconv.ParseFloat(f[1], 64)
			return n
		}
	}
	return 0
}

// kinds of servers, ours first.
var kinds = []struct {
	name  string
	begin func(bin, dir string) (*server, error)
}{
	{"touchline", beginNative},
	{"touchline, Socket.IO", beginSocketIO},
	{"socket.io 4.8.4", beginNode},
	{"centrifuge 0.40.1", beginCentrifuge},
	{"gorilla hub", beginGorilla},
}

func beginNative(bin, dir string) (*server, error) {
	s, match, tokens, err := beginTouchline(bin, dir)
	if err == nil {
		s.speak = &native{match, tokens}
	}
	return s, err
}

func beginSocketIO(bin, dir string) (*server, error) {
	s, match, tokens, err := beginTouchline(bin, dir)
	if err == nil {
		s.speak = &socketIO{match, tokens}
	}
	return s, err
}

// beginTouchline starts a node with a match and a token for each publisher.
func beginTouchline(bin, dir string) (s *server, match string, tokens []string, err error) {
	program := filepath.Join(bin, "touchline")
	said := func(into any, args ...string) error {
		out, err := exec.Command(program, append([]string{"--json", "--data", dir}, args...)...).Output()
		if err != nil {
			return fmt.Errorf("touchline %s: %w", args[0], err)
		}
		return json.Unmarshal(out, into)
	}
	var made struct{ MatchID string }
	if err := said(&made, "match", "new", "--label", "bench"); err != nil {
		return nil, "", nil, err
	}
	s, line, err := start(program, "--json", "--data", dir, "node", "--no-mdns", "--p2p", "/ip4/127.0.0.1/tcp/0", "--listen", "127.0.0.1:0", "--guests", "record")
	if err != nil {
		return nil, "", nil, err
	}
	var ready struct{ HTTP string }
	if err := json.Unmarshal([]byte(line), &ready); err != nil {
		return nil, "", nil, err
	}
	s.addr = strings.TrimPrefix(ready.HTTP, "http://")
	for range inFlight {
		var t struct{ Token string }
		if err := said(&t, "token", made.MatchID, "--role", "record", "--for", "1h"); err != nil {
			return nil, "", nil, err
		}
		tokens = append(tokens, t.Token)
	}
	return s, made.MatchID, tokens, nil
}

func beginNode(_, dir string) (*server, error) {
	s, addr, err := start("node", "socketio/server.mjs", filepath.Join(dir, "events"))
	if err == nil {
		s.addr, s.speak = addr, &socketIO{match: strings.Repeat("m", 64)}
	}
	return s, err
}

func beginCentrifuge(bin, dir string) (*server, error) {
	s, addr, err := start(filepath.Join(bin, "bench-centrifuge"), filepath.Join(dir, "events"))
	if err == nil {
		s.addr, s.speak = addr, centrifugeJSON{}
	}
	return s, err
}

func beginGorilla(bin, dir string) (*server, error) {
	s, addr, err := start(filepath.Join(bin, "bench-gorilla"), filepath.Join(dir, "events"))
	if err == nil {
		s.addr, s.speak = addr, bare{}
	}
	return s, err
}
