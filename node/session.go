package node

import (
	"fmt"

	"touchline.dev/touchline/crdt"
)

type output struct {
	replies [][]byte
	send    []crdt.Hash
	done    bool
}

type session struct {
	l     *logExchange
	other map[crdt.Hash]bool
}

func newSession(l *logExchange) *session { return &session{l: l, other: map[crdt.Hash]bool{}} }

const perList = 400

func (s *session) mine() (all []crdt.Hash) {
	for _, set := range crdt.Sets {
		s.l.x.w.node.store.Elements(s.l.replica.log.ID(), set, crdt.Element{}, func(e crdt.Element) bool {
			all = append(all, e.Hash)
			return true
		})
	}
	return all
}

func (s *session) start() output {
	return output{replies: lists(0, s.mine())}
}

func lists(kind byte, all []crdt.Hash) (out [][]byte) {
	for {
		n := min(len(all), perList)
		last := byte(0)
		if n == len(all) {
			last = 1
		}
		b := []byte{kind, last}
		for _, h := range all[:n] {
			b = append(b, h[:]...)
		}
		out = append(out, b)
		all = all[n:]
		if last == 1 {
			return out
		}
	}
}

func (s *session) step(msg []byte) (out output, err error) {
	if len(msg) < 2 || (len(msg)-2)%crdt.HashSize != 0 {
		return out, fmt.Errorf("%w: list", crdt.ErrMalformed)
	}
	for b := msg[2:]; len(b) > 0; b = b[crdt.HashSize:] {
		s.other[crdt.Hash(b)] = true
	}
	if msg[1] == 0 {
		return out, nil
	}
	out.done = true
	if msg[0] == 1 { // the peer's wants
		for h := range s.other {
			out.send = append(out.send, h)
		}
		return out, nil
	}
	for _, h := range s.mine() {
		if !s.other[h] {
			out.send = append(out.send, h)
		}
		delete(s.other, h)
	}
	var want []crdt.Hash
	for h := range s.other {
		want = append(want, h)
	}
	out.replies = lists(1, want)
	return out, nil
}
