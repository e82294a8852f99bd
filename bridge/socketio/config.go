package socketio

import (
	"io"
	"log/slog"
	"net/http"
	"time"
)

// Config says how a [Server] serves. It is not changed after New.
type Config struct {
	// Handler is told what clients do. Required.
	Handler Handler
	// Identify finds out who begins a session, and how many that may be at once
	// under the same name; 0 is no limit of its own. Nil: all are the same.
	Identify func(*http.Request) (info any, who string, most int)
	// Log receives failures of ours. Nil: nothing.
	Log *slog.Logger
	// PingInterval is how long a client may hear nothing; PingTimeout how long
	// its answer may take. Zero: 25 s and 20 s.
	PingInterval, PingTimeout time.Duration
	// ConnectTimeout is how long a session may be without a socket, and an
	// upgrade begun and not ended. Zero: 10 s.
	ConnectTimeout time.Duration
	// WriteTimeout is how long a client may accept nothing. Zero: 10 s.
	WriteTimeout time.Duration
	// MaxPayload bounds what comes at once: a WebSocket message, the body of a
	// POST. Zero: 1 MB.
	MaxPayload int64
	// MaxQueue bounds what waits for a client, in bytes. Zero: 1 MiB.
	MaxQueue int
	// MaxSessions bounds the sessions at once. Zero: 25,000.
	MaxSessions int
}

func (c Config) withDefaults() Config {
	if c.Log == nil {
		c.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	if c.Identify == nil {
		c.Identify = func(*http.Request) (any, string, int) { return nil, "", 0 }
	}
	for _, d := range []struct {
		value *time.Duration
		unset time.Duration
	}{
		{&c.PingInterval, 25 * time.Second}, {&c.PingTimeout, 20 * time.Second},
		{&c.ConnectTimeout, 10 * time.Second}, {&c.WriteTimeout, 10 * time.Second},
	} {
		if *d.value == 0 {
			*d.value = d.unset
		}
	}
	if c.MaxPayload == 0 {
		c.MaxPayload = 1e6
	}
	if c.MaxQueue == 0 {
		c.MaxQueue = 1 << 20
	}
	if c.MaxSessions == 0 {
		c.MaxSessions = 25_000
	}
	return c
}
