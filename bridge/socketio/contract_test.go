package socketio_test

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"touchline.dev/touchline/bridge/web/webtest"
)

// program builds touchline once a test.
func program(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "touchline")
	if out, err := exec.Command("go", "build", "-o", bin, "../../cmd/touchline").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return bin
}

// server is a real node on a data folder of its own.
type server struct {
	t       *testing.T
	bin     string
	data    string
	guests  string
	address string
	cmd     *exec.Cmd
	env     []string
}

func newServer(t *testing.T, bin, guests string, env ...string) *server {
	t.Helper()
	s := &server{t: t, bin: bin, data: t.TempDir(), guests: guests, address: "127.0.0.1:0", env: env}
	s.start()
	t.Cleanup(s.stop)
	return s
}

// start runs the node; again after stop, at the same address.
func (s *server) start() {
	s.t.Helper()
	s.cmd = exec.Command(s.bin, "--data", s.data, "node", "--json", "--no-mdns", "--p2p", "/ip4/127.0.0.1/tcp/0", "--listen", s.address, "--guests", s.guests)
	s.cmd.Stderr, s.cmd.Env = os.Stderr, append(os.Environ(), s.env...)
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	r := bufio.NewReader(out)
	line, err := r.ReadBytes('\n')
	var ready struct{ HTTP string }
	if err != nil || json.Unmarshal(line, &ready) != nil {
		s.t.Fatalf("node: %v %q", err, line)
	}
	go io.Copy(io.Discard, r)
	s.address = strings.TrimPrefix(ready.HTTP, "http://")
}

func (s *server) stop() {
	if s.cmd == nil {
		return
	}
	s.cmd.Process.Signal(os.Interrupt)
	done := make(chan error, 1)
	go func() { done <- s.cmd.Wait() }()
	select {
	case err := <-done:
		if err != nil {
			s.t.Errorf("node ended: %v", err)
		}
	case <-time.After(30 * time.Second):
		s.cmd.Process.Kill()
		s.t.Error("node did not stop")
	}
	s.cmd = nil
}

// kill ends the node as a power cut does.
func (s *server) kill() {
	s.cmd.Process.Kill()
	s.cmd.Wait()
	s.cmd = nil
}

// touchline runs a command on the node's data folder and returns what it says.
func (s *server) touchline(args ...string) map[string]any {
	s.t.Helper()
	out, err := exec.Command(s.bin, append([]string{"--data", s.data, "--json"}, args...)...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("%v: %v\n%s", args, err, out)
	}
	var v map[string]any
	if err := json.Unmarshal(out, &v); err != nil {
		s.t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return v
}

// script runs a program of testdata with Node. answer does what it asks for.
func script(t *testing.T, name string, env []string, answer func(string) any) {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	cmd := webtest.Command(t, path)
	cmd.Env = append(append(cmd.Env, "WEB="+cmd.Dir), env...)
	ended, cases := false, 0
	webtest.Converse(t, cmd, answer, func(line string) {
		switch {
		case strings.HasPrefix(line, "ok "):
			cases++
			t.Log(line)
		case line == "end":
			ended = true
		default:
			t.Error(line)
		}
	})
	if !ended || cases == 0 {
		t.Errorf("%s ended after %d cases", name, cases)
	}
}

// The real socket.io-client holds a real node to the contract of the first
// plan's pages, over polling, WebSocket, and the upgrade from one to the other.
func TestContract(t *testing.T) {
	bin := program(t)
	s := newServer(t, bin, "record")
	closed := newServer(t, bin, "none")
	var minted map[string]any
	script(t, "contract.mjs", []string{"URL=http://" + s.address}, func(what string) any {
		switch what {
		case "stop":
			s.stop()
		case "kill":
			s.kill()
		case "start":
			s.start()
		case "closed":
			return "http://" + closed.address
		case "tokens":
			match := s.touchline("match", "new", "--label", "final")["matchId"].(string)
			minted = s.touchline("token", match, "--role", "record")
			watch := s.touchline("token", match, "--role", "watch")
			return map[string]any{"token": minted["token"], "watch": watch["token"], "match": match}
		case "revoke":
			s.touchline("token", "revoke", minted["id"].(string))
		default:
			t.Errorf("asked for %q", what)
		}
		return "done"
	})
}
