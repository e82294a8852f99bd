package bridge

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"touchline.dev/touchline/bridge/socketio"
	"touchline.dev/touchline/bridge/web"
	"touchline.dev/touchline/bridge/websocket"
	"touchline.dev/touchline/crdt"
)

// socketPath is where socket.io-client looks for a server.
const socketPath = "/socket.io/"

// Config says how a [Server] serves. It is not changed after New.
type Config struct {
	// Backend is the node. Required.
	Backend Backend
	// Log receives failures of ours. Nil: nothing.
	Log *slog.Logger
	// WriteTimeout is how long a client may accept nothing before we hang up.
	// Zero: 10 s.
	WriteTimeout time.Duration
	// Heartbeat is the longest silence on a stream. Zero: 15 s.
	Heartbeat time.Duration
	// Recheck is how long a standing connection may go on after the right or token
	// behind it has ended. Zero: 5 s.
	Recheck time.Duration
	// MaxStreams is how many live streams are served at once; one more is
	// answered with 429. Zero: 1,024.
	MaxStreams int
	// Tokens lets clients in. Nil: none; all who come are guests.
	Tokens *Tokens
	// Guests is what clients without a token may do. Empty: nothing.
	Guests Guests
	// Names are host names by which clients reach this node, beside its
	// addresses and localhost.
	Names []string
	// Origins are those of pages elsewhere that may use this node, as in
	// http://localhost:5173.
	Origins []string
	// Folds may be shared between servers of one Backend. Nil: its own.
	Folds *Folds
	// Competitions of this device. Nil: none, and no paths for them.
	Competitions *Competitions
	// Legacy makes matches of the names that pages of the first plan give them.
	// Nil: pages must use IDs.
	Legacy Names
	// MaxPages is how many pages may be connected at once; one more is answered
	// with 429. Zero: 16,384.
	MaxPages int
	// App is the web app, served at / to browsers. Nil: none.
	App *web.App
	// Files says that the matches were read from files in hand: who is at this device
	// sees all that is in them in clear, and has no right in any match.
	Files bool
	// MaxBody bounds the body of a request in bytes. Zero: 1 MiB.
	MaxBody int64
}

func (c Config) withDefaults() Config {
	if c.Log == nil {
		c.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	if c.WriteTimeout == 0 {
		c.WriteTimeout = 10 * time.Second
	}
	if c.Heartbeat == 0 {
		c.Heartbeat = 15 * time.Second
	}
	if c.Recheck == 0 {
		c.Recheck = 5 * time.Second
	}
	if c.Folds == nil {
		c.Folds = NewFolds(c.Backend)
	}
	if c.MaxStreams == 0 {
		c.MaxStreams = 1024
	}
	if c.MaxPages == 0 {
		c.MaxPages = 16384
	}
	if c.MaxBody == 0 {
		c.MaxBody = 1 << 20
	}
	return c
}

// Server is the HTTP face of a node.
type Server struct {
	cfg       Config        // immutable
	backend   Backend       // immutable
	log       *slog.Logger  // immutable
	handler   http.Handler  // immutable
	metrics   *metrics      // has its own locks
	folds     *Folds        // likewise
	streams   chan struct{} // one token per live stream
	used      usedChallenges
	names     *names           // likewise
	feeds     *feeds           // likewise
	sockets   *socketio.Server // nil: none are served here
	tenants   tenants          // of the sockets' rooms
	pages     *pages
	webSocket *websocket.Config // immutable

	closeOnce sync.Once
	closing   chan struct{} // closed by Close
}

// New returns the handler for browsers and scripts on this device.
func New(cfg Config) *Server {
	s := newServer(cfg)
	mux := http.NewServeMux()
	s.route(mux, http.MethodGet, "/ws", s.getSocket)
	s.publicRoutes(mux)
	if s.cfg.Tokens != nil {
		s.route(mux, http.MethodPost, "/v1/challenge", s.postChallenge)
		s.route(mux, http.MethodPost, "/v1/session", s.postSession)
	}
	s.sockets = newSocketIO(s)
	s.handler = s.knownHost(s.origins(s.identify(s.socketIO(s.limits(mux)))))
	return s
}

// socketIO serves what has limits of its own.
func (s *Server) socketIO(next http.Handler) http.Handler {
	counted := s.metrics.count(socketPath, s.sockets.ServeHTTP)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, socketPath) {
			counted.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func newServer(cfg Config) *Server {
	cfg = cfg.withDefaults()
	s := &Server{
		cfg:     cfg,
		backend: cfg.Backend,
		log:     cfg.Log,
		metrics: newMetrics(cfg.Backend),
		folds:   cfg.Folds,
		streams: make(chan struct{}, cfg.MaxStreams),
		closing: make(chan struct{}),
	}
	s.names, s.feeds = newNames(s, cfg.Legacy), newFeeds(s)
	s.pages, s.webSocket = newPages(s), s.webSockets()
	s.metrics.add(s.pages)
	return s
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Close ends all live streams, sockets and connections of pages, so that the
// HTTP server can drain.
func (s *Server) Close() {
	s.closeOnce.Do(func() { close(s.closing) })
	if s.sockets != nil {
		s.sockets.Close()
	}
	s.feeds.close()
	s.pages.close()
}

func (s *Server) publicRoutes(mux *http.ServeMux) {
	s.route(mux, http.MethodPost, "/v1/events", s.postEvents)
	s.route(mux, http.MethodPost, "/api/v1/events", s.postEvents) // where the first plan had it
	s.route(mux, http.MethodGet, "/v1/matches", s.getMatches)
	s.route(mux, http.MethodGet, "/v1/matches/{id}", s.getStatus)
	s.route(mux, http.MethodGet, "/v1/matches/{id}/status", s.getStatus)
	s.route(mux, http.MethodGet, "/v1/matches/{id}/events", s.getEvents)
	s.route(mux, http.MethodGet, "/v1/matches/{id}/live", s.getLive)
	s.viewRoutes(mux)
	if s.cfg.Competitions != nil {
		s.competitionRoutes(mux)
	}
	s.route(mux, http.MethodGet, "/v1/openapi.json", s.getOpenAPI)
	s.route(mux, http.MethodGet, "/healthz", s.getHealth)
	s.route(mux, http.MethodGet, "/readyz", s.getReady)
	s.route(mux, http.MethodGet, "/metrics", s.getMetrics)
	mux.Handle("/", s.metrics.count("/", s.getApp))
}

// getApp serves the web app's files, and answers 404 where nothing is.
func (s *Server) getApp(w http.ResponseWriter, r *http.Request) {
	if s.cfg.App != nil && s.cfg.App.Has(r.URL.Path) && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		s.cfg.App.ServeHTTP(w, r)
		return
	}
	s.fail(w, r, newProblem(http.StatusNotFound, "not-found", "Not found", "there is nothing at "+r.URL.Path))
}

// route serves one path with one method and answers 405 to others.
func (s *Server) route(mux *http.ServeMux, method, path string, h http.HandlerFunc) {
	mux.Handle(method+" "+path, s.metrics.count(path, h))
	mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", method)
		s.fail(w, r, newProblem(http.StatusMethodNotAllowed, "method", "Method not allowed", path+" answers to "+method))
	})
}

// limits bounds the body and the time of every request.
func (s *Server) limits(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, s.cfg.MaxBody)
		c := http.NewResponseController(w)
		deadline := time.Now().Add(s.cfg.WriteTimeout)
		_ = c.SetReadDeadline(deadline) // not supported in-process, where nobody is slow
		_ = c.SetWriteDeadline(deadline.Add(s.cfg.WriteTimeout))
		next.ServeHTTP(w, r)
	})
}

// matchLog returns the log that the path names, if the caller may see it.
func (s *Server) matchLog(r *http.Request) (*crdt.Log, error) {
	if _, ok := callerOf(r); !ok {
		return nil, errNoToken
	}
	id, err := s.names.match(r.Context(), r.PathValue("id"), false)
	if err != nil && !errors.Is(err, crdt.ErrNotFound) {
		return nil, err
	}
	if err := mayRead(r, id); err != nil {
		return nil, err
	}
	r.SetPathValue("id", id.String()) // for who asks again
	return s.backend.Log(id)
}
