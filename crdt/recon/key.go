package recon

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"

	"github.com/dchest/siphash"

	"touchline.dev/touchline/crdt"
)

// SipKey is a key of SipHash-2-4.
type SipKey [16]byte

// Nonce is 16 random bytes that a peer uses once.
type Nonce [16]byte

// SessionKey is the secret of one session.
type SessionKey [32]byte

// TagKey is the secret under which a log's [Tag] is made.
type TagKey [32]byte

// IndexKey derives the lasting key of the [Index] of one set from the topic's
// secret. Whoever knows it can aim at sketches and fingerprints, and thereby
// slow a session down, but not make it claim equality.
func IndexKey(topic []byte, set crdt.Set) SipKey {
	return SipKey(derive(topic, nil, "touchline recon index "+set.String(), 16))
}

// NewTagKey derives the key of batch tags from the topic's secret.
func NewTagKey(topic []byte) TagKey {
	return TagKey(derive(topic, nil, "touchline recon tag", 32))
}

// NewSessionKey derives the key of a session from the topic's secret and the
// nonces of both sides.
func NewSessionKey(topic []byte, initiator, responder Nonce) SessionKey {
	salt := append(initiator[:], responder[:]...)
	return SessionKey(derive(topic, salt, "touchline recon session", 32))
}

func derive(secret, salt []byte, info string, n int) []byte {
	k, err := hkdf.Key(sha256.New, secret, salt, info, n)
	if err != nil {
		panic("derive key: " + err.Error()) // only for absurd lengths
	}
	return k
}

func (k *SipKey) hash(b []byte) uint64 {
	return siphash.Hash(binary.LittleEndian.Uint64(k[:]), binary.LittleEndian.Uint64(k[8:]), b)
}

func (k *SipKey) name(n *Name) uint64 {
	b := n.bytes()
	return k.hash(b[:])
}

// sessionKeys are what a session derives from its key.
type sessionKeys struct {
	mac   []byte               // of digest proofs and sync points
	print SipKey               // of range fingerprints
	short [crdt.NumSets]SipKey // of short names, by set
}

func (k *SessionKey) expand() (s sessionKeys) {
	s.mac = derive(k[:], nil, "mac", 32)
	s.print = SipKey(derive(k[:], nil, "print", 16))
	for i := range s.short {
		s.short[i] = SipKey(derive(k[:], nil, "short "+crdt.Set(i).String(), 16))
	}
	return s
}

// shortID names an item in width bits, for one session.
func (k *sessionKeys) shortID(it *Item, width uint) uint64 {
	return k.short[it.Set].name(&it.Name) >> (64 - width)
}

// proof binds a role to what its three sets digest to.
func (k *sessionKeys) proof(r Role, d *Digests) (p [16]byte) {
	h := hmac.New(sha256.New, k.mac)
	h.Write([]byte{'d', byte(r)})
	h.Write(d.bytes())
	copy(p[:], h.Sum(nil))
	return p
}

// Digests are the digest sums and counts of a log's three sets at one moment.
type Digests struct {
	Sums   [crdt.NumSets]crdt.Hash // of crdt.Digest.Sum
	Counts [crdt.NumSets]uint64
}

func (d *Digests) bytes() []byte {
	var b []byte
	for i := range d.Sums {
		b = append(b, d.Sums[i][:]...)
		b = binary.BigEndian.AppendUint64(b, d.Counts[i])
	}
	return b
}
