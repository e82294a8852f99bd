package access

import (
	"crypto/ed25519"
	"fmt"

	"touchline.dev/touchline/crdt"
)

// Limits of lists inside one control event, so that it fits an envelope.
const (
	maxHeads  = 160
	maxListed = 200
)

// Head names a place in a chain that a grant's holder wrote: the last one that
// stands. The place is said beside the hash, so that what lies below it stands
// even before the head itself has arrived.
type Head struct {
	_           struct{} `cbor:",toarray"`
	Incarnation []byte
	Set         uint64
	Seq         uint64
	Hash        []byte
}

// HeadOf names the place of e.
func HeadOf(e *crdt.Event) Head {
	return Head{Incarnation: e.Incarnation[:], Set: uint64(e.Set), Seq: e.Seq, Hash: e.Hash[:]}
}

func (h *Head) valid() bool {
	return len(h.Incarnation) == len(crdt.Incarnation{}) && h.Set < crdt.NumSets && h.Seq > 0 && len(h.Hash) == crdt.HashSize
}

// Revocation ends the grant Target at the named places: what the heads and
// what lies before them in their chains stands, the rest of what was written
// under Target is unconfirmed. It has an effect only if its author's own grant
// is a strict ancestor of Target. It closes the invites that Target's subject
// issued or used, and Target itself if that is an invite: of the devices they
// enrolled, those listed in Stand stand (rule R6).
type Revocation struct {
	Kind   Kind     `cbor:"0,keyasint"`
	Target []byte   `cbor:"1,keyasint"`
	Heads  []Head   `cbor:"2,keyasint"`
	Stand  [][]byte `cbor:"3,keyasint"`
}

// HandOver ends the grant it is written under at the named places and gives
// its role to Subject, a fresh key that may enrol one device: the successor,
// who scans its seed as a QR code.
type HandOver struct {
	Kind    Kind   `cbor:"0,keyasint"`
	Subject []byte `cbor:"1,keyasint"` // Ed25519 public key of an invite
	HPKE    []byte `cbor:"2,keyasint"` // its X25519 public key
	Heads   []Head `cbor:"3,keyasint"`
}

// Purge removes bytes of events and records for ever: those named by hash, or all
// that was written beneath a grant except the listed. Only the founding key may
// purge. Control events stay: chains of grants hang on them.
type Purge struct {
	Kind    Kind     `cbor:"0,keyasint"`
	Hashes  [][]byte `cbor:"1,keyasint"`
	Beneath []byte   `cbor:"2,keyasint"` // a grant, or empty
	Except  [][]byte `cbor:"3,keyasint"`
}

// Erasure destroys erasable records and bars them for ever, by the names that
// [RecordName] gives. Its effect is one of membership (rule R8): it does not end
// when its author's rights do.
type Erasure struct {
	Kind  Kind     `cbor:"0,keyasint"`
	Names [][]byte `cbor:"1,keyasint"`
}

// Client lets in a key that a node keeps for one of its clients: it records as
// at most a scorer, and signs no control events (rule R14).
type Client struct {
	Kind     Kind   `cbor:"0,keyasint"`
	Device   []byte `cbor:"1,keyasint"`           // Ed25519 public key
	Proof    []byte `cbor:"2,keyasint"`           // Ed25519 by Device over clientProof
	NotAfter int64  `cbor:"5,keyasint,omitempty"` // of a page's key, as in Grant
}

const clientContext = "touchline/1 client"

func clientProof(log crdt.LogID, grant crdt.Hash) []byte {
	return append(append([]byte(clientContext), log[:]...), grant[:]...)
}

// NewRevocation returns the content of a revocation.
func NewRevocation(target crdt.Hash, heads []Head, stand []crdt.Hash) []byte {
	return crdt.EncodeCBOR(Revocation{Kind: KindRevocation, Target: target[:], Heads: orNone(heads), Stand: byteSlices(stand)})
}

// NewPurge returns the content of a purge of the given events and records, and
// of all beneath a grant except the listed, if beneath is not zero.
func NewPurge(hashes []crdt.Hash, under crdt.Hash, except []crdt.Hash) []byte {
	p := Purge{Kind: KindPurge, Hashes: byteSlices(hashes), Beneath: []byte{}, Except: byteSlices(except)}
	if !under.IsZero() {
		p.Beneath = under[:]
	}
	return crdt.EncodeCBOR(p)
}

// NewErasure returns the content of an erasure of records.
func NewErasure(names []RecordName) []byte {
	hashes := make([]crdt.Hash, len(names))
	for i, n := range names {
		hashes[i] = crdt.Hash(n)
	}
	return crdt.EncodeCBOR(Erasure{Kind: KindErasure, Names: byteSlices(hashes)})
}

func byteSlices(hashes []crdt.Hash) [][]byte {
	out := make([][]byte, len(hashes))
	for i := range hashes {
		out[i] = hashes[i][:]
	}
	return out
}

func orNone(heads []Head) []Head {
	if heads == nil {
		return []Head{}
	}
	return heads
}

func (r *Revocation) valid() bool {
	return len(r.Target) == crdt.HashSize && validHeads(r.Heads) && validHashes(r.Stand, maxListed)
}

func (h *HandOver) valid() bool {
	return len(h.Subject) == ed25519.PublicKeySize && len(h.HPKE) == hpkeKeySize && validHeads(h.Heads)
}

func (p *Purge) valid() bool {
	return validHashes(p.Hashes, maxListed) && validHashes(p.Except, maxListed) &&
		(len(p.Beneath) == 0 || len(p.Beneath) == crdt.HashSize) && (len(p.Beneath) > 0 || len(p.Except) == 0)
}

func (e *Erasure) valid() bool { return len(e.Names) > 0 && validHashes(e.Names, maxListed) }

func (c *Client) valid(log crdt.LogID, grant crdt.Hash) bool {
	return c.NotAfter >= 0 && crdt.VerifyStrict(c.Device, clientProof(log, grant), c.Proof)
}

func validHeads(heads []Head) bool {
	if heads == nil || len(heads) > maxHeads {
		return false
	}
	for i := range heads {
		if !heads[i].valid() {
			return false
		}
	}
	return true
}

func validHashes(list [][]byte, most int) bool {
	if list == nil || len(list) > most {
		return false
	}
	for _, h := range list {
		if len(h) != crdt.HashSize {
			return false
		}
	}
	return true
}

// validated is a control event's content that can check itself.
type validated interface{ valid() bool }

func decodeValid[T any, P interface {
	*T
	validated
}](plain []byte, what string) (*T, error) {
	v, err := decode[T](plain)
	if err != nil {
		return nil, err
	}
	if !P(v).valid() {
		return nil, fmt.Errorf("%w: %s", crdt.ErrMalformed, what)
	}
	return v, nil
}
