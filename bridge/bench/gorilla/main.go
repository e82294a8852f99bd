// Command gorilla is a bare hub on gorilla/websocket: a queue and a writer for
// each reader, one prepared message for all.
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"sync"

	"github.com/gorilla/websocket"
)

var upgrader = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

type hub struct {
	mu      sync.Mutex
	readers map[chan *websocket.PreparedMessage]bool
	fileMu  sync.Mutex
	file    *os.File
}

func main() {
	file, err := os.OpenFile(os.Args[1], os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		log.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	h := &hub{readers: map[chan *websocket.PreparedMessage]bool{}, file: file}
	http.HandleFunc("/", h.serve)
	fmt.Println(l.Addr())
	log.Fatal(http.Serve(l, nil))
}

func (h *hub) serve(w http.ResponseWriter, r *http.Request) {
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	queue := make(chan *websocket.PreparedMessage, 64)
	reads := r.URL.Path != "/publish"
	if reads {
		h.mu.Lock()
		h.readers[queue] = true
		h.mu.Unlock()
		go func() {
			for m := range queue {
				if conn.WritePreparedMessage(m) != nil {
					return
				}
			}
		}()
	}
	for {
		_, b, err := conn.ReadMessage()
		if err != nil {
			break
		}
		h.publish(conn, b)
	}
	h.mu.Lock()
	delete(h.readers, queue)
	h.mu.Unlock()
}

func (h *hub) publish(conn *websocket.Conn, b []byte) {
	h.fileMu.Lock()
	_, err := h.file.Write(append(b, '\n'))
	if err == nil {
		err = h.file.Sync()
	}
	h.fileMu.Unlock()
	if err != nil {
		log.Fatal(err)
	}
	if conn.WriteMessage(websocket.TextMessage, []byte("ack")) != nil {
		return
	}
	m, err := websocket.NewPreparedMessage(websocket.TextMessage, b)
	if err != nil {
		log.Fatal(err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for q := range h.readers {
		select {
		case q <- m:
		default:
			delete(h.readers, q) // too slow
			close(q)
		}
	}
}
