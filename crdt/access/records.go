package access

import (
	"crypto/ed25519"
	"fmt"

	"touchline.dev/touchline/crdt"
)

// Kind tells control events apart. Kinds above the known ones are kept and
// have no effect here.
type Kind uint64

const (
	KindFounding   Kind = iota + 1
	KindGrant           // passes rights on; an invite, if it may enrol
	KindEnrolment       // lets a device in by an invite
	KindRevocation      // ends a grant at named places (rule R6)
	KindHandOver        // ends the holder's own grant and lets one successor in (rule R6)
	KindEpoch           // a new key for one audience (rule R9)
	KindWraps           // an epoch's key for more recipients
	KindPurge           // removes bytes for ever (rule R6)
	KindErasure         // destroys erasable records for ever (rule R8)
	KindClient          // a key that a node keeps for one of its clients (rule R14)
)

// Purpose of a log.
const (
	PurposeMatch uint64 = 1
	PurposeTeam  uint64 = 2
)

// Founding is the content of a founding record. Its envelope's hash is the
// LogID, so a log's name proves its founder and its rules (rule R15).
type Founding struct {
	Kind    Kind   `cbor:"0,keyasint"`
	Rules   uint64 `cbor:"1,keyasint"` // version of DESIGN's rules: 1
	Salt    []byte `cbor:"2,keyasint"` // 16 random bytes
	Purpose uint64 `cbor:"3,keyasint"` // match or team
	Sealed  bool   `cbor:"4,keyasint"` // payloads are sealed
	Topic   []byte `cbor:"5,keyasint"` // commitment to the topic secret: 32 bytes
	HPKE    []byte `cbor:"6,keyasint"` // the founder's X25519 public key
}

// Grant passes rights to Subject. Its parent is the grant under which its
// own envelope was signed (Header.Grant).
type Grant struct {
	Kind      Kind   `cbor:"0,keyasint"`
	Subject   []byte `cbor:"1,keyasint"`           // Ed25519 public key
	Role      Role   `cbor:"2,keyasint"`           //
	Audiences uint64 `cbor:"3,keyasint"`           // bit set: 1 match, 2 team staff, 4 guardians
	Team      string `cbor:"4,keyasint,omitempty"` // rights for one side only
	NotAfter  int64  `cbor:"5,keyasint,omitempty"` // milliseconds since 1970; flags only (rule R11)
	Enrols    uint64 `cbor:"6,keyasint,omitempty"` // an invite: how many devices it may enrol
	HPKE      []byte `cbor:"7,keyasint"`           // the subject's X25519 public key, for epoch keys
}

// Enrolment lets a device in. It is signed by an invite's key under the
// invite's grant; Proof is the device key's own signature over the place, so
// that nobody enrols a key that is not theirs.
type Enrolment struct {
	Kind   Kind   `cbor:"0,keyasint"`
	Device []byte `cbor:"1,keyasint"` // Ed25519 public key that will sign events
	HPKE   []byte `cbor:"2,keyasint"` // X25519 public key for epoch keys
	Proof  []byte `cbor:"3,keyasint"` // Ed25519 by Device over enrolProof
}

const (
	maxTeam     = 64 // bytes
	hpkeKeySize = 32
)

// Audiences of a grant and of an epoch: a bit set. What an audience may see
// beyond the others is sealed under keys of its own (rule R7).
const (
	AudienceMatch     uint64 = 1 << iota
	AudienceStaff            // of one team
	AudienceGuardians        // of one child

	AllAudiences = AudienceMatch | AudienceStaff | AudienceGuardians
)

const enrolContext = "touchline/1 enrolment"

func enrolProof(log crdt.LogID, grant crdt.Hash, hpke []byte) []byte {
	b := append([]byte(enrolContext), log[:]...)
	return append(append(b, grant[:]...), hpke...)
}

func (f *Founding) valid() bool {
	return f.Rules == 1 && len(f.Salt) == 16 && len(f.Topic) == 32 && len(f.HPKE) == hpkeKeySize && (f.Purpose == PurposeMatch || f.Purpose == PurposeTeam)
}

func (g *Grant) valid() bool {
	return len(g.Subject) == ed25519.PublicKeySize && len(g.HPKE) == hpkeKeySize && g.Role >= Organiser && g.Role <= lastRole &&
		len(g.Team) <= maxTeam && g.Audiences != 0 && g.Audiences&^AllAudiences == 0 && g.NotAfter >= 0
}

func (e *Enrolment) valid(log crdt.LogID, grant crdt.Hash) bool {
	return len(e.HPKE) == hpkeKeySize && crdt.VerifyStrict(e.Device, enrolProof(log, grant, e.HPKE), e.Proof)
}

// kindOf reads the kind of a control event; 0 if it has none.
func kindOf(plain []byte) Kind {
	// The kind is the first pair of a deterministic map: key 0, small value.
	if len(plain) < 3 || plain[0]>>5 != 5 || plain[1] != 0 || plain[2] > 23 {
		return 0
	}
	return Kind(plain[2])
}

func decode[T any](plain []byte) (*T, error) {
	v := new(T)
	if err := crdt.DecodeCBOR(plain, v); err != nil {
		return nil, fmt.Errorf("control event: %w", err)
	}
	return v, nil
}
