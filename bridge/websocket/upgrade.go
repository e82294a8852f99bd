package websocket

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/gobwas/ws"
)

// Config is how connections of one kind behave.
type Config struct {
	Protocol     string        // the subprotocol; clients must offer it
	MaxMessage   int           // bytes
	MaxQueue     int           // bytes that may wait for a reader
	WriteTimeout time.Duration // of what waits; also for the rest of a message that has begun
	Slow         []byte        // last message to a reader past MaxQueue
	SlowCode     int           // its close code
}

// Handler is told of a connection. Its methods are called one at a time.
type Handler interface {
	// Opened is called once, before the first Message.
	Opened(c *Conn)
	// Message is called with each message; b is valid until it returns.
	Message(c *Conn, b []byte)
	// Closed is called once, after the last Message. The connection is gone.
	Closed(c *Conn)
}

// RequestError is why a request is no handshake: an HTTP status and a reason.
type RequestError struct {
	Status int
	Reason string
}

// Error implements error.
func (e *RequestError) Error() string { return e.Reason }

// Check returns a [RequestError] if r is no handshake for these connections.
func (c *Config) Check(r *http.Request) error {
	key, err := base64.StdEncoding.DecodeString(r.Header.Get("Sec-WebSocket-Key"))
	switch {
	case r.Method != http.MethodGet || !r.ProtoAtLeast(1, 1):
		return &RequestError{http.StatusMethodNotAllowed, "a WebSocket begins with GET and HTTP/1.1"}
	case !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") || !hasToken(r.Header, "Connection", "upgrade"):
		return &RequestError{http.StatusUpgradeRequired, "this is the address of a WebSocket"}
	case r.Header.Get("Sec-WebSocket-Version") != "13":
		return &RequestError{http.StatusUpgradeRequired, "version 13 of WebSocket is spoken here"}
	case err != nil || len(key) != 16:
		return &RequestError{http.StatusBadRequest, "Sec-WebSocket-Key must be 16 bytes in base64"}
	case !hasToken(r.Header, "Sec-WebSocket-Protocol", c.Protocol):
		return &RequestError{http.StatusBadRequest, "the subprotocol " + c.Protocol + " must be offered"}
	}
	return nil
}

func hasToken(h http.Header, name, token string) bool {
	return slices.ContainsFunc(h.Values(name), func(line string) bool {
		return slices.ContainsFunc(strings.Split(line, ","), func(s string) bool {
			return strings.EqualFold(strings.TrimSpace(s), token)
		})
	})
}

// Upgrade answers a request that [Config.Check] found right and begins to read.
// The request's handler must return then.
func (c *Config) Upgrade(w http.ResponseWriter, r *http.Request, h Handler) error {
	up := ws.HTTPUpgrader{Timeout: c.WriteTimeout, Protocol: func(p string) bool { return p == c.Protocol }}
	conn, rw, _, err := up.Upgrade(r, w)
	if err != nil {
		if conn != nil {
			conn.Close()
		}
		return fmt.Errorf("upgrade to WebSocket: %w", err)
	}
	out := &Conn{conn: conn, cfg: c, handler: h}
	if n := rw.Reader.Buffered(); n > 0 {
		ahead, _ := rw.Reader.Peek(n)
		out.ahead = slices.Clone(ahead)
	}
	if s, ok := conn.(syscall.Conn); ok {
		if out.raw, err = s.SyscallConn(); err != nil {
			return errors.Join(err, conn.Close())
		}
	}
	go func() {
		h.Opened(out)
		go out.read() // on a stack of its own: a connection at rest needs a small one
	}()
	return nil
}
