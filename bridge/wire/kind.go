package wire

import "strconv"

// Kind says what a frame is.
type Kind uint64

// The kinds, in the order of docs/protocol-bridge.md.
const (
	KindHello Kind = iota + 1
	KindWelcome
	KindProve
	KindProved
	KindEnrol
	KindEnrolled
	KindFollow
	KindFollowing
	KindUnfollow
	KindDone
	KindPublish
	KindAck
	KindLive
	KindView
	KindEvents
	KindCaught
	KindHeld
	KindCompare
	KindCompared
	KindEqual
	KindRecon
	KindBodies
	KindGone
	KindFin
	KindProof
	KindPing
	KindPong
	KindBye
	KindProblem
	KindOffer
	KindAnswer
	KindCandidate
)

var kindNames = [...]string{
	"", "hello", "welcome", "prove", "proved", "enrol", "enrolled", "follow", "following", "unfollow", "done",
	"publish", "ack", "live", "view", "events", "caught", "held", "compare", "compared", "equal", "recon", "bodies",
	"gone", "fin", "proof", "ping", "pong", "bye", "problem", "offer", "answer", "candidate",
}

// String is the kind's name in docs/protocol-bridge.md.
func (k Kind) String() string {
	if k > 0 && k < Kind(len(kindNames)) {
		return kindNames[k]
	}
	return "kind " + strconv.FormatUint(uint64(k), 10)
}

// newFrame returns an empty frame of a kind; nil if there is no such kind.
func newFrame(k Kind) Frame {
	switch k {
	case KindHello:
		return new(Hello)
	case KindWelcome:
		return new(Welcome)
	case KindProve:
		return new(Prove)
	case KindProved:
		return new(Proved)
	case KindEnrol:
		return new(Enrol)
	case KindEnrolled:
		return new(Enrolled)
	case KindFollow:
		return new(Follow)
	case KindFollowing:
		return new(Following)
	case KindUnfollow:
		return new(Unfollow)
	case KindDone:
		return new(Done)
	case KindPublish:
		return new(Publish)
	case KindAck:
		return new(Ack)
	case KindLive:
		return new(Live)
	case KindView:
		return new(View)
	case KindEvents:
		return new(Events)
	case KindCaught:
		return new(Caught)
	case KindHeld:
		return new(Held)
	case KindCompare:
		return new(Compare)
	case KindCompared:
		return new(Compared)
	case KindEqual:
		return new(Equal)
	case KindRecon:
		return new(Recon)
	case KindBodies:
		return new(Bodies)
	case KindGone:
		return new(Gone)
	case KindFin:
		return new(Fin)
	case KindProof:
		return new(Proof)
	case KindPing:
		return new(Ping)
	case KindPong:
		return new(Pong)
	case KindBye:
		return new(Bye)
	case KindProblem:
		return new(Problem)
	case KindOffer:
		return new(Offer)
	case KindAnswer:
		return new(Answer)
	case KindCandidate:
		return new(Candidate)
	}
	return nil
}
