package access

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"touchline.dev/touchline/crdt"
)

// proofContext is the purpose of a membership signature (rule R3).
const proofContext = "touchline/1 member"

// NameSize is the length of a log's name at a meeting, in bytes.
const NameSize = 16

// Meeting is what a membership proof is made for: one end of one link, at one
// time. A proof for one meeting is worth nothing at any other.
type Meeting struct {
	Prover, Verifier           string // the ends' authenticated names: peer IDs
	ProverNonce, VerifierNonce [32]byte
}

// Proof shows that its maker holds a key with a right in a log: a device's, or
// a visitor's, who proves by the invite itself.
type Proof struct {
	Grant     crdt.Hash // the control event that gives the right
	Signature []byte    // by the device key, over the meeting
	Chain     [][]byte  // envelopes from the founding record to Grant, for who has not heard of it
}

// EndedError says that a right was ended, and by which control event. It wraps
// [crdt.ErrForbidden].
type EndedError struct {
	Grant crdt.Hash
	By    crdt.Hash // revocation; zero if the right never stood
}

// Error implements error.
func (e *EndedError) Error() string {
	if e.By.IsZero() {
		return "right does not stand"
	}
	return fmt.Sprintf("right was ended (cut %s)", e.By.Short())
}

// Unwrap makes errors.Is(err, crdt.ErrForbidden) true.
func (e *EndedError) Unwrap() error { return crdt.ErrForbidden }

// MeetingKey is the secret under which a log has names at meetings.
func MeetingKey(topicSecret []byte) []byte { return Derive(topicSecret, "member names", 32) }

// Name is what the prover of a meeting calls a log whose MeetingKey it knows. To
// others it is noise, and nobody else can send it in the prover's place.
func (m *Meeting) Name(key []byte) (name [NameSize]byte) {
	h := hmac.New(sha256.New, key)
	h.Write(m.bytes())
	return [NameSize]byte(h.Sum(nil))
}

// Prove signs a meeting with the device's key.
func (m *Member) Prove(at *Meeting) []byte {
	return ed25519.Sign(m.Key(), at.statement(m.Log, m.Grant))
}

// Admits says whether a proof lets its maker in, by what the control set says
// now. Errors wrap crdt.ErrNoGrant (the grant is not known: take the proof's
// chain first), crdt.ErrSignature, or crdt.ErrForbidden; a right that was
// revoked is an [EndedError]. The key of a page or another client comes by its node's
// HTTP, or not at all. Who handed over may still read, and so may who holds
// the key of an invite that is open.
func (c *Control) Admits(p *Proof, at *Meeting) error {
	r, ok := c.Right(p.Grant)
	if !ok {
		return crdt.ErrNoGrant
	}
	if !crdt.VerifyStrict(r.Subject[:], at.statement(c.log, p.Grant), p.Signature) {
		return fmt.Errorf("membership proof: %w", crdt.ErrSignature)
	}
	if r.OfClient() {
		return fmt.Errorf("%w: the key of a page or another client is no device's", crdt.ErrForbidden)
	}
	return r.Err()
}

// Err returns an [EndedError] when the right is not live, else nil.
func (r *Right) Err() error {
	switch {
	case r.Live():
		return nil
	case r.Verdict.State != Stands:
		return &EndedError{Grant: r.Hash, By: r.Verdict.By}
	}
	return &EndedError{Grant: r.Hash, By: r.CutBy}
}

// Open verifies the proof's chain: it leads from the founding record of log to
// the proof's grant, each event signed under the one before. It does not say
// whether the rights in it go on.
func (p *Proof) Open(log crdt.LogID) ([]*crdt.Event, error) {
	if len(p.Chain) == 0 || len(p.Chain) > maxChain+2 {
		return nil, fmt.Errorf("%w: chain of %d control events", crdt.ErrMalformed, len(p.Chain))
	}
	c := NewControl(log)
	var events []*crdt.Event
	for i, b := range p.Chain {
		e, err := crdt.Open(b)
		if err != nil {
			return nil, fmt.Errorf("chain: %w", err)
		}
		if e.Set != crdt.Control || e.IsFounding() != (i == 0) || i > 0 && e.Grant != events[i-1].Hash {
			return nil, fmt.Errorf("%w: chain", crdt.ErrMalformed)
		}
		if err := c.Check(e); err != nil {
			return nil, fmt.Errorf("chain: %w", err)
		}
		c.Add(e)
		events = append(events, e)
	}
	if events[len(events)-1].Hash != p.Grant {
		return nil, fmt.Errorf("%w: chain of another grant", crdt.ErrMalformed)
	}
	return events, nil
}

func (m *Meeting) statement(log crdt.LogID, grant crdt.Hash) []byte {
	b := append([]byte(proofContext), log[:]...)
	b = append(b, grant[:]...)
	return append(b, m.bytes()...)
}

// bytes are the meeting's own: prover first, so that the two directions differ.
func (m *Meeting) bytes() []byte {
	b := append(m.ProverNonce[:len(m.ProverNonce):len(m.ProverNonce)], m.VerifierNonce[:]...)
	for _, id := range []string{m.Prover, m.Verifier} {
		b = binary.AppendUvarint(b, uint64(len(id)))
		b = append(b, id...)
	}
	return b
}
