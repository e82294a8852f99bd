package access

import (
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"

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
	ReadKey     []byte     `cbor:"7,keyasint,omitempty"`
	Label       string     `cbor:"8,keyasint,omitempty"` // this person's own name for the log, never sent
	Peers       []string   `cbor:"9,keyasint,omitempty"`
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
	if len(m.Seed) != ed25519.SeedSize || len(m.TopicSecret) != 32 {
		return nil, fmt.Errorf("%w: membership", crdt.ErrMalformed)
	}
	return &m, nil
}

// Found makes a new log of the given purpose and the founder's membership.
// The returned event is the founding record.
func Found(clock *crdt.Clock, purpose uint64) (*Member, *crdt.Event, error) {
	m := &Member{TopicSecret: random(32), Role: Organiser}
	m.newKeys()
	f := Founding{Kind: KindFounding, Rules: 1, Salt: random(16), Purpose: purpose, Topic: topicCommitment(m.TopicSecret)}
	h := crdt.Header{Set: crdt.Control}
	h.Time, h.OwnMs = clock.Now()
	e, err := sign(m.Key(), crdt.NewChain(), h, f)
	if err != nil {
		return nil, nil, err
	}
	m.Log, m.Grant = crdt.LogID(e.Hash), e.Hash
	return m, e, nil
}

// Invite grants role to a fresh key that may enrol up to uses devices until
// notAfter (milliseconds since 1970, 0: no end). control are the events that
// lead from the founder to m's own grant, founder first.
func (m *Member) Invite(clock *crdt.Clock, control []*crdt.Event, role Role, uses uint64, notAfter int64) (*Invite, *crdt.Event, error) {
	seed := random(ed25519.SeedSize)
	key := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	g := Grant{Kind: KindGrant, Subject: key, Role: role, Audiences: 1, NotAfter: notAfter, Enrols: max(uses, 1)}
	h := crdt.Header{Set: crdt.Control, Log: m.Log, Grant: m.Grant}
	h.Time, h.OwnMs = clock.Now()
	e, err := sign(m.Key(), crdt.NewChain(), h, g)
	if err != nil {
		return nil, nil, err
	}
	i := &Invite{Seed: seed, TopicSecret: m.TopicSecret, Founding: control[0].Envelope()}
	for _, c := range control[1:] {
		i.Grants = append(i.Grants, c.Envelope())
	}
	i.Grants = append(i.Grants, e.Envelope())
	if role != Relay {
		i.ReadKey = m.ReadKey
	}
	_, err = i.open()
	return i, e, err
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
	m := &Member{Log: i.Log(), TopicSecret: i.TopicSecret, ReadKey: i.ReadKey, Role: role, Peers: i.Peers}
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

func sign(key ed25519.PrivateKey, chain *crdt.Chain, h crdt.Header, content any) (*crdt.Event, error) {
	payload, err := crdt.Pad(crdt.EncodeCBOR(content))
	if err != nil {
		return nil, err
	}
	chain.Place(&h)
	return crdt.Sign(key, h, payload)
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}
