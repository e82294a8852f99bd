package recon

import (
	"crypto/hmac"
	"crypto/sha256"
)

// Tag proves in 8 bytes, to somebody with the same topic secret and the same
// three sets, that its sender has them too. It tells others nothing, not even
// which log it is about.
type Tag [8]byte

// NewTag makes the tag that sender (its peer ID's bytes) shows to the
// verifier whose Greeting carried nonce.
func NewTag(key TagKey, nonce Nonce, sender []byte, d Digests) Tag {
	m := hmac.New(sha256.New, key[:])
	m.Write([]byte("tag"))
	m.Write(nonce[:])
	m.Write(d.bytes())
	m.Write(sender)
	return Tag(m.Sum(nil))
}

// Tags are one side's logs in any order, at most [MaxTags]. Who sends them
// remembers the order.
//
//	0x12  count uvarint  tags 8 bytes each
type Tags []Tag

// Append appends the encoded tags. It panics on more than MaxTags.
func (t Tags) Append(b []byte) []byte {
	if len(t) > MaxTags {
		panic("recon: too many tags for one message")
	}
	b = appendUvarint(append(b, kindTags), uint64(len(t)))
	for i := range t {
		b = append(b, t[i][:]...)
	}
	return b
}

// ParseTags reads what [Tags.Append] wrote. Errors wrap [ErrMalformed].
func ParseTags(b []byte) (Tags, error) {
	r := reader{b: b}
	if r.byte() != kindTags {
		r.fail("tags")
	}
	n := r.count(len(Tag{}))
	if n > MaxTags {
		r.fail("%d tags", n)
		n = 0
	}
	t := make(Tags, n)
	for i := range t {
		copy(t[i][:], r.take(len(Tag{})))
	}
	return t, r.end()
}

// Proof is both tags of one log between two peers, as one of them computes
// them from its own digests: what it shows, and what an equal peer would show.
type Proof struct {
	Mine   Tag // made with the peer's nonce and our ID
	Theirs Tag // made with our nonce and the peer's ID
}

// TagsReply answers [Tags]: a bit for each that the replier has equal, and one
// MAC over its own tags of just these, so that this is proved both ways.
//
//	0x13  count uvarint  bits, highest first, padded with zeros  MAC 16 bytes
type TagsReply struct {
	Equal []bool
	MAC   [16]byte
}

// Answer matches a peer's tags with proofs of our own logs. equal holds the
// indices in proofs of the logs that are proven equal, in the order of tags.
func Answer(tags Tags, proofs []Proof) (reply TagsReply, equal []int) {
	by := make(map[Tag]int, len(proofs))
	for i := range proofs {
		by[proofs[i].Theirs] = i
	}
	reply.Equal = make([]bool, len(tags))
	var mine []Tag
	for i, t := range tags {
		if at, ok := by[t]; ok {
			delete(by, t) // a repeated tag proves nothing more
			reply.Equal[i] = true
			equal = append(equal, at)
			mine = append(mine, proofs[at].Mine)
		}
	}
	reply.MAC = seal(mine)
	return reply, equal
}

// Check verifies a reply to tags made from proofs, in their order, and
// returns the indices of the logs that are proven equal. Errors wrap
// [ErrProtocol]; then none is.
func (t *TagsReply) Check(proofs []Proof) (equal []int, err error) {
	if len(t.Equal) != len(proofs) {
		return nil, unexpected("number of tags in the reply")
	}
	var theirs []Tag
	for i, yes := range t.Equal {
		if yes {
			equal = append(equal, i)
			theirs = append(theirs, proofs[i].Theirs)
		}
	}
	if mac := seal(theirs); !hmac.Equal(mac[:], t.MAC[:]) {
		return nil, unexpected("MAC of the tags reply")
	}
	return equal, nil
}

// seal shows knowledge of tags that were not sent.
func seal(tags []Tag) (mac [16]byte) {
	h := sha256.New()
	h.Write([]byte("touchline recon tags"))
	for i := range tags {
		h.Write(tags[i][:])
	}
	copy(mac[:], h.Sum(nil))
	return mac
}

// Append appends the encoded reply.
func (t *TagsReply) Append(b []byte) []byte {
	b = appendUvarint(append(b, kindTagsReply), uint64(len(t.Equal)))
	return append(appendBits(b, t.Equal), t.MAC[:]...)
}

// ParseTagsReply reads what [TagsReply.Append] wrote. Errors wrap
// [ErrMalformed].
func ParseTagsReply(b []byte) (t TagsReply, err error) {
	r := reader{b: b}
	if r.byte() != kindTagsReply {
		r.fail("tags reply")
	}
	t.Equal = r.bits(MaxTags)
	copy(t.MAC[:], r.take(len(t.MAC)))
	return t, r.end()
}
