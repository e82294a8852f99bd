package crdt

import "errors"

// Gate bounds how much is taken of whom, where events come in. What finds no
// room comes later: a gate never decides whether an event may be a member.
type Gate interface {
	// Room returns nil, or an error wrapping [ErrBusy]. It is asked before
	// the signature is looked at, which is what costs.
	Room(*Event) error
	// Took is told of each event whose signature was good, so that a forger
	// uses up nobody's room.
	Took(*Event)
}

// Judge parses an envelope and says whether it may be a member now. It touches
// neither disk nor network, so a gossip validator may call it.
func (l *Log) Judge(envelope []byte) (*Event, error) { return l.JudgeAt(nil, envelope) }

// JudgeAt is [Log.Judge] behind a gate; nil is no gate.
func (l *Log) JudgeAt(gate Gate, envelope []byte) (*Event, error) {
	e, err := l.parse(envelope)
	if err != nil {
		return e, err
	}
	return e, l.judge(gate, e, e.Verify)
}

func (l *Log) parse(envelope []byte) (*Event, error) {
	e, err := Decode(envelope)
	if err == nil && e.LogID() != l.id {
		err = ErrWrongLog
	}
	return e, err
}

func (l *Log) judge(gate Gate, e *Event, verify func() error) error {
	accessErr, err := l.mayBe(gate, e)
	if err != nil {
		return err
	}
	if err := verify(); err != nil {
		return err
	}
	if gate != nil {
		gate.Took(e)
	}
	return accessErr
}

// mayBe is what is asked before the signature is looked at: err ends it, waits is nil or
// wraps ErrNoGrant.
func (l *Log) mayBe(gate Gate, e *Event) (waits, err error) {
	if waits = l.access.Check(e); waits != nil && !errors.Is(waits, ErrNoGrant) {
		return nil, waits
	}
	if gate != nil {
		err = gate.Room(e)
	}
	return waits, err
}

// judgement is an event whose signature is being looked at together with others.
type judgement struct {
	out   *Outcome
	waits error
	sum   *sum
}

// judgeUnlessHeld is [Log.JudgeAt] for many, which may come from several peers at once:
// the hash says that the very bytes were judged before, which spares the signature
// and uses up nobody's room. They are in the store, or on their way into it.
func (l *Log) judgeUnlessHeld(gate Gate, envelopes [][]byte, out []Outcome) {
	var open []judgement
	for i, envelope := range envelopes {
		j := judgement{out: &out[i]}
		e, err := l.parse(envelope)
		if j.out.Event = e; err != nil {
			j.out.Err = err
			continue
		}
		if l.isHeld(e) {
			j.out.Err = l.access.Check(e)
			continue
		}
		if j.waits, j.out.Err = l.mayBe(gate, e); j.out.Err != nil {
			continue
		}
		v := l.authors.verifier(e.Author)
		if v == nil {
			l.judged(gate, j, e.Verify())
		} else if j.sum = v.sum(e.signed(), e.signature); j.sum == nil {
			j.out.Err = ErrSignature
		} else {
			open = append(open, j)
		}
	}
	if len(open) == 0 {
		return
	}
	sums := make([]*sum, len(open))
	for i, j := range open {
		sums[i] = j.sum
	}
	for i, encoding := range encodings(sums) {
		var err error
		if encoding != [32]byte(open[i].out.Event.signature) {
			err = ErrSignature
		}
		l.judged(gate, open[i], err)
	}
}

// isHeld reports whether an event was judged before.
func (l *Log) isHeld(e *Event) bool {
	held, err := l.store.Find(l.id, e.Set, e.Time, e.Hash[:])
	return err == nil && len(held) > 0 || l.verified.has(e.Hash)
}

// judged takes what was found out about a signature.
func (l *Log) judged(gate Gate, j judgement, err error) {
	if j.out.Err = err; err != nil {
		return
	}
	if gate != nil {
		gate.Took(j.out.Event)
	}
	j.out.Err = j.waits
	l.verified.add(j.out.Event.Hash)
}
