package main

import (
	"encoding/json"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"touchline.dev/touchline/bridge/web/webtest"
	"touchline.dev/touchline/crdt/crdttest"
)

// The app in each browser engine, over plain http: joined by a link, it keeps
// and sends every tap once and marks what is not sent, whatever happens to the
// path, the node, a second tab and the browser itself. Over a data channel, where
// the engine has one, the plan is shorter outside of a soak. The steps are in
// bridge/web/test/matrix.mjs.
func TestAppInEveryBrowser(t *testing.T) {
	for _, b := range []struct {
		engine, program string
		channel         bool
	}{
		{"chromium", "chromium", false}, {"firefox", "firefox-esr", false}, {"webkit", "WebKitWebDriver", false},
		{"chromium", "chromium", true}, {"firefox", "firefox-esr", true},
	} {
		name := b.engine
		if b.channel {
			name += " over WebRTC"
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			program, err := exec.LookPath(b.program)
			if err != nil {
				crdttest.Lacking(t, b.program)
			}
			d := newServed(t)
			path := newBadPath(t, d.url, !b.channel)
			env := []string{"BROWSER=" + program, "RECORD=" + d.run("token", "m", "--role", "record")}
			if strings.HasPrefix(path.url, "http://127.") {
				env = append(env, "SECURE=1")
			}
			if soak {
				env = append(env, "LONG=1")
			}
			if b.channel {
				env = append(env, "CHANNEL=1")
			}
			converse(t, env, func(what string) any {
				switch what {
				case "log":
					return d.log()
				case "score":
					return d.score()
				case "kill":
					d.kill()
				case "start":
					d.start()
					path.lead(d.url)
				case "pause":
					d.signal(syscall.SIGSTOP)
				case "resume":
					d.signal(syscall.SIGCONT)
				default:
					path.set(what)
				}
				return nil
			}, "test/matrix.mjs", b.engine, path.url, t.TempDir())
		})
	}
}

// converse runs a script of bridge/web/test and does what it asks for.
func converse(t *testing.T, env []string, answer func(string) any, args ...string) {
	t.Helper()
	cmd := webtest.Command(t, args...)
	cmd.Env = append(cmd.Env, env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that no browser outlives a script that hangs
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	webtest.Converse(t, cmd, answer, func(line string) { t.Log(line) })
}

// served is a node of one match that serves HTTP, and can be killed and started.
type served struct {
	t               *testing.T
	bin, data       string
	url, match, key string
	run             func(args ...string) string
	cmd             *exec.Cmd
}

func newServed(t *testing.T) *served {
	t.Helper()
	bin, err := program()
	if err != nil {
		t.Fatal(err)
	}
	d := &served{t: t, bin: bin, data: t.TempDir()}
	d.run = inFolder(t, bin, d.data)
	d.match = foundMatch(t, d.run)
	d.start()
	d.key = d.run("token", "m", "--role", "watch")
	return d
}

func (d *served) start() {
	d.t.Helper()
	first, cmd := serveProcess(d.t, d.bin, d.data)
	d.url, d.cmd = first.HTTP, cmd
}

func (d *served) kill() {
	d.cmd.Process.Kill()
	d.cmd.Wait()
}

func (d *served) signal(s syscall.Signal) {
	d.t.Helper()
	if err := d.cmd.Process.Signal(s); err != nil {
		d.t.Error(err)
	}
}

// log returns what the node holds of the match.
func (d *served) log() any {
	d.t.Helper()
	var list struct {
		Events []struct {
			ID   string `json:"id"`
			Type string `json:"type"`
		}
	}
	d.get("/events", &list)
	return list.Events
}

func (d *served) score() (score [2]int) {
	d.t.Helper()
	var s struct{ Score [2]int }
	d.get("/state", &s)
	return s.Score
}

func (d *served) get(view string, into any) {
	d.t.Helper()
	code, body := request(d.t, "GET", d.url+"/v1/matches/"+d.match+view, d.key, "")
	if err := json.Unmarshal([]byte(body), into); err != nil || code != 200 {
		d.t.Errorf("%s: %d %s", view, code, body)
	}
}
