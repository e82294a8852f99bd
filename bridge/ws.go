package bridge

import (
	"errors"
	"fmt"
	"net/http"

	"touchline.dev/touchline/bridge/websocket"
	"touchline.dev/touchline/bridge/wire"
	"touchline.dev/touchline/crdt"
)

const (
	// subprotocol names the frames of package wire.
	subprotocol = "touchline.v1"
	// maxWaiting is how much may wait for a page that reads slowly, in bytes.
	maxWaiting = 512 << 10
)

// slowBye is for a page that leaves too much unread.
func slowBye() []byte {
	return wire.Encode(&wire.Bye{Reason: "slow", Detail: "more waits than a page may leave unread; reconcile"})
}

var overWebSocket = framing{"ws", websocket.AppendHeader}

func (s *Server) webSockets() *websocket.Config {
	return &websocket.Config{
		Protocol: subprotocol, MaxMessage: wire.MaxFrame, MaxQueue: maxWaiting, WriteTimeout: s.cfg.WriteTimeout,
		Slow: slowBye(), SlowCode: 4408,
	}
}

// getSocket takes a page's WebSocket. Host and Origin were checked; who the page
// is, it says in its first frame, since a browser can send no token before.
func (s *Server) getSocket(w http.ResponseWriter, r *http.Request) {
	var bad *websocket.RequestError
	if err := s.webSocket.Check(r); errors.As(err, &bad) {
		switch bad.Status {
		case http.StatusUpgradeRequired:
			w.Header().Set("Upgrade", "websocket")
			w.Header().Set("Sec-WebSocket-Version", "13")
		case http.StatusMethodNotAllowed:
			w.Header().Set("Allow", http.MethodGet)
		}
		s.fail(w, r, newProblem(bad.Status, "websocket", "No WebSocket", bad.Reason))
		return
	}
	if s.pages.full() {
		s.fail(w, r, fmt.Errorf("%w: too many pages are connected", crdt.ErrBusy))
		return
	}
	if err := s.webSocket.Upgrade(w, r, &socket{pages: s.pages}); err != nil {
		s.log.Debug("upgrade", "err", err)
	}
}

// socket hands the messages of a WebSocket to its page.
type socket struct {
	pages *pages
	page  *page
}

// Opened implements websocket.Handler. Who says nothing is a page, too: it counts,
// and is closed when its time is over.
func (h *socket) Opened(c *websocket.Conn) {
	var ok bool
	if h.page, ok = h.pages.add(c, overWebSocket); !ok {
		c.Close(nil, 4429, "limit")
	}
}

// Message implements websocket.Handler.
func (h *socket) Message(_ *websocket.Conn, b []byte) {
	if h.page != nil {
		h.page.frame(b)
	}
}

// Closed implements websocket.Handler.
func (h *socket) Closed(*websocket.Conn) {
	if h.page != nil {
		h.page.closed()
	}
}
