// Package web is what browsers are given: the web app, and the client library
// for pages that people build themselves. Its source is TypeScript in src/;
// dist/ is what `node build.mjs` makes of it and is committed, so that building
// the node needs nothing but Go.
package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

//go:embed dist
var dist embed.FS

// policy lets the app run its own scripts and styles, and nothing that came
// with data. It may connect to any node, because a node's address can change
// under an open page.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; manifest-src 'self'; worker-src 'self'; " +
	"connect-src 'self' http: https: ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types touchline"

const (
	forever    = "public, max-age=31536000, immutable"
	revalidate = "no-cache"
)

// file is one file as it is served.
type file struct {
	kind    string // content type
	etag    string
	version string
	plain   []byte
	zipped  []byte // nil: no smaller
}

// App serves the files. It is an http.Handler, and is not changed once made.
type App struct {
	files map[string]*file // by path, as "/app.js"
}

// New prepares the files: it compresses each once. The page names its script
// and style by their content, so a browser keeps them until they change.
func New() (*App, error) {
	a := &App{files: map[string]*file{}}
	entries, err := fs.ReadDir(dist, "dist")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		b, err := dist.ReadFile("dist/" + e.Name())
		if err != nil {
			return nil, err
		}
		if a.files["/"+e.Name()], err = newFile(e.Name(), b); err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name(), err)
		}
	}
	if err := a.page(); err != nil {
		return nil, err
	}
	return a, nil
}

func newFile(name string, b []byte) (*file, error) {
	sum := sha256.Sum256(b)
	f := &file{kind: kindOf(name), version: hex.EncodeToString(sum[:8]), plain: b}
	f.etag = `"` + f.version + `"`
	var z bytes.Buffer
	w, err := gzip.NewWriterLevel(&z, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(b); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	if z.Len() < len(b) {
		f.zipped = z.Bytes()
	}
	return f, nil
}

// kindOf is the content type of a file, whatever the system's own table says.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".webmanifest":
		return "application/manifest+json"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}

// page makes / of index.html.
func (a *App) page() error {
	index, ok := a.files["/index.html"]
	if !ok {
		return nil // only the library was built
	}
	html := string(index.plain)
	for _, name := range []string{"app.js", "app.css"} {
		if f := a.files["/"+name]; f != nil {
			html = strings.ReplaceAll(html, `"`+name+`"`, `"`+name+"?v="+f.version+`"`)
		}
	}
	f, err := newFile("index.html", []byte(html))
	if err != nil {
		return err
	}
	delete(a.files, "/index.html")
	a.files["/"] = f
	return nil
}

// Has reports whether there is a file for a path.
func (a *App) Has(path string) bool { return a.files[path] != nil }

// ServeHTTP answers GET and HEAD for the paths that [App.Has] knows.
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f := a.files[r.URL.Path]
	if f == nil {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", revalidate)
	if r.URL.RawQuery == "v="+f.version {
		h.Set("Cache-Control", forever)
	}
	h.Set("Vary", "Accept-Encoding")
	body := f.plain
	etag := f.etag
	if f.zipped != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body, etag = f.zipped, `"`+f.version+`-gz"`
	}
	h.Set("ETag", etag)
	if strings.Contains(r.Header.Get("If-None-Match"), etag) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // an error means that the browser has gone
	}
}
