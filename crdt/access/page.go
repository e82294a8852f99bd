package access

import (
	"fmt"

	"touchline.dev/touchline/crdt"
)

// PageKey is a key that a browser made for itself and asks to be let in.
type PageKey struct {
	Key      crdt.Key
	HPKE     [hpkeKeySize]byte
	Proof    [64]byte // Ed25519 by Key, over "touchline/1 client" + log + the letter-in's grant
	Team     string   // of the right; empty: both
	NotAfter int64    // milliseconds since 1970; required: no page's right is without end
}

// NewPage returns the content of the control event that lets a browser's key
// record under this device's right: a grant, or a client record if the right may
// not grant. Errors wrap crdt.ErrSignature, crdt.ErrForbidden or crdt.ErrMalformed.
func (m *Member) NewPage(p *PageKey, own Right) ([]byte, error) {
	c := Client{Kind: KindClient, Device: p.Key[:], Proof: p.Proof[:], NotAfter: p.NotAfter}
	if !c.valid(m.Log, m.Grant) {
		return nil, crdt.ErrSignature
	}
	if !own.Writes() {
		return nil, crdt.ErrForbidden
	}
	if p.NotAfter <= 0 {
		return nil, fmt.Errorf("%w: a page's right without end", crdt.ErrMalformed)
	}
	if own.Team != "" {
		p.Team = own.Team
	}
	if !own.Role.MayGrant() || own.Depth >= MaxDepth {
		if p.Team != own.Team {
			return nil, fmt.Errorf("%w: a right for one side only can be given by who may grant", crdt.ErrForbidden)
		}
		return crdt.EncodeCBOR(c), nil
	}
	return crdt.EncodeCBOR(Grant{
		Kind: KindGrant, Subject: p.Key[:], Role: Scorer, Audiences: AudienceMatch & own.Audiences, Team: p.Team,
		NotAfter: p.NotAfter, HPKE: p.HPKE[:],
	}), nil
}
