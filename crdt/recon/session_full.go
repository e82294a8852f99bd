package recon

import (
	"encoding/binary"

	"touchline.dev/touchline/crdt"
)

// fullLister is how far our full listing has come.
type fullLister struct {
	set   crdt.Set
	after crdt.Element // zero before the first
}

// fullHearer is how far the peer's full listing has come.
type fullHearer = fullLister

// startFull begins to list everything by whole hashes.
func (s *Session) startFull() error {
	if s.listing != nil || s.hearing != nil {
		return unexpected("second full listing")
	}
	s.sketch, s.ladder = false, false
	s.listing = &fullLister{}
	return s.continueFull()
}

// continueFull lists the next window; past the end it lists nothing.
func (s *Session) continueFull() error {
	for i := 0; i < s.cfg.Limits.Window && s.listing.set < crdt.NumSets; i++ {
		m := &full{set: s.listing.set}
		elements, err := s.elements(s.listing, nil, maxFull+1)
		if err != nil {
			return err
		}
		m.last = len(elements) <= maxFull
		m.elements = elements[:min(len(elements), maxFull)]
		s.listing.advance(m)
		s.reply.add(m)
		s.ask(entriesOf(m))
	}
	return nil
}

// elements reads our own elements after at, up to and including to (nil: to
// the end), at most limit.
func (s *Session) elements(at *fullLister, to *crdt.Element, limit int) (own []crdt.Element, err error) {
	err = s.cfg.Elements(at.set, at.after, func(e crdt.Element) bool {
		if at.after != (crdt.Element{}) && e.Compare(at.after) <= 0 {
			return true
		}
		if to != nil && e.Compare(*to) > 0 {
			return false
		}
		own = append(own, e)
		return len(own) < limit
	})
	return own, err
}

func (l *fullLister) advance(m *full) {
	if m.last {
		*l = fullLister{set: l.set + 1}
		return
	}
	l.after = m.elements[len(m.elements)-1]
}

func entriesOf(m *full) [][]Item {
	entries := make([][]Item, len(m.elements))
	for i, e := range m.elements {
		entries[i] = []Item{{m.set, NameOf(e)}}
	}
	return entries
}

// takeFull compares one part of the peer's full listing with our own elements
// in the same range.
func (s *Session) takeFull(m *full) error {
	if s.hearing == nil {
		s.hearing = &fullHearer{}
	}
	h := s.hearing
	switch n := len(m.elements); {
	case s.listing != nil || m.set != h.set || n == 0 && !m.last:
		return unexpected("full listing")
	case n > 0 && h.after != (crdt.Element{}) && m.elements[0].Compare(h.after) <= 0:
		return unexpected("full listing out of order")
	}
	s.flight.full = true
	var to *crdt.Element
	if !m.last {
		to = &m.elements[len(m.elements)-1]
	}
	own, err := s.elements(h, to, int(^uint(0)>>1))
	if err != nil {
		return err
	}
	s.compareFull(m, own)
	h.advance(m)
	return nil
}

// compareFull merges two sorted runs.
func (s *Session) compareFull(m *full, own []crdt.Element) {
	answer := &want{bits: make([]bool, len(m.elements))}
	for i, e := range m.elements {
		for len(own) > 0 && own[0].Compare(e) < 0 {
			s.send(Item{m.set, NameOf(own[0])})
			own = own[1:]
		}
		if len(own) > 0 && own[0] == e {
			own = own[1:]
			continue
		}
		answer.bits[i] = true
		s.out.Want = append(s.out.Want, Item{m.set, NameOf(e)})
		s.awaited.add(fullWidth, binary.BigEndian.Uint64(e.Hash[:]))
	}
	for _, e := range own {
		s.send(Item{m.set, NameOf(e)})
	}
	s.reply.add(answer)
}
