package recon

import (
	"crypto/hmac"

	"touchline.dev/touchline/crdt"
)

// Session is one side of the reconciliation of one log. Flights alternate:
// the initiator sends the first, and each side answers a flight with one
// flight or, when it is done, with none. Use [New].
//
// What it costs is bounded whatever the peer says: at most Limits.Frames
// frames are read, a sketch has at most Limits.Cells cells and is continued
// at most Limits.Retries times, then the full listing begins, which takes one
// round trip for each Limits.Window frames of 330 elements.
//
// A Session is not safe for concurrent use.
type Session struct {
	cfg  Config // immutable
	keys sessionKeys
	view view

	err     error
	done    bool
	equal   bool
	taken   int               // frames taken from the peer
	sent    map[Item]struct{} // ever named in Output.Send
	awaited awaited           // asked of the peer and not Got
	out     Output            // of the Step under way, without Reply
	reply   frames            // of the flight being built

	// What the flight being taken has brought so far.
	heardHello bool // true from the first flight on
	syncAgreed bool
	flight     flight

	// What was asked of the peer and is not answered.
	waiting bool       // the flight being built expects an answer
	asked   [][][]Item // lists, oldest first; for each entry the items it names
	ladder  bool
	sketch  bool

	// The sketch of this session and the ranges listed outside it.
	listed  []span
	cells   sketch // the peer's cells, if it sketches
	own     int    // how many cells we sent, if we sketch
	retries int

	listing *fullLister // ours, nil unless we list in full
	hearing *fullHearer // the peer's
}

// flight is what one flight of the peer brought and is dealt with at its end.
type flight struct {
	empty   bool // nothing but a hello
	refused bool // since without an agreed sync point
	ladder  *ladder
	cells   sketch
	wanted  []uint64
	decoded bool // a wantIDs came
	more    int
	full    bool
}

// New returns a Session. It panics if cfg.Elements is nil.
func New(cfg Config) *Session {
	if cfg.Elements == nil {
		panic("recon: Config.Elements is nil")
	}
	cfg.Limits = cfg.Limits.orDefaults()
	return &Session{cfg: cfg, keys: cfg.Key.expand(), view: cfg.Snapshots, sent: make(map[Item]struct{}), flight: flight{empty: true}}
}

// Start returns the initiator's first flight; for a responder it is empty.
// It is called once, before any Step. An error is that of Config.Elements.
func (s *Session) Start() (Output, error) {
	if s.cfg.Role == Responder {
		return Output{}, nil
	}
	s.emitHello()
	var err error
	switch p := s.cfg.Sync; {
	case s.cfg.Level == LevelFull:
		err = s.startFull()
	case p != nil && s.emitSince(p.items()):
	default:
		s.emitLadder()
	}
	return s.finish(true, err)
}

// Step takes one frame from the peer. After an error, or after Done, the
// Session is dead: every later Step returns an error. Errors wrap
// [ErrMalformed], [ErrProtocol] or [ErrLimit], which are the peer's fault, or
// are those of Config.Elements.
func (s *Session) Step(frame []byte) (Output, error) {
	switch {
	case s.err != nil:
		return Output{}, s.err
	case s.done:
		return s.finish(true, unexpected("frame after the end"))
	case s.taken >= s.cfg.Limits.Frames:
		return s.finish(true, ErrLimit)
	}
	s.taken++
	follows, messages, err := parseFrame(frame)
	for i := 0; i < len(messages) && err == nil; i++ {
		err = s.take(messages[i])
	}
	if err == nil && !follows {
		err = s.endFlight()
	}
	return s.finish(!follows, err)
}

// Got tells the session that it has arrived here, from this peer or another.
func (s *Session) Got(it Item) { s.awaited.remove(&it, &s.keys, &s.view) }

// Missing is how many elements the peer was asked to send and that have not
// arrived. What the peer found out by itself to send is not counted.
func (s *Session) Missing() int { return len(s.awaited.ids) }

// finish hands out what the step under way has gathered.
func (s *Session) finish(flightOver bool, err error) (Output, error) {
	out := s.out
	s.out = Output{}
	if err != nil {
		s.err = err
		return Output{}, err
	}
	if flightOver {
		out.Reply, s.reply = s.reply, nil
	}
	sortItems(out.Send)
	out.Done, out.Equal = s.done, s.done && s.equal
	return out, nil
}

// take deals with one message of the peer's flight.
func (s *Session) take(m message) error {
	h, isHello := m.(*hello)
	switch {
	case isHello == s.heardHello:
		return unexpected("hello not first, or repeated")
	case isHello:
		s.takeHello(h)
		return nil
	case s.equal:
		return nil // the peer spoke before it knew
	}
	s.flight.empty = false
	switch m := m.(type) {
	case *since:
		return s.takeSince(m)
	case *ladder:
		return s.takeLadder(m)
	case *cells:
		return s.takeCells(m)
	case *list:
		return s.takeList(m)
	case *want:
		return s.takeWant(m)
	case *wantIDs:
		return s.takeWantIDs(m)
	case *more:
		s.flight.more = m.total
		return nil
	case *full:
		return s.takeFull(m)
	}
	panic("recon: message without a case")
}

func (s *Session) takeHello(h *hello) {
	s.heardHello = true
	proof := s.keys.proof(s.cfg.Role^1, &s.cfg.Digests)
	s.equal = hmac.Equal(h.proof[:], proof[:])
	if p := s.cfg.Sync; p != nil && h.sync != nil && s.cfg.Level == LevelAuto {
		mac := p.mac(&s.keys, s.cfg.Role)
		s.syncAgreed = hmac.Equal(mac[:], h.sync[:])
	}
	if s.cfg.Role == Responder {
		s.emitHello()
	}
}

// endFlight answers the peer's flight.
func (s *Session) endFlight() error {
	f := s.flight
	s.flight, s.waiting = flight{empty: true}, false
	if s.equal {
		s.done = true
		return nil
	}
	if f.empty {
		return unexpected("flight without a message")
	}
	if err := s.answer(&f); err != nil {
		return err
	}
	if s.waiting {
		return nil
	}
	if !s.heardHello || s.ladder || s.sketch || len(s.asked) > 0 {
		return unexpected("end with questions unanswered")
	}
	s.done = true
	return nil
}

// answer does what one flight calls for.
func (s *Session) answer(f *flight) error {
	if s.onlyAskedSince() && (f.ladder != nil || f.full) {
		s.asked = nil // our since was refused
	}
	if len(s.asked) > 0 {
		return unexpected("flight that leaves lists unanswered")
	}
	if err := s.answerWanted(f); err != nil {
		return err
	}
	switch {
	case f.full:
		s.ladder, s.sketch = false, false
		s.waiting = s.hearing.set < crdt.NumSets
		return nil
	case s.listing != nil:
		return s.continueFull()
	case s.cfg.Level == LevelFull && (f.refused || f.ladder != nil):
		return s.startFull()
	case f.refused:
		s.emitLadder()
		return nil
	case f.ladder != nil:
		return s.answerLadder(f)
	case f.more > 0:
		return s.answerMore(f.more)
	case f.cells != nil:
		return s.answerCells()
	}
	return nil
}

func (s *Session) emitHello() {
	h := &hello{proof: s.keys.proof(s.cfg.Role, &s.cfg.Digests)}
	if s.cfg.Sync != nil && s.cfg.Level == LevelAuto {
		mac := s.cfg.Sync.mac(&s.keys, s.cfg.Role)
		h.sync = &mac
	}
	s.reply.add(h)
}

// send names an item for sending, once.
func (s *Session) send(items ...Item) {
	for _, it := range items {
		if _, again := s.sent[it]; !again {
			s.sent[it] = struct{}{}
			s.out.Send = append(s.out.Send, it)
		}
	}
}
