package main

import (
	"bufio"
	"context"
	"strings"
)

const maxSSELine = 256 << 10

// sse is one server-sent event. Without data it only says, by id, where to resume.
type sse struct{ id, event, data string }

// readSSE reads events until the stream ends.
func readSSE(ctx context.Context, in *bufio.Scanner, out chan<- sse) error {
	in.Buffer(make([]byte, 4096), maxSSELine)
	var ev sse
	for in.Scan() {
		field, value, _ := strings.Cut(in.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "":
			if in.Text() != "" || ev == (sse{}) {
				continue // a comment, or nothing to dispatch
			}
			select {
			case out <- ev:
			case <-ctx.Done():
				return ctx.Err()
			}
			ev = sse{}
		case "id":
			ev.id = value
		case "event":
			ev.event = value
		case "data":
			ev.data = value
		}
	}
	return in.Err()
}
