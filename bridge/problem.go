package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/crdt/match/table"
)

// Problem is an RFC 9457 problem document, and an error.
type Problem struct {
	Type   string `json:"type"` // urn:touchline:…, what programs branch on
	Title  string `json:"title"`
	Status int    `json:"status,omitempty"` // of HTTP
	Detail string `json:"detail,omitempty"`
	Hash   string `json:"hash,omitempty"` // of the event that is in the way
}

// Error returns what a person wants to read.
func (p *Problem) Error() string {
	if p.Detail != "" {
		return p.Detail
	}
	return p.Title
}

// kinds maps errors to problems; the first that matches decides.
var kinds = []struct {
	is     error
	status int
	name   string
	title  string
}{
	{table.ErrNoTable, http.StatusForbidden, "no-table", "No table is shown"},
	{table.ErrPaired, http.StatusConflict, "paired", "Nobody is left to meet"},
	{table.ErrSwissSize, http.StatusConflict, "too-many-teams", "Too many teams"},
	{table.ErrBracket, http.StatusConflict, "bracket", "The bracket refers to nothing"},
	{ErrConflict, http.StatusConflict, "conflict", "Another event has this id"},
	{access.ErrInvite, http.StatusBadRequest, "malformed", "This is not an invite"},
	{crdt.ErrTooLarge, http.StatusRequestEntityTooLarge, "too-large", "The event is too large"},
	{crdt.ErrMalformed, http.StatusBadRequest, "malformed", "The request is malformed"},
	{crdt.ErrSignature, http.StatusBadRequest, "signature", "The signature is wrong"},
	{crdt.ErrWrongLog, http.StatusBadRequest, "wrong-match", "The event belongs to another match"},
	{crdt.ErrNoGrant, http.StatusForbidden, "no-grant", "The author's grant is not known here"},
	{access.ErrNoKey, http.StatusForbidden, "no-key", "This device has no key"},
	{crdt.ErrForbidden, http.StatusForbidden, "forbidden", "Not allowed"},
	{crdt.ErrNotFound, http.StatusNotFound, "not-found", "Not found"},
	{crdt.ErrGone, http.StatusGone, "gone", "Erased or retired"},
	{crdt.ErrBusy, http.StatusTooManyRequests, "busy", "Busy, try later"},
	{crdt.ErrReadOnly, http.StatusInsufficientStorage, "read-only", "The store accepts no writes now"},
	{crdt.ErrCorrupt, http.StatusInternalServerError, "corrupt", "A stored event is damaged"},
	{crdt.ErrClosed, http.StatusServiceUnavailable, "closing", "The node is stopping"},
	{context.Canceled, http.StatusServiceUnavailable, "cancelled", "The request was cancelled"},
	{context.DeadlineExceeded, http.StatusServiceUnavailable, "timeout", "The request took too long"},
}

// noTable says why, and what can be done: youth results are not published.
const noTable = "results of U7 to U11, and of matches whose results are for the teams only, make no table; " +
	"a trophy (\"trophy\":true in match.setup) may have one, or results made public (\"results\":\"public\")"

// problemOf says what an error means to a client.
func problemOf(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		return newProblem(http.StatusRequestEntityTooLarge, "too-large", "The request is too large", "the body is longer than 1 MiB; send smaller batches")
	}
	for _, k := range kinds {
		if errors.Is(err, k.is) {
			detail := err.Error()
			if k.is == table.ErrNoTable {
				detail = noTable
			}
			return newProblem(k.status, k.name, k.title, detail)
		}
	}
	return newProblem(http.StatusInternalServerError, "internal", "Internal error", err.Error())
}

func newProblem(status int, name, title, detail string) *Problem {
	return &Problem{Type: "urn:touchline:" + name, Title: title, Status: status, Detail: detail}
}

func badRequest(detail string) *Problem {
	return newProblem(http.StatusBadRequest, "malformed", "The request is malformed", detail)
}

// badFile is the problem of a file that cannot be what it is taken for.
func badFile(detail string) *Problem {
	return newProblem(http.StatusUnprocessableEntity, "file", "The file cannot be taken", detail)
}

// fail answers with the problem that err is.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(err)
	if p.Status >= http.StatusInternalServerError {
		s.log.Warn("request failed", "method", r.Method, "path", r.URL.Path, "status", p.Status, "err", err)
	}
	if p.Status == http.StatusTooManyRequests || p.Status == http.StatusInsufficientStorage {
		w.Header().Set("Retry-After", "1")
	}
	h := w.Header()
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="touchline"`)
	}
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	encode(w, p)
}

// reply answers with v as JSON.
func reply(w http.ResponseWriter, status int, v any) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	encode(w, v)
}

// encode writes JSON without HTML escapes. An error means that the client
// has gone, and then there is nobody to tell.
func encode(w http.ResponseWriter, v any) { _ = encodeTo(w, v) }

func encodeTo(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
