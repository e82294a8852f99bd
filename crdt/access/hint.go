package access

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"

	"touchline.dev/touchline/crdt"
)

// Hint is a copy of a match's event on the topic of a team (rule R10): it reaches
// those who follow both by way of those who follow the team only. It is no event of
// the team, and nobody keeps it. The event is sealed under the team's key, so that who
// only forwards for the team learns nothing of its matches; the signature, by a right
// in the team that writes, is what such a one can check.
type Hint struct {
	_         struct{} `cbor:",toarray"`
	Grant     []byte   // of the sender in the team
	Epoch     []byte   // of the team's key
	Sealed    []byte   // the event's envelope
	Signature []byte
}

// hintLead is the first byte of a hint; an envelope begins otherwise.
const hintLead = 0x84

// HintOverhead is how much longer a hint is than the event in it, at most.
const HintOverhead = 2*crdt.HashSize + nonceSize + 16 + ed25519.SignatureSize + 16

// ErrNotYet: a hint's sender or standing is not known here. Nobody's fault.
var ErrNotYet = errors.New("the sender's right is not known here, or has ended")

// IsHint reports whether a message of a team's topic is a hint rather than an envelope.
func IsHint(b []byte) bool { return len(b) > 0 && b[0] == hintLead }

// Hint makes the copy of a match's event for a team that m is a member of.
func (m *Member) Hint(key EpochKey, envelope []byte) []byte {
	return m.hint(key, envelope, random(nonceSize))
}

func (m *Member) hint(key EpochKey, envelope, nonce []byte) []byte {
	h := Hint{Grant: m.Grant[:], Epoch: key.Epoch}
	h.Sealed = seal(key.Key, purposeHint, nonce, h.bound(m.Log), envelope)
	h.Signature = ed25519.Sign(m.Key(), h.statement(m.Log))
	return crdt.EncodeCBOR(h)
}

func (h *Hint) bound(team crdt.LogID) []byte { return slices.Concat(team[:], h.Grant, h.Epoch) }

func (h *Hint) statement(team crdt.LogID) []byte {
	return slices.Concat([]byte("touchline/1 hint"), h.bound(team), h.Sealed)
}

// Hint reads a hint on the team's topic and says whether its sender may send one. Errors
// wrap [crdt.ErrMalformed], [crdt.ErrForbidden] and [crdt.ErrSignature] for what no
// honest peer forwards, else [ErrNotYet].
func (c *Control) Hint(b []byte) (*Hint, crdt.Key, error) {
	var h Hint
	if err := crdt.DecodeCBOR(b, &h); err != nil {
		return nil, crdt.Key{}, err
	}
	if len(h.Grant) != crdt.HashSize || len(h.Epoch) != crdt.HashSize || len(h.Sealed) < crdt.SealOverhead || len(h.Signature) != ed25519.SignatureSize {
		return nil, crdt.Key{}, fmt.Errorf("%w: hint", crdt.ErrMalformed)
	}
	r, ok := c.Right(crdt.Hash(h.Grant))
	switch {
	case !ok:
		return nil, crdt.Key{}, fmt.Errorf("hint: %w", ErrNotYet)
	case !r.Role.MayWrite() || r.Enrols > 0 || r.Kind == KindClient:
		return nil, r.Subject, fmt.Errorf("hint: %w", crdt.ErrForbidden)
	case !crdt.VerifyStrict(r.Subject[:], h.statement(c.log), h.Signature):
		return nil, r.Subject, fmt.Errorf("hint: %w", crdt.ErrSignature)
	case !r.Writes():
		return nil, r.Subject, fmt.Errorf("hint: %w", ErrNotYet)
	}
	return &h, r.Subject, nil
}

// OpenHint returns the envelope in a hint, or [ErrNoKey].
func (k *Keyring) OpenHint(h *Hint) ([]byte, error) {
	key, err := k.Key(crdt.Hash(h.Epoch))
	if err != nil {
		return nil, fmt.Errorf("open hint: %w", err)
	}
	envelope, err := open(key.Key, purposeHint, h.Sealed, h.bound(k.member.Log))
	if err != nil {
		return nil, fmt.Errorf("open hint: %w", err)
	}
	return envelope, nil
}
