package access

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

	"touchline.dev/touchline/crdt"
)

// InvitePrefix begins every invite in text form. The part after # is never
// sent to a server when the invite is used as a link.
const InvitePrefix = "touchline:1#"

// maxChain bounds the control events between the founding record and an
// invite's own: grants, and the enrolments and hand-overs between them.
const maxChain = 24

// maxInviteKeys bounds the epoch keys that one invite carries.
const maxInviteKeys = 64

// maxInvite bounds the text of an invite, in bytes.
const maxInvite = 24 << 10

// Invite is everything a device needs to join, with no internet and without
// the issuer present.
type Invite struct {
	Founding    []byte     `cbor:"1,keyasint"`           // envelope
	Grants      [][]byte   `cbor:"2,keyasint"`           // envelopes from the founder down to the invite's own grant
	Seed        []byte     `cbor:"3,keyasint"`           // of the invite's key; 32 bytes
	TopicSecret []byte     `cbor:"4,keyasint"`           // names topics and keys reconciliation; 32 bytes
	Keys        []EpochKey `cbor:"5,keyasint,omitempty"` // of a sealed log: the latest keys the role may hold
	Peers       []string   `cbor:"6,keyasint,omitempty"` // multiaddresses worth a try
}

// NewInvite makes an invite on the given terms and the content of the control
// event that makes it valid. Sign and commit that event, then call
// [Invite.Complete].
func (m *Member) NewInvite(t Terms) (*Invite, []byte) {
	if !t.Role.MayRead() {
		t.Keys = nil
	}
	i := m.newInvite(t.Keys)
	g := Grant{
		Kind: KindGrant, Subject: i.public(), Role: t.Role, Audiences: t.Audiences, Team: t.Team,
		NotAfter: t.NotAfter, Enrols: max(t.Uses, 1), HPKE: i.hpke().PublicKey().Bytes(),
	}
	return i, crdt.EncodeCBOR(g)
}

// NewHandOver makes the invite of the one device that takes over m's role, and
// the content of the control event that ends m's grant behind the heads. keys are
// those of [Keyring.ForSuccessor].
func (m *Member) NewHandOver(heads []Head, keys []EpochKey) (*Invite, []byte) {
	i := m.newInvite(keys)
	h := HandOver{Kind: KindHandOver, Subject: i.public(), HPKE: i.hpke().PublicKey().Bytes(), Heads: orNone(heads)}
	return i, crdt.EncodeCBOR(h)
}

func (m *Member) newInvite(keys []EpochKey) *Invite {
	return &Invite{Seed: random(ed25519.SeedSize), TopicSecret: m.TopicSecret, Keys: keys}
}

// Complete puts in the control events that lead from the founding record to
// the invite's own, which is the last, and checks that all belongs together.
func (i *Invite) Complete(chain []*crdt.Event) error {
	i.Founding, i.Grants = chain[0].Envelope(), nil
	for _, e := range chain[1:] {
		i.Grants = append(i.Grants, e.Envelope())
	}
	_, err := i.open()
	return err
}

// Terms are what an invite offers.
type Terms struct {
	Role      Role
	Team      string // rights for one side only; empty: as the issuer has
	Audiences uint64 // bit set; at least AudienceMatch
	Uses      uint64 // how many devices may enrol; 0 means 1
	NotAfter  int64  // milliseconds since 1970; 0: no end. Later use is flagged.

	// Child is the ID, as a player of Team, of the child whose guardian the invite
	// makes; empty: none. It only says which keys the invite carries.
	Child string
	// Keys are what the invite carries of a sealed log ([Keyring.ForInvite]);
	// dropped for a role that may not read.
	Keys []EpochKey
}

func (i *Invite) public() ed25519.PublicKey {
	return ed25519.NewKeyFromSeed(i.Seed).Public().(ed25519.PublicKey)
}

// hpke is the invite's X25519 key, by which whoever holds the seed opens epoch
// keys that were wrapped to the invite. It is another key than the one that
// signs (rule R3).
func (i *Invite) hpke() *ecdh.PrivateKey {
	k, err := ecdh.X25519().NewPrivateKey(Derive(i.Seed, "invite hpke", hpkeKeySize))
	if err != nil {
		panic(err) // any 32 bytes are a private key
	}
	return k
}

// String is the text form, fit for a QR code or as a link's fragment.
func (i *Invite) String() string {
	b := crdt.EncodeCBOR(i)
	return InvitePrefix + base64.RawURLEncoding.EncodeToString(append(b, checksum(b)...))
}

// checksumSize is how many bytes of a SHA-256 end an invite, so that one that
// was cut off or mistyped is noticed at once.
const checksumSize = 4

func checksum(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:checksumSize]
}

// ErrInvite: a text is no invite, or not a whole one. It is a [crdt.ErrMalformed].
var ErrInvite error = notText("this is not an invite")

// ErrNamespace: a text is no namespace, or not a whole one. It is a [crdt.ErrMalformed].
var ErrNamespace error = notText("this is not a namespace")

// notText is a [crdt.ErrMalformed] of what people copy and paste, where no event
// is at fault.
type notText string

func (e notText) Error() string        { return string(e) }
func (e notText) Is(target error) bool { return target == crdt.ErrMalformed }

// ParseInvite reads an invite in text form, also at the end of a URL, and
// checks that its parts belong together. Its errors are [ErrInvite].
func ParseInvite(s string) (*Invite, error) {
	s = strings.TrimSpace(s)
	if at := strings.LastIndexByte(s, '#'); at >= 0 {
		s = s[at+1:]
	} else {
		return nil, fmt.Errorf("%w: one begins with %s", ErrInvite, InvitePrefix)
	}
	if len(s) > maxInvite {
		return nil, fmt.Errorf("%w: it is longer than any invite", ErrInvite)
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return nil, fmt.Errorf("%w: it is cut off or changed; copy it whole", ErrInvite)
	}
	at := len(b) - checksumSize
	if at < 0 || !bytes.Equal(checksum(b[:at]), b[at:]) {
		return nil, fmt.Errorf("%w: it is cut off or changed; copy it whole", ErrInvite)
	}
	var i Invite
	if err := crdt.DecodeCBOR(b[:at], &i); err != nil {
		return nil, fmt.Errorf("%w: another program made it: %w", ErrInvite, err)
	}
	if _, err := i.open(); err != nil {
		return nil, fmt.Errorf("%w: its parts do not belong together: %w", ErrInvite, err)
	}
	return &i, nil
}

// Log is the log that the invite lets into.
func (i *Invite) Log() crdt.LogID { return crdt.LogID(crdt.Sum(i.Founding)) }

// Role is the role the invite gives; 0 if its parts do not belong together.
func (i *Invite) Role() Role {
	g, err := i.open()
	if err != nil {
		return 0
	}
	return g
}

// open verifies the chain inside the invite and returns its role.
func (i *Invite) open() (Role, error) {
	if len(i.Seed) != ed25519.SeedSize || len(i.TopicSecret) != 32 || len(i.Grants) == 0 || len(i.Grants) > maxChain || len(i.Peers) > 16 ||
		len(i.Keys) > maxInviteKeys || !validKeys(i.Keys) {
		return 0, fmt.Errorf("%w: invite", crdt.ErrMalformed)
	}
	events, err := i.Control()
	if err != nil {
		return 0, err
	}
	plain, err := events[0].Plain()
	if err != nil {
		return 0, fmt.Errorf("invite: %w", err)
	}
	if f, err := decode[Founding](plain); err != nil || !bytes.Equal(f.Topic, topicCommitment(i.TopicSecret)) {
		return 0, fmt.Errorf("%w: the invite's topic secret is not the match's", crdt.ErrMalformed)
	}
	c := NewControl(i.Log())
	for _, e := range events {
		if err := c.Check(e); err != nil {
			return 0, fmt.Errorf("invite: %w", err)
		}
		c.Add(e)
	}
	last := c.rights[events[len(events)-1].Hash]
	if last == nil || last.enrols == 0 || last.subject != crdt.Key(i.public()) || last.hpke != [hpkeKeySize]byte(i.hpke().PublicKey().Bytes()) {
		return 0, fmt.Errorf("%w: the invite's key is not the one its grant names", crdt.ErrMalformed)
	}
	return last.role, nil
}

// Control returns the verified control events inside the invite, founder first.
func (i *Invite) Control() ([]*crdt.Event, error) {
	var events []*crdt.Event
	for _, b := range append([][]byte{i.Founding}, i.Grants...) {
		e, err := crdt.Open(b)
		if err != nil {
			return nil, fmt.Errorf("invite: %w", err)
		}
		events = append(events, e)
	}
	return events, nil
}

// topicCommitment is what a founding record says of the topic secret: enough to
// check it, nothing to guess it by.
func topicCommitment(secret []byte) []byte { return Derive(secret, "topic commitment", 32) }

// Derive makes a purpose-bound key out of a secret, mostly a log's topic secret
// (RFC 5869).
func Derive(secret []byte, purpose string, length int) []byte {
	k, err := hkdf.Key(sha256.New, secret, nil, "touchline/1 "+purpose, length)
	if err != nil {
		panic(err) // only for absurd lengths
	}
	return k
}
