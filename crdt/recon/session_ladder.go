package recon

import "slices"

// emitLadder sends the ladder and the first cells of a sketch of everything.
func (s *Session) emitLadder() {
	s.reply.add(makeLadder(&s.view, &s.keys.print))
	s.reply.add(&cells{cells: s.view.sketch(firstCells, nil)})
	s.ladder, s.waiting = true, true
}

func (s *Session) takeLadder(m *ladder) error {
	if s.flight.ladder != nil || !s.onlyAskedSince() && (s.cfg.Role == Initiator || s.hasStarted()) {
		return unexpected("ladder")
	}
	s.flight.ladder = m
	return nil
}

// takeCells gathers cells: those after a ladder, or those of a sketch we wait
// for.
func (s *Session) takeCells(m *cells) error {
	to := &s.cells
	most := s.cfg.Limits.Cells
	if s.flight.ladder != nil {
		to, most = &s.flight.cells, firstCells
	} else if s.own > 0 || s.listing != nil || s.hearing != nil {
		return unexpected("cells")
	}
	if m.start != len(*to) || len(m.cells) == 0 {
		return unexpected("cells out of order")
	}
	if len(*to)+len(m.cells) > most {
		return ErrLimit
	}
	s.ladder = false
	*to = append(*to, m.cells...)
	s.flight.cells = *to
	return nil
}

// answerLadder decodes the cells that came with a ladder if they suffice, and
// else lists the dense ranges and sketches the rest. A ladder that shows no
// difference lies, for the digests differ.
func (s *Session) answerLadder(f *flight) error {
	if found, decoded := s.decode(f.cells, nil); decoded {
		if !found {
			return s.startFull()
		}
		return nil
	}
	p := makePlan(&s.view, &s.keys.print, f.ladder)
	if !p.differs() {
		return s.startFull()
	}
	if sketchCells(p.sparse) > s.cfg.Limits.Cells {
		p = plan{dense: []span{{}}}
	}
	for _, r := range p.dense {
		s.emitSpan(r)
	}
	if p.sparse > 0 {
		s.sketch = true
		s.emitCells(sketchCells(p.sparse))
	}
	return nil
}

// emitCells continues our sketch up to n cells.
func (s *Session) emitCells(n int) {
	all := s.view.sketch(n, s.listed)
	for s.own < n {
		end := min(n, s.own+maxCellsMessage)
		s.reply.add(&cells{start: s.own, cells: all[s.own:end]})
		s.own = end
	}
	s.waiting = true
}

// answerMore continues the sketch, which the peer could not decode, or gives
// up on sketches.
func (s *Session) answerMore(total int) error {
	switch {
	case !s.sketch || total <= s.own:
		return unexpected("more")
	case s.retries >= s.cfg.Limits.Retries || total > s.cfg.Limits.Cells:
		return s.startFull()
	}
	s.retries++
	s.emitCells(total)
	return nil
}

// answerCells decodes the peer's sketch, asks for more of it, or gives up on
// sketches.
func (s *Session) answerCells() error {
	if found, decoded := s.decode(s.cells, s.listed); decoded && found {
		return nil
	}
	total := len(s.cells) + len(s.cells)/2 + 16
	if s.retries >= s.cfg.Limits.Retries || total > s.cfg.Limits.Cells {
		return s.startFull()
	}
	s.retries++
	s.reply.add(&more{total: total})
	s.waiting = true
	return nil
}

// decode takes the difference between our sketch and the peer's apart. If it
// comes out even, it sends what the peer lacks and asks for what we lack;
// found says that there was a difference and that all of our part of it exists.
func (s *Session) decode(peer sketch, without []span) (found, decoded bool) {
	if len(peer) == 0 {
		return false, false
	}
	diff := s.view.sketch(len(peer), without)
	diff.subtract(peer)
	mine, theirs, decoded := diff.decode()
	if !decoded {
		return false, false
	}
	items, known := s.view.find(mine)
	if !known || len(mine)+len(theirs) == 0 && without == nil {
		return false, true
	}
	s.send(items...)
	for _, id := range theirs {
		s.awaited.add(sketchWidth, id)
	}
	s.emitWantIDs(theirs)
	return true, true
}

// emitWantIDs asks for IDs, and with at least one message says "decoded".
func (s *Session) emitWantIDs(ids []uint64) {
	for first := true; first || len(ids) > 0; first = false {
		n := min(len(ids), maxList)
		s.reply.add(&wantIDs{idList{width: sketchWidth, ids: ids[:n]}})
		ids = ids[n:]
	}
}

func (s *Session) takeWantIDs(m *wantIDs) error {
	if m.width != sketchWidth || !s.ladder && !s.sketch && !s.flight.decoded {
		return unexpected("wanted IDs")
	}
	s.ladder, s.sketch = false, false
	s.flight.decoded = true
	s.flight.wanted = append(s.flight.wanted, m.ids...)
	return nil
}

// answerWanted sends what was asked for by sketch ID, in one pass over our
// own. IDs that name nothing of ours are left to the digest to find out.
func (s *Session) answerWanted(f *flight) error {
	slices.Sort(f.wanted)
	if distinct := slices.Compact(f.wanted); len(distinct) > 0 {
		items, _ := s.view.find(distinct)
		s.send(items...)
	}
	return nil
}
