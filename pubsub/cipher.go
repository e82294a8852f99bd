package pubsub

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"

	"touchline.dev/touchline/crdt"
)

// sealOverhead is what a message has beside the envelope: nonce and tag.
const sealOverhead = chacha20poly1305.NonceSizeX + chacha20poly1305.Overhead

// sealer makes messages of envelopes that only holders of the topic secret can
// read: peers who are connected for another match's sake forward nothing of
// this one, but could ask for it.
//
// The nonce is a keyed hash of the envelope, so that one envelope is one
// message whoever sends it, and gossip knows repeats by their bytes.
type sealer struct {
	aead  cipher.AEAD
	nonce []byte // key
	topic []byte // name, as associated data
}

func newSealer(topicSecret []byte) *sealer {
	aead, err := chacha20poly1305.NewX(derive(topicSecret, "gossip seal"))
	if err != nil {
		panic(err) // the key has the right length
	}
	return &sealer{aead: aead, nonce: derive(topicSecret, "gossip nonce"), topic: []byte(TopicName(topicSecret))}
}

func derive(secret []byte, purpose string) []byte {
	k, err := hkdf.Key(sha256.New, secret, nil, "touchline/1 "+purpose, chacha20poly1305.KeySize)
	if err != nil {
		panic(err) // only for absurd lengths
	}
	return k
}

func (s *sealer) seal(envelope []byte) []byte {
	return s.aead.Seal(s.nonceOf(envelope), s.nonceOf(envelope), envelope, s.topic)
}

// open returns the envelope. Errors wrap crdt.ErrMalformed, also for a nonce
// other than seal's: with it, a member could send one event as many messages.
func (s *sealer) open(data []byte) ([]byte, error) {
	if len(data) < sealOverhead {
		return nil, fmt.Errorf("%w: gossip message of %d bytes", crdt.ErrMalformed, len(data))
	}
	nonce := data[:chacha20poly1305.NonceSizeX]
	envelope, err := s.aead.Open(nil, nonce, data[len(nonce):], s.topic)
	if err != nil || !hmac.Equal(nonce, s.nonceOf(envelope)) {
		return nil, fmt.Errorf("%w: gossip message does not open", crdt.ErrMalformed)
	}
	return envelope, nil
}

func (s *sealer) nonceOf(envelope []byte) []byte {
	h := hmac.New(sha256.New, s.nonce)
	h.Write(envelope)
	return h.Sum(make([]byte, 0, sha256.Size))[:chacha20poly1305.NonceSizeX]
}
