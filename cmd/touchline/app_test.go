package main

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"path/filepath"
	"testing"

	"touchline.dev/touchline/bridge/web/webtest"
	"touchline.dev/touchline/crdt/crdttest"
)

// browse runs a script of bridge/web/test in a real browser.
func browse(t *testing.T, env []string, args ...string) {
	t.Helper()
	t.Logf("%s", inBrowser(t, env, args...))
}

// inBrowser does the same and returns what the script said.
func inBrowser(t testing.TB, env []string, args ...string) []byte {
	t.Helper()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		crdttest.Lacking(t, "chromium")
	}
	cmd := webtest.Command(t, args...)
	cmd.Env = append(append(cmd.Env, "CHROMIUM="+chromium), env...)
	return webtest.Run(t, cmd)
}

// The web app of a real node in a real browser: a link opens it, a tap is seen
// elsewhere, undone, kept offline and sent once; no text runs as code; axe finds
// nothing in any view. The steps are in bridge/web/test/app.mjs.
func TestApp(t *testing.T) {
	at, _, run := startHTTP(t)
	run("competition", "new", "Spring Cup", "--preset", "grassroots")
	run("competition", "add", "Spring Cup", "m")
	browse(t, []string{
		"RECORD=" + run("token", "m", "--role", "record"), "WATCH=" + run("token", "m", "--role", "watch"), "COACH=" + run("token", "m", "--role", "coach"),
	}, "test/app.mjs", at)
}

// Behind https the app is installable: it reloads and records without a network.
func TestAppReloadsOffline(t *testing.T) {
	at, _, run := startHTTP(t)
	target, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewTLSServer(&httputil.ReverseProxy{
		FlushInterval: -1,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host
		},
	})
	t.Cleanup(func() {
		proxy.CloseClientConnections()
		proxy.Close()
	})
	spki := sha256.Sum256(proxy.Certificate().RawSubjectPublicKeyInfo)
	browse(t, []string{"RECORD=" + run("token", "m", "--role", "record")},
		"test/pwa.mjs", proxy.URL, base64.StdEncoding.EncodeToString(spki[:]), t.TempDir())
}

// The client library, served by a node to a page of another origin, in a real
// browser: two tabs share a replica.
func TestLibrary(t *testing.T) {
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, "<!doctype html><title>A page of your own</title>")
	}))
	t.Cleanup(page.Close)
	t.Setenv("FRONTEND_URL", page.URL)
	at, match, run := startHTTP(t)
	browse(t, []string{"RECORD=" + run("token", "m", "--role", "record")}, "test/library.mjs", page.URL, at, match)
}

// The app says that a match is sealed where the node cannot read it: not 0:0, nor that it loads for ever.
func TestAppAtABlindNode(t *testing.T) {
	f := newFolders(t)
	f.run("a", "match", "new", "--label", "m", "--sealed")
	f.run("relay", "join", f.run("a", "invite", "m", "--role", "relay"), "--label", "m")
	at := serveFolder(t, f.bin, filepath.Join(f.dir, "relay"))
	watch := f.run("relay", "token", "m", "--role", "watch")
	browse(t, []string{"WATCH=" + watch}, "test/blind.mjs", at)
	f.run("a", "record", "m", "goal", "team=home")
	f.carry("a", "relay")
	browse(t, []string{"WATCH=" + watch}, "test/blind.mjs", at)
}
