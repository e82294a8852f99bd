package recon

import "slices"

// emitSince lists what arrived since the sync point and reports whether that
// was little enough.
func (s *Session) emitSince(items []Item) bool {
	if len(items) > maxList {
		return false
	}
	s.reply.add(&since{s.nameShort(items)})
	return true
}

// emitSpan lists a range by short names, in parts if it is long.
func (s *Session) emitSpan(r span) {
	parts, items := splitSpan(&s.view, r)
	for i, part := range parts {
		s.reply.add(&list{part, s.nameShort(items[i])})
		s.listed = append(s.listed, part)
	}
}

// nameShort names items for the peer and remembers which entry means which.
func (s *Session) nameShort(items []Item) idList {
	l := idList{width: listWidth(len(items))}
	by := s.byShort(items, l.width)
	for id := range by {
		l.ids = append(l.ids, id)
	}
	slices.Sort(l.ids)
	entries := make([][]Item, len(l.ids))
	for i, id := range l.ids {
		entries[i] = by[id]
	}
	s.ask(entries)
	return l
}

// byShort groups items by their short names.
func (s *Session) byShort(items []Item, width uint) map[uint64][]Item {
	by := make(map[uint64][]Item, len(items))
	for i := range items {
		id := s.keys.shortID(&items[i], width)
		by[id] = append(by[id], items[i])
	}
	return by
}

// ask notes a list that the peer must answer with a want.
func (s *Session) ask(entries [][]Item) {
	s.asked = append(s.asked, entries)
	s.waiting = true
}

func (s *Session) takeSince(m *since) error {
	if s.cfg.Role == Initiator || s.flight.refused || s.hasStarted() {
		return unexpected("since")
	}
	if !s.syncAgreed {
		s.flight.refused = true
		return nil
	}
	s.syncAgreed = false // it serves once
	return s.compare(s.cfg.Sync.items(), m.idList)
}

// onlyAskedSince reports whether a since is all we have asked so far, which the
// peer may refuse.
func (s *Session) onlyAskedSince() bool {
	return s.cfg.Role == Initiator && s.cfg.Sync != nil && !s.ladder && s.listed == nil && s.own == 0 && s.listing == nil
}

// hasStarted reports whether this side has asked or listed anything.
func (s *Session) hasStarted() bool {
	return s.ladder || s.sketch || s.asked != nil || s.listed != nil || s.listing != nil || s.hearing != nil
}

// takeList compares a listed range. Ranges come newest first and do not
// overlap, so that all lists together cost one pass over our own.
func (s *Session) takeList(m *list) error {
	if s.own > 0 || s.hearing != nil || s.listing != nil {
		return unexpected("list")
	}
	if r := m.span; r.from != nil && r.to != nil && r.from.Compare(*r.to) >= 0 {
		return unexpected("list of an empty range")
	}
	if n := len(s.listed); n > 0 {
		before := s.listed[n-1].from
		if before == nil || m.span.to == nil || m.span.to.Compare(*before) > 0 {
			return unexpected("lists out of order")
		}
	}
	s.ladder = false
	s.listed = append(s.listed, m.span)
	return s.compare(s.view.items(m.span), m.idList)
}

// compare answers a list: own items that are not in it are sent, and entries
// that name none of our own are wanted.
func (s *Session) compare(own []Item, l idList) error {
	if l.width > maxWidth {
		return unexpected("width of a list")
	}
	by := s.byShort(own, l.width)
	answer := &want{bits: make([]bool, len(l.ids))}
	for i, id := range l.ids {
		if _, have := by[id]; have {
			delete(by, id)
			continue
		}
		answer.bits[i] = true
		s.awaited.add(l.width, id)
	}
	for _, items := range by {
		s.send(items...)
	}
	s.reply.add(answer)
	return nil
}

func (s *Session) takeWant(m *want) error {
	if len(s.asked) == 0 || len(s.asked[0]) != len(m.bits) {
		return unexpected("want")
	}
	for i, wanted := range m.bits {
		if wanted {
			s.send(s.asked[0][i]...)
		}
	}
	s.asked = s.asked[1:]
	return nil
}
