package bridge

import (
	"context"
	"errors"
	"fmt"
	"time"

	"touchline.dev/touchline/crdt"
)

// stored is a page's event that is durable here.
type stored struct {
	event *crdt.Event
	new   bool
	body  []byte // as the page that sent it sees it
}

// recordPage validates a page's event, makes it durable, and returns it as it is
// stored. A page's ID is its match's: whoever sent it first, the same again is
// the same event.
func (s *Server) recordPage(ctx context.Context, caller Caller, raw []byte) (stored, error) {
	p, err := parsePage(raw)
	if err != nil {
		return stored{}, err
	}
	if err := caller.writes(caller.Match); err != nil {
		return stored{}, err // before a match is made for it
	}
	id, err := s.names.match(ctx, p.match, caller.Match.IsZero())
	if err != nil {
		return stored{}, err
	}
	if err := caller.writes(id); err != nil {
		return stored{}, err
	}
	p.draft.Client, p.draft.Side = caller.Client, caller.Team
	rec, err := s.backend.Record(ctx, id, p.draft)
	if rec.Event == nil || !rec.New && err != nil && !errors.Is(err, ErrConflict) {
		return stored{}, err
	}
	if !rec.New {
		return s.again(p, rec.Event)
	}
	body, _, err := s.pageForm(rec.Event)
	return stored{rec.Event, true, body}, err
}

// again answers a page whose event has an ID that is there.
func (s *Server) again(p *pageEvent, old *crdt.Event) (stored, error) {
	c, err := s.backend.Open(old)
	if err != nil {
		return stored{}, err
	}
	erasable, err := s.backend.Fields(old)
	if err != nil {
		return stored{}, err
	}
	answered, body, err := s.pageObject(old, c, erasable)
	if err != nil {
		return stored{}, err
	}
	said := pageFields(c, erasable)
	if erasable == nil && len(p.draft.Fields) > 0 && sameContent(c, &p.draft.Content) {
		return stored{old, false, body}, nil // what is erased is not said again
	}
	if !sameFields(said, answered, p.fields) {
		return stored{event: old}, fmt.Errorf("%w with other content: %q", ErrConflict, p.id)
	}
	return stored{old, false, body}, nil
}

func sameContent(a, b *crdt.Content) bool {
	x, errA := a.Encode()
	y, errB := b.Encode()
	return errA == nil && errB == nil && string(x) == string(y)
}

// patience is how long a page's event waits for room.
const (
	patience = 8 * time.Second
	retryIn  = 50 * time.Millisecond
)

// recordPatiently is recordPage that lets the sender wait while its node takes
// no more of it.
func (s *Server) recordPatiently(ctx context.Context, caller Caller, raw []byte) (stored, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		out, err := s.recordPage(ctx, caller, raw)
		if !errors.Is(err, crdt.ErrBusy) {
			return out, err
		}
		select {
		case <-time.After(retryIn):
		case <-ctx.Done():
			return out, err
		case <-s.closing:
			return out, err
		}
	}
}
