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
	accessErr := l.access.Check(e)
	if accessErr != nil && !errors.Is(accessErr, ErrNoGrant) {
		return accessErr
	}
	if gate != nil {
		if err := gate.Room(e); err != nil {
			return err
		}
	}
	if err := verify(); err != nil {
		return err
	}
	if gate != nil {
		gate.Took(e)
	}
	return accessErr
}

// judgeUnlessHeld is [Log.JudgeAt] for what may come from several peers at once:
// the hash says that the very bytes were judged before, which spares the signature
// and uses up nobody's room. They are in the store, or on their way into it.
func (l *Log) judgeUnlessHeld(gate Gate, by *authors, envelope []byte) (*Event, error) {
	e, err := l.parse(envelope)
	if err != nil {
		return e, err
	}
	if held, err := l.store.Find(l.id, e.Set, e.Time, e.Hash[:]); err == nil && len(held) > 0 {
		return e, l.access.Check(e)
	}
	if l.verified.has(e.Hash) {
		return e, l.access.Check(e)
	}
	if err = l.judge(gate, e, func() error { return by.verify(e) }); err == nil || errors.Is(err, ErrNoGrant) {
		l.verified.add(e.Hash)
	}
	return e, err
}
