package node

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// What one side says of a log that it does not follow live.
const (
	logUnknown byte = iota
	logResting
	logRetired
)

// restingNames finds the logs at rest that a peer means. Names differ in every
// exchange, so all of them are computed, once and only when there is a
// question: some microseconds a log.
type restingNames struct{ byName map[logName]*access.Member }

func (x *exchange) restingNames() *restingNames {
	initiator, responder := x.theirNonce, x.ourNonce
	if x.initiator {
		initiator, responder = responder, initiator
	}
	rest := &restingNames{map[logName]*access.Member{}}
	for _, m := range x.w.node.resting() {
		if !x.w.doors.shares(x.peer, m.Log) {
			continue
		}
		rest.byName[nameUnder(namesKey(m), initiator, responder)] = m
	}
	return rest
}

// take returns the membership with a name, nil if there is none, and once only.
func (rn *restingNames) take(name logName) *access.Member {
	m := rn.byName[name]
	delete(rn.byName, name)
	return m
}

// openResting answers, as initiator, for a log at rest here that the
// responder named.
func (x *exchange) openResting(index int, m *access.Member) error {
	if m == nil {
		return nil
	}
	at := binary.AppendUvarint(nil, uint64(index))
	r, err := x.w.node.mustReplica(m.Log)
	switch {
	case errors.Is(err, crdt.ErrGone):
		x.out.send(frameState, at, []byte{logRetired})
		return nil
	case err != nil:
		return err
	}
	x.out.send(frameState, at, []byte{logResting})
	return x.add(index, r).begin()
}

// want asks the responder for logs that it did not name.
func (x *exchange) want(logs []*replica) {
	x.wanted = logs
	var names []byte
	for _, r := range logs {
		name := r.secrets.logName(x.ourNonce, x.theirNonce)
		names = append(names, name[:]...)
	}
	x.out.send(frameWanted, names)
}

// answerWanted says what we know of logs that the initiator follows and we did
// not name. Those at rest get the indices after the names.
func (x *exchange) answerWanted(b []byte) error {
	if x.initiator || !x.agreed || x.asked || len(b)%tagSize != 0 || len(b) > maxLive*tagSize {
		return fmt.Errorf("%w: names asked for", crdt.ErrMalformed)
	}
	x.asked = true
	rest := x.restingNames()
	var answer []byte
	for i, name := range slices.Collect(slices.Chunk(b, tagSize)) {
		state := logUnknown
		if m := rest.take(logName(name)); m != nil {
			r, err := x.w.node.mustReplica(m.Log)
			switch {
			case errors.Is(err, crdt.ErrGone):
				state = logRetired
			case err != nil:
				return err
			default:
				state = logResting
				x.add(x.names+i, r)
			}
		}
		answer = append(answer, state)
	}
	x.out.send(frameAnswer, answer)
	return nil
}

// takeAnswer begins sessions for the logs that the responder has at rest.
func (x *exchange) takeAnswer(b []byte) error {
	if !x.initiator || x.wanted == nil || len(b) != len(x.wanted) {
		return fmt.Errorf("%w: answer about logs asked for", crdt.ErrMalformed)
	}
	logs := x.wanted
	x.wanted = nil
	for i, r := range logs {
		switch b[i] {
		case logResting:
			l := x.add(x.names+i, r)
			l.report.Resting = true
			if err := l.begin(); err != nil {
				return err
			}
		case logRetired:
			x.w.noteRetired(r, x.peer)
			x.add(x.names+i, r).report.Retired = true
		}
	}
	return nil
}

// letRest gives back the memory of a log that only an exchange had opened.
func (n *Node) letRest(r *replica) {
	if !n.isLive(r.log.ID()) {
		r.dropIndex()
	}
}

func (n *Node) hasResting() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.members) > len(n.roster.live)
}
