package access

import (
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"slices"

	"touchline.dev/touchline/crdt"
)

// Member is one device's membership of one log: what it must keep secret to
// go on reading and writing. Its key is fresh for each log, so that a recorder
// cannot be followed from match to match.
type Member struct {
	Log         crdt.LogID `cbor:"1,keyasint"`
	TopicSecret []byte     `cbor:"2,keyasint"`
	Seed        []byte     `cbor:"3,keyasint"` // of the device's signing key
	HPKE        []byte     `cbor:"4,keyasint"` // X25519 private key
	Grant       crdt.Hash  `cbor:"5,keyasint"` // what the device writes under
	Role        Role       `cbor:"6,keyasint"`
	Keys        []EpochKey `cbor:"7,keyasint,omitempty"` // of a sealed log
	Label       string     `cbor:"8,keyasint,omitempty"` // this person's own name for the log, never sent
	Peers       []string   `cbor:"9,keyasint,omitempty"`
	InviteHPKE  []byte     `cbor:"10,keyasint,omitempty"` // X25519 private key of the invite the device came by
	Team        bool       `cbor:"11,keyasint,omitempty"` // the log is a team's, not a match's
}

// Key is the device's signing key.
func (m *Member) Key() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(m.Seed) }

// Device is the public half.
func (m *Member) Device() crdt.Key { return crdt.Key(m.Key().Public().(ed25519.PublicKey)) }

// Encode returns the bytes kept on disk.
func (m *Member) Encode() []byte { return crdt.EncodeCBOR(m) }

// DecodeMember reads what [Member.Encode] wrote.
func DecodeMember(b []byte) (*Member, error) {
	var m Member
	if err := crdt.DecodeCBOR(b, &m); err != nil {
		return nil, err
	}
	if len(m.Seed) != ed25519.SeedSize || len(m.TopicSecret) != 32 || !validKeys(m.Keys) {
		return nil, fmt.Errorf("%w: membership", crdt.ErrMalformed)
	}
	return &m, nil
}

// Found makes a new log of the given purpose and the founder's membership.
// The returned event is the founding record.
func Found(clock *crdt.Clock, purpose uint64) (*Member, *crdt.Event, error) {
	return found(clock, purpose, false)
}

// FoundSealed is [Found] for a log whose payloads are sealed. The returned events
// are the founding record and the first epoch, whose key the founder holds.
func FoundSealed(clock *crdt.Clock, purpose uint64) (*Member, []*crdt.Event, error) {
	m, founding, err := found(clock, purpose, true)
	if err != nil {
		return nil, nil, err
	}
	c := NewControl(m.Log)
	c.Add(founding)
	first, err := NewKeyring(m, c).Rotate(Everyone)
	if err != nil {
		return nil, nil, err
	}
	e, err := m.SignControl(clock, crdt.NewChain(), first.Content)
	if err != nil {
		return nil, nil, err
	}
	m.Keys = []EpochKey{first.Key(e.Hash)}
	return m, []*crdt.Event{founding, e}, nil
}

func found(clock *crdt.Clock, purpose uint64, sealed bool) (*Member, *crdt.Event, error) {
	m := &Member{TopicSecret: random(32), Role: Organiser, Team: purpose == PurposeTeam}
	f := Founding{
		Kind: KindFounding, Rules: 1, Salt: random(16), Purpose: purpose, Sealed: sealed,
		Topic: topicCommitment(m.TopicSecret), HPKE: m.newKeys(),
	}
	h := crdt.Header{Set: crdt.Control}
	h.Time, h.OwnMs = clock.Now()
	e, err := sign(m.Key(), crdt.NewChain(), h, f)
	if err != nil {
		return nil, nil, err
	}
	m.Log, m.Grant = crdt.LogID(e.Hash), e.Hash
	return m, e, nil
}

// Invite makes an invite and its control event, signed in a chain of its own:
// what a device does that has no node. control are the events that lead from
// the founder to m's own grant, founder first.
func (m *Member) Invite(clock *crdt.Clock, control []*crdt.Event, role Role, uses uint64, notAfter int64) (*Invite, *crdt.Event, error) {
	i, grant := m.NewInvite(Terms{Role: role, Audiences: AudienceMatch, Uses: uses, NotAfter: notAfter})
	e, err := m.SignControl(clock, crdt.NewChain(), grant)
	if err != nil {
		return nil, nil, err
	}
	return i, e, i.Complete(append(slices.Clone(control), e))
}

// SignControl signs the content of a control event at the next place of a chain.
func (m *Member) SignControl(clock *crdt.Clock, chain *crdt.Chain, content []byte, refs ...crdt.Hash) (*crdt.Event, error) {
	h := crdt.Header{Set: crdt.Control, Log: m.Log, Grant: m.Grant, Refs: slices.SortedFunc(slices.Values(refs), crdt.Hash.Compare)}
	h.Time, h.OwnMs = clock.Now()
	return signPadded(m.Key(), chain, h, content)
}

// Join enrols a fresh device by an invite. It needs no network. The returned
// events are the control events of the invite and, last, the enrolment.
func (i *Invite) Join(clock *crdt.Clock) (*Member, []*crdt.Event, error) {
	role, err := i.open()
	if err != nil {
		return nil, nil, err
	}
	events, err := i.Control()
	if err != nil {
		return nil, nil, err
	}
	m := &Member{
		Log: i.Log(), TopicSecret: i.TopicSecret, Keys: i.Keys, Role: role, Peers: i.Peers, InviteHPKE: i.hpke().Bytes(),
		Team: isTeam(events[0]),
	}
	public := m.newKeys()
	grant := events[len(events)-1].Hash
	en := Enrolment{Kind: KindEnrolment, Device: m.Key().Public().(ed25519.PublicKey), HPKE: public}
	en.Proof = ed25519.Sign(m.Key(), enrolProof(m.Log, grant, public))
	h := crdt.Header{Set: crdt.Control, Log: m.Log, Grant: grant}
	h.Time, h.OwnMs = clock.Now()
	e, err := sign(ed25519.NewKeyFromSeed(i.Seed), crdt.NewChain(), h, en)
	if err != nil {
		return nil, nil, err
	}
	m.Grant = e.Hash
	return m, append(events, e), nil
}

// isTeam reports whether a verified founding record founds a team's log.
func isTeam(founding *crdt.Event) bool {
	f, err := foundingOf(founding)
	return err == nil && f.Purpose == PurposeTeam
}

// Seals reports whether a verified founding record founds a log that only members who
// may read can.
func Seals(founding *crdt.Event) bool {
	f, err := foundingOf(founding)
	return err == nil && f.Sealed
}

func foundingOf(e *crdt.Event) (*Founding, error) {
	plain, err := e.Plain()
	if err != nil {
		return nil, err
	}
	return decode[Founding](plain)
}

// Stranger is who looks at a log without a right in it: with keys that nobody granted
// anything.
func Stranger(log crdt.LogID) *Member {
	m := &Member{Log: log, Role: Spectator, TopicSecret: random(32)}
	m.newKeys()
	return m
}

// newKeys makes the device's keys and returns the public X25519 half.
func (m *Member) newKeys() []byte {
	m.Seed = random(ed25519.SeedSize)
	k, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		panic(err) // the system has no randomness
	}
	m.HPKE = k.Bytes()
	return k.PublicKey().Bytes()
}

// NewClient makes a key for a client of this device's node and the content of
// the control event that lets it in: a client record or, for one of a team, a grant
// for that team, if this device's own right may give one. A client's key reads nothing,
// so nobody has the other half of what is wrapped to it.
func (m *Member) NewClient(own Right, team string) (ed25519.PrivateKey, []byte) {
	key := ed25519.NewKeyFromSeed(random(ed25519.SeedSize))
	if team != "" && own.Team == "" && own.Role.MayGrant() && own.Depth < MaxDepth && own.Audiences&AudienceMatch != 0 && len(team) <= maxTeam {
		return key, crdt.EncodeCBOR(Grant{
			Kind: KindGrant, Subject: key.Public().(ed25519.PublicKey), Role: Scorer, Audiences: AudienceMatch, Team: team, HPKE: make([]byte, hpkeKeySize),
		})
	}
	c := Client{Kind: KindClient, Device: key.Public().(ed25519.PublicKey), Proof: ed25519.Sign(key, clientProof(m.Log, m.Grant))}
	return key, crdt.EncodeCBOR(c)
}

func sign(key ed25519.PrivateKey, chain *crdt.Chain, h crdt.Header, content any) (*crdt.Event, error) {
	return signPadded(key, chain, h, crdt.EncodeCBOR(content))
}

func signPadded(key ed25519.PrivateKey, chain *crdt.Chain, h crdt.Header, content []byte) (*crdt.Event, error) {
	payload, err := crdt.Pad(content)
	if err != nil {
		return nil, err
	}
	chain.Place(&h)
	e, err := crdt.Sign(key, h, payload)
	if err == nil {
		chain.Advance(e)
	}
	return e, err
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}
