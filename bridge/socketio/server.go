package socketio

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Server is the HTTP handler behind /socket.io/.
type Server struct {
	cfg Config // immutable

	mu       sync.Mutex
	sessions map[string]*session // guarded by mu
	held     map[string]int      // guarded by mu; sessions by who has them
	stopped  bool                // guarded by mu
}

// New returns a server. It starts nothing; Close ends what requests began.
func New(cfg Config) *Server {
	return &Server{cfg: cfg.withDefaults(), sessions: map[string]*session{}, held: map[string]int{}}
}

// Close ends all sessions. Clients take it for a lost connection and come back.
func (s *Server) Close() {
	s.mu.Lock()
	s.stopped = true
	all := make([]*session, 0, len(s.sessions))
	for _, n := range s.sessions {
		all = append(all, n)
	}
	s.mu.Unlock()
	for _, n := range all {
		n.close(errShutdown)
	}
}

// Sessions is how many there are.
func (s *Server) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sessions)
}

// refusal is an error of the Engine.IO handshake.
type refusal struct {
	status  int
	Code    int    `json:"code"`
	Message string `json:"message"`
}

var (
	unknownTransport = refusal{http.StatusBadRequest, 0, "Transport unknown"}
	unknownSession   = refusal{http.StatusBadRequest, 1, "Session ID unknown"}
	badMethod        = refusal{http.StatusBadRequest, 2, "Bad handshake method"}
	badRequest       = refusal{http.StatusBadRequest, 3, "Bad request"}
	badVersion       = refusal{http.StatusBadRequest, 5, "Unsupported protocol version"}
	tooMany          = refusal{http.StatusTooManyRequests, 4, "Too many sessions, try later"}
	tooLarge         = refusal{http.StatusRequestEntityTooLarge, 3, "Payload too large"}
)

func (f refusal) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(f.status)
	_ = json.NewEncoder(w).Encode(f) // the client has gone: nobody to tell
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	transport, id := q.Get("transport"), q.Get("sid")
	switch {
	case q.Get("EIO") != "4":
		badVersion.write(w)
	case transport != "polling" && transport != "websocket":
		unknownTransport.write(w)
	case r.Method != http.MethodGet && r.Method != http.MethodPost:
		badMethod.write(w)
	case id == "" && r.Method != http.MethodGet:
		badMethod.write(w)
	case transport == "websocket":
		s.webSocket(w, r, id)
	case id == "":
		n, f := s.open(r)
		if n == nil {
			f.write(w)
			return
		}
		answer(w, n.hello("websocket"))
	default:
		n := s.session(id)
		if n == nil {
			unknownSession.write(w)
		} else if r.Method == http.MethodGet {
			n.poll(w, r)
		} else {
			n.post(w, r)
		}
	}
}

// open begins a session unless there are too many.
func (s *Server) open(r *http.Request) (*session, refusal) {
	info, who, most := s.cfg.Identify(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped || len(s.sessions) >= s.cfg.MaxSessions || most > 0 && s.held[who] >= most {
		return nil, tooMany
	}
	n := newSession(s, newID(), info, who)
	s.sessions[n.id] = n
	s.held[who]++
	return n, refusal{}
}

func (s *Server) session(id string) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions[id]
}

func (s *Server) forget(n *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sessions[n.id] != n {
		return
	}
	delete(s.sessions, n.id)
	if s.held[n.who]--; s.held[n.who] == 0 {
		delete(s.held, n.who)
	}
}

// hello is the packet that opens a session.
func (n *session) hello(upgrades ...string) []byte {
	c := &n.server.cfg
	b := []byte(`0{"sid":"` + n.id + `","upgrades":[`)
	for _, u := range upgrades {
		b = append(strconv.AppendQuote(b, u), ']')
	}
	if len(upgrades) == 0 {
		b = append(b, ']')
	}
	for _, f := range []struct {
		name  string
		value int64
	}{
		{"pingInterval", c.PingInterval.Milliseconds()}, {"pingTimeout", c.PingTimeout.Milliseconds()}, {"maxPayload", c.MaxPayload},
	} {
		b = strconv.AppendInt(append(b, `,"`+f.name+`":`...), f.value, 10)
	}
	return append(b, '}')
}

// newID is 120 random bits in characters that JSON and URLs leave alone.
func newID() string {
	b := make([]byte, 15)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// answer writes packets as the body of an HTTP response.
func answer(w http.ResponseWriter, b []byte) error {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=UTF-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", strconv.Itoa(len(b)))
	_, err := w.Write(b)
	return err
}

// allow gives a request so long to be read and so long to be answered.
func allow(w http.ResponseWriter, read, write time.Duration) {
	c := http.NewResponseController(w)
	at := func(d time.Duration) time.Time {
		if d == 0 {
			return time.Time{}
		}
		return time.Now().Add(d)
	}
	_ = c.SetReadDeadline(at(read)) // not supported in-process, where nobody is slow
	_ = c.SetWriteDeadline(at(write))
}
