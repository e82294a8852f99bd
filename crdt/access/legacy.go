package access

import (
	"crypto/ecdh"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"strings"

	"touchline.dev/touchline/crdt"
)

// NamespacePrefix begins a namespace in text form.
const NamespacePrefix = "touchline:names:1#"

// MaxLegacyName bounds the name of a match in a namespace, in bytes.
const MaxLegacyName = 128

const (
	namespaceSize = 32
	// legacyEnrols is how many devices a name's invite enrols: each node that
	// has the namespace is one.
	legacyEnrols = 1 << 16
	// legacyTime is the time of derived events: before all others.
	legacyTime = crdt.Time(1)
)

// Namespace is a secret that makes matches out of names that clients chose
// ("match1"). All nodes that have it make the same match of the same name,
// however separated they are (rule R15). Whoever has it may do everything in
// these matches.
type Namespace [namespaceSize]byte

// NewNamespace makes one that nobody else has.
func NewNamespace() Namespace { return Namespace(random(namespaceSize)) }

// String is the text form, to be handed to another node.
func (n Namespace) String() string {
	return NamespacePrefix + base64.RawURLEncoding.EncodeToString(append(n[:], checksum(n[:])...))
}

// ParseNamespace reads what [Namespace.String] writes. Its error is [ErrNamespace].
func ParseNamespace(s string) (n Namespace, err error) {
	text, ok := strings.CutPrefix(strings.TrimSpace(s), NamespacePrefix)
	b, errText := base64.RawURLEncoding.Strict().DecodeString(text)
	if !ok || errText != nil || len(b) != namespaceSize+checksumSize || string(checksum(b[:namespaceSize])) != string(b[namespaceSize:]) {
		return n, fmt.Errorf("%w: one begins with %s, and is copied whole", ErrNamespace, NamespacePrefix)
	}
	return Namespace(b[:namespaceSize]), nil
}

// Match is an invite to the match with a name, as an organiser. All in it is
// derived: founding key, founding record, and the invite itself.
func (n Namespace) Match(name string) (*Invite, error) {
	if name == "" || len(name) > MaxLegacyName {
		return nil, fmt.Errorf("%w: a name has 1 to %d bytes", crdt.ErrMalformed, MaxLegacyName)
	}
	secret := Derive(n[:], "legacy match "+name, namespaceSize)
	part := func(purpose string, length int) []byte { return Derive(secret, "legacy "+purpose, length) }
	founder, err := ecdh.X25519().NewPrivateKey(part("founder hpke", hpkeKeySize))
	if err != nil {
		return nil, err
	}
	m := &Member{TopicSecret: part("topic", 32), Seed: part("founder", ed25519.SeedSize), Role: Organiser}
	chain := func(purpose string) *crdt.Chain {
		return crdt.NewChainAt(crdt.Incarnation(part(purpose, len(crdt.Incarnation{}))))
	}
	founding, err := sign(m.Key(), chain("founding chain"), crdt.Header{Set: crdt.Control, Time: legacyTime}, Founding{
		Kind: KindFounding, Rules: 1, Salt: part("salt", 16), Purpose: PurposeMatch,
		Topic: topicCommitment(m.TopicSecret), HPKE: founder.PublicKey().Bytes(),
	})
	if err != nil {
		return nil, err
	}
	i := &Invite{Seed: part("invite", ed25519.SeedSize), TopicSecret: m.TopicSecret}
	grant, err := sign(m.Key(), chain("invite chain"), crdt.Header{
		Set: crdt.Control, Log: crdt.LogID(founding.Hash), Grant: founding.Hash, Time: legacyTime + 1,
	}, Grant{
		Kind: KindGrant, Subject: i.public(), Role: Organiser, Audiences: AllAudiences,
		Enrols: legacyEnrols, HPKE: i.hpke().PublicKey().Bytes(),
	})
	if err != nil {
		return nil, err
	}
	return i, i.Complete([]*crdt.Event{founding, grant})
}
