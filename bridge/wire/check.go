package wire

import (
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

const (
	// Version is the one that hello and welcome say.
	Version = 1
	// MaxFrame bounds a frame in bytes: it fits a message of a data channel.
	MaxFrame = 16 << 10
	// MaxSafe bounds numbers, so that JavaScript holds them exactly.
	MaxSafe = 1<<53 - 1

	maxToken = 512
	maxName  = 64
	maxText  = 1024
	maxSDP   = 12 << 10
	maxRecon = 14336
	maxItems = 1024
)

// Nonce is 16 random bytes that one side uses once.
type Nonce [16]byte

// first returns the first text that is not empty.
func first(problems ...string) string {
	for _, p := range problems {
		if p != "" {
			return p
		}
	}
	return ""
}

func unless(ok bool, what string) string {
	if ok {
		return ""
	}
	return what
}

func version(v uint64) string         { return unless(v == Version, "version") }
func id(n uint32) string              { return unless(n != 0, "id") }
func session(n uint32) string         { return unless(n != 0, "session") }
func arrival(a crdt.Arrival) string   { return unless(a <= MaxSafe, "arrival") }
func format(f Format) string          { return unless(f == Signed || f == Redacted, "format") }
func role(r access.Role) string       { return unless(r >= access.Organiser && r <= access.Relay, "role") }
func roleOrNone(r access.Role) string { return unless(r <= access.Relay, "role") }
func envelope(b []byte) string        { return unless(len(b) > 0 && len(b) <= crdt.MaxEvent, "envelope") }

func number(what string, n uint64) string { return unless(n <= MaxSafe, what) }

func text(what, s string, least, most int) string {
	return unless(len(s) >= least && len(s) <= most, what)
}

func hashOrNone(what string, b []byte) string {
	return unless(len(b) == 0 || len(b) == crdt.HashSize, what)
}

func envelopes(list [][]byte) string {
	if len(list) == 0 || len(list) > maxItems {
		return "number of envelopes"
	}
	for _, b := range list {
		if bad := envelope(b); bad != "" {
			return bad
		}
	}
	return ""
}
