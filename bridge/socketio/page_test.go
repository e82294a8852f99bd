package socketio_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"touchline.dev/touchline/bridge/web/webtest"
	"touchline.dev/touchline/crdt/crdttest"
)

// A page of the first plan, with React and an outbox of its own, works against
// a node unchanged, in a real browser and from the origin that FRONTEND_URL names.
func TestPageOfTheFirstPlan(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		crdttest.Lacking(t, "chromium")
	}
	page := httptest.NewServer(http.FileServer(http.Dir(bundled(t))))
	t.Cleanup(page.Close)
	s := newServer(t, program(t), "record", "FRONTEND_URL="+page.URL)
	script(t, "page.mjs", []string{"URL=http://" + s.address, "PAGE=" + page.URL, "CHROMIUM=" + chromium}, func(what string) any {
		switch what {
		case "stop":
			s.stop()
		case "kill":
			s.kill()
		case "start":
			s.start()
		default:
			t.Errorf("asked for %q", what)
		}
		return "done"
	})
}

// bundled returns a folder with the page of testdata/page as it is served.
func bundled(t *testing.T) string {
	t.Helper()
	modules := filepath.Join(webtest.Folder(t), "node_modules")
	dir := t.TempDir()
	cmd := exec.Command(filepath.Join(modules, ".bin", "esbuild"), "testdata/page/main.jsx", "--bundle", "--format=esm", "--jsx=automatic",
		`--define:process.env.NODE_ENV="production"`, "--outfile="+filepath.Join(dir, "main.js"), "--log-level=warning")
	cmd.Env = append(os.Environ(), "NODE_PATH="+modules)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("esbuild: %v\n%s", err, out)
	}
	html, err := os.ReadFile("testdata/page/index.html")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "index.html"), html, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}
