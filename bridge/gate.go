package bridge

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"touchline.dev/touchline/crdt/access"
)

// Guests is what a client without a token may do at a node: the --guests flag.
type Guests string

const (
	GuestsNone   Guests = "none"   // nothing
	GuestsWatch  Guests = "watch"  // see what is followed here
	GuestsRecord Guests = "record" // record, too
)

// Valid reports whether g is one of the three; empty is none.
func (g Guests) Valid() bool {
	return g == "" || g == GuestsNone || g == GuestsWatch || g == GuestsRecord
}

// caller is what a guest may do.
func (g Guests) caller() Caller {
	switch g {
	case GuestsWatch:
		return Caller{Role: access.Spectator, Client: guestClient}
	case GuestsRecord:
		return Caller{Role: access.Scorer, Client: guestClient}
	}
	return Caller{}
}

// identify finds out who sends a request. A wrong token is refused at once;
// no token makes a guest.
func (s *Server) identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text := bearer(r)
		if text == "" {
			next.ServeHTTP(w, withCaller(r, s.cfg.Guests.caller()))
			return
		}
		c, err := s.tokenCaller(text)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		next.ServeHTTP(w, withCaller(r, c))
	})
}

// tokenCaller is who holds a token, and may do so now.
func (s *Server) tokenCaller(token string) (Caller, error) {
	if s.cfg.Tokens == nil {
		return Caller{}, errNoTokens
	}
	now := time.Now()
	c, err := s.cfg.Tokens.Check(token, now)
	if err != nil {
		return Caller{}, err
	}
	return s.standing(c, now)
}

// bearer returns the token of a request. EventSource of browsers can send no
// header, so a live stream may have it in its query.
func bearer(r *http.Request) string {
	if text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return strings.TrimSpace(text)
	}
	if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/live") {
		return r.URL.Query().Get("access_token")
	}
	return ""
}

// knownHost refuses requests under a name that is not this node's: a page that
// points its own name at this address (DNS rebinding) must not read what lies
// here, nor write.
func (s *Server) knownHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.isHost(r.Host) {
			s.fail(w, r, newProblem(http.StatusForbidden, "host", "Unknown host name",
				"this node answers to its addresses, to localhost, and to names given with --http-name"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) isHost(host string) bool {
	name := hostname(host)
	return strings.EqualFold(name, "localhost") || net.ParseIP(name) != nil ||
		slices.ContainsFunc(s.cfg.Names, func(n string) bool { return strings.EqualFold(n, name) })
}

// hostname is host without port and brackets.
func hostname(host string) string {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	return strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
}

// IsLoopback reports whether host, with or without a port, names this machine
// and nothing else.
func IsLoopback(host string) bool {
	name := hostname(host)
	if strings.EqualFold(name, "localhost") {
		return true
	}
	ip := net.ParseIP(name)
	return ip != nil && ip.IsLoopback()
}

// origins lets pages of this node and of the configured origins in, and
// refuses those of any other: a request with a foreign Origin is not served,
// whatever its method, since a read with a stolen token is no better.
func (s *Server) origins(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		if origin == "" {
			if r.Header.Get("Sec-Fetch-Site") == "cross-site" && r.Method != http.MethodGet && r.Method != http.MethodHead {
				s.foreign(w, r)
				return
			}
			next.ServeHTTP(w, r)
			return
		}
		u, err := url.Parse(origin)
		switch {
		case err == nil && u.Host == r.Host:
		case slices.Contains(s.cfg.Origins, origin):
			h := w.Header()
			h.Set("Access-Control-Allow-Origin", origin)
			h.Add("Vary", "Origin")
			if strings.HasPrefix(r.URL.Path, socketPath) {
				h.Set("Access-Control-Allow-Credentials", "true") // what the client may ask for; there are no cookies
			}
			if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
				h.Set("Access-Control-Allow-Methods", "GET, POST")
				h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Last-Event-ID")
				h.Set("Access-Control-Max-Age", "600")
				w.WriteHeader(http.StatusNoContent)
				return
			}
		default:
			s.foreign(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) foreign(w http.ResponseWriter, r *http.Request) {
	s.fail(w, r, newProblem(http.StatusForbidden, "foreign-origin", "Foreign origin",
		"a page of another origin is not served here; its origin may be given in FRONTEND_URL"))
}
