package access

import "touchline.dev/touchline/crdt"

// rulings are the control events that speak about others, read once. They are
// facts; what they bring about is judged (for cuts) or is membership (for
// purges and erasures).
type rulings struct {
	revocations []*ruling[Revocation]
	handOvers   map[crdt.Hash][]*ruling[HandOver] // by the grant they end
	epochs      []*ruling[Epoch]                  // in order of arrival
	wraps       []*ruling[Wraps]                  // in order of arrival

	purged  map[crdt.Hash]bool
	beneath []beneath
	erased  map[RecordName]bool
}

// ruling is a control event with its content.
type ruling[T any] struct {
	placed
	by      *right // its author's right
	refs    []crdt.Hash
	time    crdt.Time
	content *T
}

// beneath is a purge of all that hangs on a grant.
type beneath struct {
	grant  crdt.Hash
	except map[crdt.Hash]bool
}

func newRulings() rulings {
	return rulings{
		handOvers: map[crdt.Hash][]*ruling[HandOver]{},
		purged:    map[crdt.Hash]bool{}, erased: map[RecordName]bool{},
	}
}

// add takes note of an admitted control event.
func (s *rulings) add(e *crdt.Event, by *right) {
	plain, err := e.Plain()
	if err != nil {
		return
	}
	switch kindOf(plain) {
	case KindRevocation:
		s.revocations = append(s.revocations, read[Revocation](e, by, plain))
	case KindHandOver:
		s.handOvers[e.Grant] = append(s.handOvers[e.Grant], read[HandOver](e, by, plain))
	case KindEpoch:
		s.epochs = append(s.epochs, read[Epoch](e, by, plain))
	case KindWraps:
		s.wraps = append(s.wraps, read[Wraps](e, by, plain))
	case KindPurge:
		s.purge(read[Purge](e, by, plain).content)
	case KindErasure:
		for _, name := range read[Erasure](e, by, plain).content.Names {
			s.erased[RecordName(name)] = true
		}
	}
}

func (s *rulings) purge(p *Purge) {
	for _, h := range p.Hashes {
		s.purged[crdt.Hash(h)] = true
	}
	if len(p.Beneath) == 0 {
		return
	}
	b := beneath{grant: crdt.Hash(p.Beneath), except: map[crdt.Hash]bool{}}
	for _, h := range p.Except {
		b.except[crdt.Hash(h)] = true
	}
	s.beneath = append(s.beneath, b)
}

// bars returns ErrGone for an event or record that a purge or an erasure took
// out of its set for ever.
func (s *rulings) bars(e *crdt.Event, by *right) error {
	if s.purged[e.Hash] {
		return crdt.ErrGone
	}
	for _, b := range s.beneath {
		if by.within(b.grant) && !b.except[e.Hash] {
			return crdt.ErrGone
		}
	}
	if e.Set == crdt.Records && len(s.erased) > 0 && s.erased[NameOfRecord(e)] {
		return crdt.ErrGone
	}
	return nil
}

// read decodes what admission has validated.
func read[T any](e *crdt.Event, by *right, plain []byte) *ruling[T] {
	content, err := decode[T](plain)
	if err != nil {
		panic("admitted control event does not decode: " + err.Error())
	}
	return &ruling[T]{placed: placeOf(e), by: by, refs: e.Refs, time: e.Time, content: content}
}
