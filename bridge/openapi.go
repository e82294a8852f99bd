package bridge

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"net/http"
)

// openAPI describes what [New] serves, in OpenAPI 3.1. It is written by hand; tests
// hold it against the routes, the types and the answers.
//
//go:embed openapi.json
var openAPI []byte

// openAPITag names this version of it.
var openAPITag = func() string {
	sum := sha256.Sum256(openAPI)
	return `"` + hex.EncodeToString(sum[:8]) + `"`
}()

// getOpenAPI answers everybody: it says nothing about this node.
func (s *Server) getOpenAPI(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", openAPITag)
	if r.Header.Get("If-None-Match") == openAPITag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", "application/json")
	_, _ = w.Write(openAPI) // an error means that the client has gone
}
