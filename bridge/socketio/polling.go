package socketio

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	recordSeparator = 0x1e // between the packets of a body
	// maxPackets bounds the packets of a body. An outbox is drained in one.
	maxPackets = 20_000
	// probePoll is how long a GET waits while the client is changing over to a
	// WebSocket: it begins when no GET is on its way.
	probePoll = 50 * time.Millisecond
)

// poll answers a GET with what waits for the client, when something does.
func (n *session) poll(w http.ResponseWriter, r *http.Request) {
	allow(w, 0, 0) // the session's own timers end it
	n.mu.Lock()
	if n.pipe != nil || n.polled {
		n.mu.Unlock()
		badRequest.write(w)
		n.close(errTransport)
		return
	}
	n.polled = true
	n.mu.Unlock()
	body := n.await(r)
	allow(w, 0, n.server.cfg.WriteTimeout)
	n.mu.Lock()
	n.polled = false
	n.mu.Unlock()
	if body == nil {
		return // nobody waits any more
	}
	if err := answer(w, body); err != nil {
		n.close(err) // what was in it is lost to this session; the next one resumes
	}
}

// await returns the body of a GET; nil if the client left meanwhile.
func (n *session) await(r *http.Request) []byte {
	var probe <-chan time.Time
	for {
		n.mu.Lock()
		body := n.takeQueueLocked()
		closed, probing := n.closed, n.probing != nil || n.pipe != nil
		n.mu.Unlock()
		if body != nil {
			return body
		}
		if closed {
			return closing
		}
		if probing && probe == nil {
			t := time.NewTimer(probePoll)
			defer t.Stop()
			probe = t.C
		}
		select {
		case <-n.wake:
		case <-probe:
			return noop
		case <-r.Context().Done():
			return nil
		}
	}
}

// takeQueueLocked joins what is queued, as much as a body may have.
func (n *session) takeQueueLocked() []byte {
	if n.pipe != nil || len(n.queue) == 0 {
		return nil
	}
	var body []byte
	taken := 0
	for _, m := range n.queue {
		if taken > 0 {
			if int64(len(body)+1+len(m.text)) > n.server.cfg.MaxPayload {
				break
			}
			body = append(body, recordSeparator)
		}
		body = append(body, m.text...)
		n.queued -= len(m.frame)
		taken++
	}
	if n.queue = n.queue[taken:]; len(n.queue) == 0 {
		n.queue = nil
	}
	n.changed.Broadcast()
	return body
}

// post takes the packets in the body of a POST.
func (n *session) post(w http.ResponseWriter, r *http.Request) {
	allow(w, n.server.cfg.WriteTimeout, 0)
	if r.ContentLength > n.server.cfg.MaxPayload {
		tooLarge.write(w)
		n.close(errTransport)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, n.server.cfg.MaxPayload+1))
	if err == nil && int64(len(body)) > n.server.cfg.MaxPayload {
		tooLarge.write(w)
		n.close(errTransport)
		return
	}
	if err == nil {
		err = n.takeBody(body)
	}
	if err != nil && !errors.Is(err, errLeft) {
		badRequest.write(w)
		n.close(err)
		return
	}
	allow(w, n.server.cfg.WriteTimeout, n.server.cfg.WriteTimeout)
	w.Header().Set("Content-Type", "text/html")
	_, writeErr := io.WriteString(w, "ok")
	if err = errors.Join(err, writeErr); err != nil {
		n.close(err)
	}
}

func (n *session) takeBody(body []byte) error {
	if bytes.Count(body, []byte{recordSeparator}) >= maxPackets {
		return fmt.Errorf("%w: more than %d in a body", errPacket, maxPackets)
	}
	for len(body) > 0 {
		var one []byte
		one, body, _ = bytes.Cut(body, []byte{recordSeparator})
		if err := n.takeText(one); err != nil {
			return err
		}
	}
	return nil
}

// takeText takes a packet in text form, where b is an attachment in base64.
func (n *session) takeText(one []byte) error {
	if len(one) == 0 || one[0] != 'b' {
		return n.take(one)
	}
	attachment, err := base64.StdEncoding.DecodeString(string(one[1:]))
	if err != nil {
		return fmt.Errorf("%w: attachment", errPacket)
	}
	return n.takeBinary(attachment)
}
