package node

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"

	"github.com/libp2p/go-libp2p/core/peer"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

const nonceSize = 16

func newNonce() (n [nonceSize]byte) {
	rand.Read(n[:])
	return n
}

// tagger makes the tags of one exchange. Both nonces are in every tag, so a
// tag proves something now and is worth nothing later; the topic secret is,
// too, so a tag tells nothing to who is not a member (rule R12).
type tagger struct {
	initiator, responder [nonceSize]byte
}

// name is what both sides call a log during the exchange.
func (t tagger) name(r *replica) [tagSize]byte {
	return t.mac(r, 0, nil)
}

// state is the proof by one side that its three sets have these sums.
func (t tagger) state(r *replica, byInitiator bool, sums [crdt.NumSets]crdt.Hash, counts [crdt.NumSets]uint64) [tagSize]byte {
	var b []byte
	for i := range sums {
		b = append(b, sums[i][:]...)
		b = binary.BigEndian.AppendUint64(b, counts[i])
	}
	if byInitiator {
		return t.mac(r, 1, b)
	}
	return t.mac(r, 2, b)
}

func (t tagger) mac(r *replica, purpose byte, b []byte) [tagSize]byte {
	h := hmac.New(sha256.New, r.tagKey)
	h.Write([]byte{purpose})
	h.Write(t.initiator[:])
	h.Write(t.responder[:])
	h.Write(b)
	return [tagSize]byte(h.Sum(nil))
}

// sessionKey keys the short names and fingerprints of one reconciliation.
func (t tagger) sessionKey(r *replica) [16]byte {
	h := hmac.New(sha256.New, r.tagKey)
	h.Write([]byte{3})
	h.Write(t.initiator[:])
	h.Write(t.responder[:])
	return [16]byte(h.Sum(nil))
}

func tagKey(m *access.Member) []byte { return access.Derive(m.TopicSecret, "tags", 32) }

// beatTag is the proof, in a heartbeat, that sender holds what we hold of all
// the logs that both follow. It is bound to the nonce that the receiver chose
// for this stream and to the sender. A difference that lasts begins an exchange.
func beatTag(nonce [nonceSize]byte, sender peer.ID, logs []*replica) (tag [tagSize]byte) {
	for _, r := range logs {
		h := hmac.New(sha256.New, r.tagKey)
		h.Write([]byte{4})
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
