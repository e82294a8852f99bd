package main

import (
	"os"
	"os/exec"
	"testing"

	"touchline.dev/touchline/crdt/crdttest"
)

// The web app of a real node in a real browser: a link opens it, a tap is seen
// elsewhere, undone, kept offline and sent once; no text runs as code; axe finds
// nothing in any view. The steps are in bridge/web/test/app.mjs.
func TestApp(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		crdttest.Lacking(t, "node")
	}
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		crdttest.Lacking(t, "chromium")
	}
	if _, err := os.Stat("../../bridge/web/node_modules/playwright-core"); err != nil {
		crdttest.Lacking(t, "npm packages; make setup installs them")
	}
	url, _, run := startHTTP(t)
	cmd := exec.Command(node, "test/app.mjs", url)
	cmd.Dir = "../../bridge/web"
	cmd.Env = append(os.Environ(), "CHROMIUM="+chromium,
		"RECORD="+run("token", "m", "--role", "record"), "WATCH="+run("token", "m", "--role", "watch"), "COACH="+run("token", "m", "--role", "coach"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}
