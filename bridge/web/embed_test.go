package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"touchline.dev/touchline/bridge/web/webtest"
)

func get(t *testing.T, a *App, path string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, res *http.Response) []byte {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A first visit costs little, and a later one nothing: what the page names is
// named by its content.
func TestPageIsSmallAndKept(t *testing.T) {
	a, err := New()
	if err != nil {
		t.Fatal(err)
	}
	page := get(t, a, "/", "Accept-Encoding", "gzip")
	if page.Header.Get("Cache-Control") != "no-cache" || page.Header.Get("ETag") == "" {
		t.Fatalf("the page is cached as %q, ETag %q", page.Header.Get("Cache-Control"), page.Header.Get("ETag"))
	}
	z, err := gzip.NewReader(page.Body)
	if err != nil {
		t.Fatal(err)
	}
	html, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	links := regexp.MustCompile(`"(app\.\w+\?v=\w+)"`).FindAllSubmatch(html, -1)
	if len(links) != 2 {
		t.Fatalf("the page names %d files by their content, not 2: %s", len(links), html)
	}
	sum := len(body(t, get(t, a, "/", "Accept-Encoding", "gzip")))
	for _, l := range links {
		res := get(t, a, "/"+string(l[1]), "Accept-Encoding", "gzip")
		if c := res.Header.Get("Cache-Control"); !strings.Contains(c, "immutable") {
			t.Errorf("%s is cached as %q", l[1], c)
		}
		sum += len(body(t, res))
	}
	if sum > 120_000 {
		t.Errorf("a first load takes %d bytes, more than 120 kB", sum)
	}
	t.Logf("first load: %d bytes", sum)
	again := get(t, a, "/", "Accept-Encoding", "gzip", "If-None-Match", page.Header.Get("ETag"))
	if again.StatusCode != http.StatusNotModified {
		t.Errorf("an unchanged page is sent again: %d", again.StatusCode)
	}
}

// The client library, with reconciliation and cryptography, is small; the fold and
// data channels come when they are wanted.
func TestLibraryIsSmall(t *testing.T) {
	a, err := New()
	if err != nil {
		t.Fatal(err)
	}
	size := func(path string) int { return len(body(t, get(t, a, path, "Accept-Encoding", "gzip"))) }
	library, fold, rtc := size("/touchline.js")+size("/touchline-chunk.js"), size("/touchline-fold.js"), size("/touchline-rtc.js")
	if library > 45_000 || library < 10_000 {
		t.Errorf("the library takes %d bytes, more than 45 kB", library)
	}
	if rtc > 1000 {
		t.Errorf("the data channel takes %d bytes, more than 1 kB", rtc)
	}
	t.Logf("library %d bytes, fold %d, data channel %d", library, fold, rtc)
}

// The page runs its own script and no other.
func TestPolicyForbidsOtherScripts(t *testing.T) {
	a, err := New()
	if err != nil {
		t.Fatal(err)
	}
	res := get(t, a, "/")
	csp := res.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self';", "style-src 'self';", "frame-ancestors 'none'", "require-trusted-types-for 'script'"} {
		if !strings.Contains(csp, want) {
			t.Errorf("the policy lacks %q: %s", want, csp)
		}
	}
	if strings.Contains(csp, "unsafe") {
		t.Errorf("the policy has an exception: %s", csp)
	}
	if html := body(t, res); regexp.MustCompile(`<script[^>]*>[^<]|<style| on\w+=| style=`).Match(html) {
		t.Errorf("the page has a script or style of its own: %s", html)
	}
}

// What is committed is what the source gives.
func TestDistIsTheSource(t *testing.T) {
	out := t.TempDir()
	webtest.Run(t, webtest.Command(t, "build.mjs", out))
	names := map[string]bool{}
	for _, dir := range []string{"dist", out} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			names[e.Name()] = true
		}
	}
	for name := range names {
		have, _ := os.ReadFile(filepath.Join("dist", name))
		want, _ := os.ReadFile(filepath.Join(out, name))
		if !bytes.Equal(have, want) {
			t.Errorf("dist/%s is not what the source gives: run node build.mjs in bridge/web", name)
		}
	}
}
