package node

import (
	"encoding/binary"
	"fmt"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// Frames of the member protocol, in the framing of the sync protocol.
// docs/PROTOCOL.md section 4 has the bodies.
const (
	frameHello   frameType = iota + 1 // nonce
	frameCalled                       // names of the sender's logs, padded with noise
	frameMember                       // a proof
	frameVerdict                      // what became of the other side's proof
	frameEnd                          // the names have been answered
)

// maxMeetingLogs bounds how many logs one meeting is about.
const maxMeetingLogs = 200

const nonceSize = 32

// meetingName is what one side of a meeting calls a log.
type meetingName [access.NameSize]byte

// ruling is a verdict about a proof.
type ruling byte

const (
	rulingIn    ruling = iota // the log is shared on this link
	rulingNo                  // no member
	rulingEnded               // the right has ended
	rulingLater               // cannot tell now
)

// memberVerdict answers the proof with a name. Control are envelopes that say
// why: the revocation and the chain of its author.
type memberVerdict struct {
	name    meetingName
	ruling  ruling
	control [][]byte
}

func (v memberVerdict) append(b []byte) []byte {
	return appendEnvelopes(append(append(b, v.name[:]...), byte(v.ruling)), v.control)
}

func parseVerdict(b []byte) (v memberVerdict, err error) {
	if len(b) < len(v.name)+1 || b[len(v.name)] > byte(rulingLater) {
		return v, fmt.Errorf("%w: verdict", crdt.ErrMalformed)
	}
	v.name, v.ruling = meetingName(b), ruling(b[len(v.name)])
	v.control, err = parseEnvelopes(b[len(v.name)+1:])
	return v, err
}

func appendProof(b []byte, name meetingName, p *access.Proof) []byte {
	b = append(append(b, name[:]...), p.Grant[:]...)
	return appendEnvelopes(append(b, p.Signature...), p.Chain)
}

const signatureSize = 64

func parseProof(b []byte) (name meetingName, p *access.Proof, err error) {
	if len(b) < len(name)+crdt.HashSize+signatureSize {
		return name, nil, fmt.Errorf("%w: membership proof", crdt.ErrMalformed)
	}
	name, b = meetingName(b), b[len(name):]
	p = &access.Proof{Grant: crdt.Hash(b[:crdt.HashSize]), Signature: b[crdt.HashSize : crdt.HashSize+signatureSize]}
	p.Chain, err = parseEnvelopes(b[crdt.HashSize+signatureSize:])
	return name, p, err
}

func appendEnvelopes(b []byte, list [][]byte) []byte {
	for _, e := range list {
		b = append(binary.AppendUvarint(b, uint64(len(e))), e...)
	}
	return b
}

func parseEnvelopes(b []byte) (list [][]byte, err error) {
	for len(b) > 0 {
		size, n := binary.Uvarint(b)
		if n <= 0 || n != uvarintLen(size) || size == 0 || size > uint64(len(b)-n) {
			return nil, fmt.Errorf("%w: envelope ends early", crdt.ErrMalformed)
		}
		list, b = append(list, b[n:n+int(size)]), b[n+int(size):]
	}
	return list, nil
}

// fits reports whether a frame with such a body may be sent.
func fits(body []byte) bool { return len(body) < maxFrame }
