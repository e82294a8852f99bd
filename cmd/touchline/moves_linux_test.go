package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"testing"

	"touchline.dev/touchline/crdt/crdttest"
)

// The library in each browser engine: what a page recorded while its node was gone
// outlives the page, and goes to the node's next address, once. The steps are in
// bridge/web/test/moves.mjs.
func TestLibraryMovesToAnotherAddress(t *testing.T) {
	page := http.NewServeMux()
	page.Handle("GET /", http.FileServer(http.Dir("../../bridge/web/dist")))
	page.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, "<!doctype html><title>A page of your own</title>")
	})
	site := httptest.NewServer(page)
	t.Cleanup(site.Close)
	t.Setenv("FRONTEND_URL", site.URL)
	for engine, program := range map[string]string{"chromium": "chromium", "firefox": "firefox-esr", "webkit": "WebKitWebDriver"} {
		t.Run(engine, func(t *testing.T) {
			program, err := exec.LookPath(program)
			if err != nil {
				crdttest.Lacking(t, engine)
			}
			d := newServed(t)
			converse(t, []string{"BROWSER=" + program, "RECORD=" + d.run("token", "m", "--role", "record")}, func(what string) any {
				switch what {
				case "kill":
					d.kill()
				case "start":
					d.start()
					return d.url
				case "log":
					return d.log()
				}
				return nil
			}, "test/moves.mjs", engine, site.URL, d.url, d.match, t.TempDir())
		})
	}
}
