package node

import (
	"crypto/hmac"
	"crypto/sha256"

	"github.com/libp2p/go-libp2p/core/peer"

	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/crdt/recon"
)

const tagSize = len(recon.Tag{})

// secrets are what a log's topic secret gives for reconciling it.
type secrets struct {
	topic []byte
	tags  recon.TagKey
	names []byte
	beats []byte
}

func secretsOf(m *access.Member) secrets {
	return secrets{
		topic: m.TopicSecret,
		tags:  recon.NewTagKey(m.TopicSecret),
		names: namesKey(m),
		beats: access.Derive(m.TopicSecret, "heartbeats", 32),
	}
}

// logName is what both sides of one exchange call a log. To anybody who is not
// a member it is noise, and it means nothing in any other exchange.
func (s *secrets) logName(initiator, responder recon.Nonce) logName {
	return nameUnder(s.names, initiator, responder)
}

type logName [tagSize]byte

func nameUnder(key []byte, initiator, responder recon.Nonce) logName {
	h := hmac.New(sha256.New, key)
	h.Write(initiator[:])
	h.Write(responder[:])
	return logName(h.Sum(nil))
}

// namesKey is the secret of logName.
func namesKey(m *access.Member) []byte { return access.Derive(m.TopicSecret, "exchange names", 32) }

// beatTag is the proof, in a heartbeat, that sender holds what we hold of all
// the logs that both follow. It is bound to the nonce that the receiver chose
// for this stream and to the sender. A difference that lasts begins an exchange.
func beatTag(nonce recon.Nonce, sender peer.ID, logs []*replica) (tag [tagSize]byte) {
	for _, r := range logs {
		h := hmac.New(sha256.New, r.secrets.beats)
		h.Write(nonce[:])
		h.Write([]byte(sender))
		digest := r.digest()
		h.Write(digest[:])
		for i, b := range h.Sum(nil)[:tagSize] {
			tag[i] ^= b
		}
	}
	return tag
}
