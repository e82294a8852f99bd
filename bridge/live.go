package bridge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"touchline.dev/touchline/crdt"
)

const (
	liveBatch = 256       // entries read at once
	liveRetry = 1000      // milliseconds after which a browser reconnects
	afterNow  = "now"     // ?after=now: nothing that is here already
	restarted = "restart" // the event that says that everything comes again

	endedEvent = "problem" // the last event of a stream whose reader's right has ended
)

// getLive streams a match's events: first what is here after the client's
// cursor, then what arrives.
func (s *Server) getLive(w http.ResponseWriter, r *http.Request) {
	log, err := s.matchLog(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	store := s.backend.StoreID()
	caller, _ := callerOf(r)
	lens := s.lensOf(caller, log)
	at, restart, err := s.liveStart(r, log, store)
	if err == nil {
		at, err = lens.place(at)
	}
	if err == nil {
		err = lens.focus()
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if r.Method == http.MethodHead {
		w.Header().Set("Content-Type", "text/event-stream")
		return // it has no body, and would have no end
	}
	select {
	case s.streams <- struct{}{}:
		defer func() { <-s.streams }()
	default:
		s.fail(w, r, fmt.Errorf("%w: too many live streams", crdt.ErrBusy))
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	st := stream{server: s, w: w, c: http.NewResponseController(w), log: log, caller: caller, lens: lens, at: at}
	st.run(r, restart)
}

// liveStart finds where a stream begins: Last-Event-ID, which a browser sends
// when it reconnects, before ?after=. restart: the cursor is of another store, or
// a Last-Event-ID is none at all. That is not refused: a browser would send it
// again for as long as its page is open, and cannot be told to forget it.
func (s *Server) liveStart(r *http.Request, log *crdt.Log, store crdt.StoreID) (at cursor, restart bool, err error) {
	last := r.Header.Get("Last-Event-ID")
	text := last
	if text == "" {
		text = r.FormValue("after")
	}
	switch text {
	case "":
		return cursorAt(store, 0), false, nil
	case afterNow:
		_, end, err := log.Counts()
		return cursorAt(store, end), false, err
	}
	at, err = parseCursor(text)
	if err != nil && last != "" || err == nil && !at.of(store) {
		return cursorAt(store, 0), true, nil
	}
	return at, false, err
}

// stream is one reader of a live stream.
type stream struct {
	server *Server
	w      http.ResponseWriter
	c      *http.ResponseController
	log    *crdt.Log
	caller Caller
	lens   *lens
	at     cursor
	buf    bytes.Buffer
}

// run writes until the client or the server goes, or the client's right ends,
// which an event says.
func (st *stream) run(r *http.Request, restart bool) {
	// A read deadline that passes would end the request, and with it the stream.
	_ = st.c.SetReadDeadline(time.Time{})
	// Without data a block changes only where the reader resumes: it loses nothing
	// if the link breaks before the first event comes.
	fmt.Fprintf(&st.buf, "retry: %d\nid: %s\n", liveRetry, st.lens.cursor(st.at))
	if restart {
		fmt.Fprintf(&st.buf, "event: %s\ndata: {}\n", restarted)
	}
	st.buf.WriteByte('\n')
	beat := time.NewTicker(st.server.cfg.Heartbeat)
	defer beat.Stop()
	recheck := time.NewTicker(st.server.cfg.Recheck)
	defer recheck.Stop()
	for {
		if err := st.server.still(st.caller, time.Now()); err != nil {
			st.farewell(err)
			return
		}
		changed := st.log.Changed()
		more, err := st.fill()
		if err != nil {
			st.server.log.Warn("live stream", "match", st.log.ID().Short(), "err", err)
			return
		}
		if !st.at.of(st.server.backend.StoreID()) {
			return // repaired meanwhile: the reader reconnects and begins again
		}
		if st.send() != nil {
			return // gone or too slow: it reconnects with Last-Event-ID
		}
		if more {
			continue
		}
		select {
		case <-changed:
		case <-recheck.C:
		case <-beat.C:
			st.buf.WriteString(": beat\n\n")
		case <-r.Context().Done():
			return
		case <-st.server.closing:
			return
		}
	}
}

// farewell says why the stream ends.
func (st *stream) farewell(why error) {
	b, err := json.Marshal(problemOf(why))
	if err != nil {
		return
	}
	fmt.Fprintf(&st.buf, "event: %s\ndata: %s\n\n", endedEvent, b)
	_ = st.send() // it may have gone, too
}

// fill buffers the next entries and reports whether there may be more.
func (st *stream) fill() (more bool, err error) {
	entries, err := st.log.Since(st.at.at, liveBatch)
	if err != nil {
		return false, err
	}
	if len(entries) > 0 {
		if err := st.lens.focus(); err != nil {
			return false, err
		}
	}
	for _, en := range entries {
		st.at.at = en.Arrival
		if !shown(en) {
			continue
		}
		e, ok := st.lens.show(en.Event)
		if !ok {
			continue
		}
		b, err := json.Marshal(e)
		if err != nil {
			return false, err
		}
		fmt.Fprintf(&st.buf, "id: %s\nevent: live\ndata: %s\n\n", st.lens.cursor(st.at), b)
	}
	return len(entries) == liveBatch, nil
}

// send writes and flushes the buffer within the time a reader has.
func (st *stream) send() error {
	if st.buf.Len() == 0 {
		return nil
	}
	_ = st.c.SetWriteDeadline(time.Now().Add(st.server.cfg.WriteTimeout)) // not supported in-process
	_, err := st.buf.WriteTo(st.w)
	if err == nil {
		err = st.c.Flush()
	}
	return err
}
