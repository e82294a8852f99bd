package socketio

import (
	"bytes"
	"encoding/json"
	"strconv"

	"github.com/gobwas/ws"
)

// Engine.IO packet types (engine.io protocol 4).
const (
	engineOpen byte = '0' + iota
	engineClose
	enginePing
	enginePong
	engineMessage
	engineUpgrade
	engineNoop
)

// Message is an encoded packet for any number of sockets. It is not changed
// after it was made.
type Message struct {
	frame []byte // a whole WebSocket frame
	text  []byte // its payload, as in polling
}

// newMessage frames the text that the parts make together.
func newMessage(parts ...[]byte) *Message {
	size := 0
	for _, p := range parts {
		size += len(p)
	}
	var buf bytes.Buffer
	buf.Grow(ws.MaxHeaderSize + size)
	// Only an invalid length is an error, and a slice has none.
	_ = ws.WriteHeader(&buf, ws.Header{Fin: true, OpCode: ws.OpText, Length: int64(size)})
	head := buf.Len()
	for _, p := range parts {
		buf.Write(p)
	}
	return &Message{frame: buf.Bytes(), text: buf.Bytes()[head:]}
}

// Body is an event whose name and arguments are encoded, but for a last one.
type Body []byte

// NewBody encodes an event. The arguments must be values that JSON can say.
func NewBody(name string, args ...any) (Body, error) {
	b := []byte{engineMessage, typeEvent}
	list, err := encodeArray(append([]any{name}, args...))
	return append(b, list[:max(len(list)-1, 0)]...), err
}

// NewRawBody is NewBody for one argument that is JSON already.
func NewRawBody(name string, arg []byte) Body {
	b := strconv.AppendQuote([]byte{engineMessage, typeEvent, '['}, name)
	return append(append(b, ','), arg...)
}

// Event is the message of an event whose last argument, beside those in body, is
// the string last, of characters that JSON does not escape. A client that
// resumes says the last one it got.
func Event(body Body, last string) *Message {
	return newMessage(body, []byte(`,"`), []byte(last), []byte(`"]`))
}

// PlainEvent is the message of an event with nothing added.
func PlainEvent(body Body) *Message { return newMessage(body, []byte{']'}) }

// encodeArray is JSON without HTML escapes and newlines.
func encodeArray(v []any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(buf.Bytes(), []byte{'\n'}), err
}

var (
	pingMessage = newMessage([]byte{enginePing})
	noop        = []byte{engineNoop}
	closing     = []byte{engineClose}
)
