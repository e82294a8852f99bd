package sim

import (
	"context"
	"errors"
	"fmt"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/recon"
)

// topicSecret of every simulated log: reconciliation keys come from it.
var topicSecret = []byte("a simulation has nothing to hide")

// errLost ends an exchange whose messages the network lost.
var errLost = errors.New("message lost")

// Exchange is the Reconciler that nodes use, without the network: sessions of
// crdt/recon on both sides, bodies by the admission path, digests compared at
// the end, and the full listing if a session left a difference. A lost message
// abandons it; nothing that arrived before is lost with it.
func Exchange(a, b *Replica, lost func() bool) error {
	for _, level := range []recon.Level{recon.LevelAuto, recon.LevelFull} {
		err := exchangeOnce(a, b, level, lost)
		if errors.Is(err, errLost) {
			return nil
		}
		if err != nil {
			return err
		}
		if equal, err := sameDigest(a, b); err != nil || equal {
			return err
		}
	}
	return errors.New("still different after a full listing")
}

// side is one end of a simulated exchange.
type side struct {
	*Replica
	session *recon.Session
	inbox   [][]byte
	done    bool
}

func exchangeOnce(a, b *Replica, level recon.Level, lost func() bool) error {
	key := recon.NewSessionKey(topicSecret, recon.Nonce{byte(a.ID)}, recon.Nonce{byte(b.ID)})
	sides := [2]*side{{Replica: a}, {Replica: b}}
	for i, s := range sides {
		if err := s.begin([]recon.Role{recon.Initiator, recon.Responder}[i], key, level); err != nil {
			return err
		}
	}
	for i, s := range sides {
		out, err := s.session.Start()
		if err != nil {
			return err
		}
		if err := s.obey(out, sides[1-i], lost); err != nil {
			return err
		}
	}
	for len(sides[0].inbox)+len(sides[1].inbox) > 0 {
		for i, s := range sides {
			if len(s.inbox) == 0 {
				continue
			}
			frame := s.inbox[0]
			s.inbox = s.inbox[1:]
			out, err := s.session.Step(frame)
			if err != nil {
				return fmt.Errorf("replica %d: %w", s.ID, err)
			}
			if err := s.obey(out, sides[1-i], lost); err != nil {
				return err
			}
		}
	}
	if !sides[0].done || !sides[1].done {
		return errors.New("a session waits for ever")
	}
	return nil
}

func (s *side) begin(role recon.Role, key recon.SessionKey, level recon.Level) error {
	cfg := recon.Config{Role: role, Key: key, Level: level}
	digests, _, err := s.Log.Digest()
	if err != nil {
		return err
	}
	for i := range digests {
		cfg.Digests.Sums[i], cfg.Digests.Counts[i] = digests[i].Sum(), digests[i].Count()
	}
	cfg.Elements = func(set crdt.Set, from crdt.Element, yield func(crdt.Element) bool) error {
		return s.Store.Elements(s.Log.ID(), set, from, yield)
	}
	for _, set := range crdt.Sets {
		index := recon.NewIndex(recon.IndexKey(topicSecret, set))
		if err := cfg.Elements(set, crdt.Element{}, func(e crdt.Element) bool {
			index.Insert(recon.NameOf(e))
			return true
		}); err != nil {
			return err
		}
		cfg.Snapshots[set] = index.Snapshot()
	}
	s.session = recon.New(cfg)
	return nil
}

// obey sends what the session asks for: frames, and events by admission.
func (s *side) obey(out recon.Output, to *side, lost func() bool) error {
	s.done = s.done || out.Done
	for _, frame := range out.Reply {
		if lost() {
			return errLost
		}
		to.inbox = append(to.inbox, frame)
	}
	for _, it := range out.Send {
		if lost() {
			return errLost
		}
		elements, err := s.Store.Find(s.Log.ID(), it.Set, it.Name.Time, it.Name.Prefix[:])
		if err != nil {
			return err
		}
		for _, el := range elements {
			e, err := s.Log.Event(el.Hash)
			if errors.Is(err, crdt.ErrGone) {
				continue
			}
			if err != nil {
				return err
			}
			if err := to.take(s.ID, e); err != nil {
				return err
			}
		}
		to.session.Got(it)
	}
	return nil
}

// take judges an event without verifying its signature again; what waits for
// a grant waits.
func (s *side) take(from int, e *crdt.Event) error {
	err := s.Log.Access(e)
	switch {
	case errors.Is(err, crdt.ErrNoGrant):
		s.Log.Admit(context.Background(), fmt.Sprint(from), e.Envelope())
		return nil
	case errors.Is(err, crdt.ErrGone):
		return nil // counts as delivered
	case err != nil:
		return err
	}
	if out := s.Log.Commit(context.Background(), fmt.Sprint(from), e); out[0].Err != nil {
		return out[0].Err
	}
	s.acked[e.Hash] = true
	return nil
}
