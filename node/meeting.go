package node

import (
	"crypto/rand"
	"fmt"
	"slices"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// meetingLog is a log that this device is a member of.
type meetingLog struct {
	member *access.Member
	key    []byte // access.MeetingKey
	live   bool   // named to the peer; others are only recognised
}

// meeting is one side of the member protocol: both ends of a link prove, for
// each log that both are members of, that they hold a device key with a right
// in it. Who lacks a log's topic secret sees noise, and hears of nothing.
//
// It is pure but for its nonce: the caller carries frames and judges proofs.
// After an error it is dead.
type meeting struct {
	self, peer string // peer IDs
	ours       [nonceSize]byte
	logs       []meetingLog
	judge      func(*meetingLog, *access.Proof, *access.Meeting) memberVerdict
	chain      func(crdt.LogID) [][]byte

	greeted, called, ended bool                        // what the peer has sent
	mine, theirs           map[meetingName]*meetingLog // names under which we prove, and they
	at, back               access.Meeting              // we prove; they prove
	open                   int                         // our proofs without a verdict
	sent                   map[crdt.LogID]bool         // our proofs
	judged                 map[crdt.LogID]ruling       // theirs
	verdicts               map[crdt.LogID]memberVerdict
	grants                 map[crdt.LogID]crdt.Hash // theirs, of proofs taken
}

func newMeeting(self, peer string, logs []meetingLog) *meeting {
	m := &meeting{
		self: self, peer: peer, logs: logs,
		mine: map[meetingName]*meetingLog{}, theirs: map[meetingName]*meetingLog{},
		sent: map[crdt.LogID]bool{}, judged: map[crdt.LogID]ruling{},
		verdicts: map[crdt.LogID]memberVerdict{}, grants: map[crdt.LogID]crdt.Hash{},
	}
	rand.Read(m.ours[:])
	return m
}

// start returns the first frame.
func (m *meeting) start() []byte { return appendFrame(nil, frameHello, m.ours[:]) }

// done reports whether nothing more is to come.
func (m *meeting) done() bool { return m.ended && m.open == 0 }

// shared returns the logs that both sides proved, with the peer's grants.
func (m *meeting) shared() map[crdt.LogID]crdt.Hash {
	out := map[crdt.LogID]crdt.Hash{}
	for log, grant := range m.grants {
		if v, ok := m.verdicts[log]; ok && v.ruling == rulingIn {
			out[log] = grant
		}
	}
	return out
}

// step takes one frame and returns the encoded frames to send.
func (m *meeting) step(f frame) ([]byte, error) {
	switch {
	case f.kind == frameHello && !m.greeted && len(f.body) == nonceSize:
		return m.hello([nonceSize]byte(f.body)), nil
	case f.kind == frameCalled && m.greeted && !m.called && len(f.body)%access.NameSize == 0 && len(f.body) <= maxMeetingLogs*access.NameSize:
		return m.names(f.body), nil
	case f.kind == frameMember && m.called:
		return m.proof(f.body)
	case f.kind == frameVerdict && m.called:
		return nil, m.verdict(f.body)
	case f.kind == frameEnd && m.called && !m.ended && len(f.body) == 0:
		m.ended = true
		return nil, nil
	}
	return nil, fmt.Errorf("%w: frame %d of a meeting", crdt.ErrMalformed, f.kind)
}

// hello fixes the meeting and says our names.
func (m *meeting) hello(theirs [nonceSize]byte) []byte {
	m.greeted = true
	m.at = access.Meeting{Prover: m.self, Verifier: m.peer, ProverNonce: m.ours, VerifierNonce: theirs}
	m.back = access.Meeting{Prover: m.peer, Verifier: m.self, ProverNonce: theirs, VerifierNonce: m.ours}
	var names []byte
	for i := range m.logs {
		l := &m.logs[i]
		name := meetingName(m.at.Name(l.key))
		m.mine[name] = l
		m.theirs[m.back.Name(l.key)] = l
		if l.live && len(names) < maxMeetingLogs*access.NameSize {
			names = append(names, name[:]...)
		}
	}
	return appendFrame(nil, frameCalled, padNames(names))
}

// padNames adds noise, so that strangers cannot count our logs.
func padNames(names []byte) []byte {
	classes := []int{4, 16, 64, maxMeetingLogs}
	i, _ := slices.BinarySearch(classes, len(names)/access.NameSize)
	noise := make([]byte, classes[min(i, len(classes)-1)]*access.NameSize-len(names))
	rand.Read(noise)
	return append(names, noise...)
}

// names proves what we are members of among what the peer named.
func (m *meeting) names(b []byte) (out []byte) {
	m.called = true
	for ; len(b) > 0; b = b[access.NameSize:] {
		if l := m.theirs[meetingName(b)]; l != nil {
			out = m.prove(out, l)
		}
	}
	return appendFrame(out, frameEnd)
}

func (m *meeting) prove(out []byte, l *meetingLog) []byte {
	if m.sent[l.member.Log] {
		return out
	}
	m.sent[l.member.Log] = true
	m.open++
	name := meetingName(m.at.Name(l.key))
	p := &access.Proof{Grant: l.member.Grant, Signature: l.member.Prove(&m.at), Chain: m.chain(l.member.Log)}
	body := appendProof(nil, name, p)
	if !fits(body) {
		p.Chain = nil // the peer may know the grant
		body = appendProof(nil, name, p)
	}
	return appendFrame(out, frameMember, body)
}

// proof judges a proof and answers with the verdict; before it goes our own
// proof, if it is the first word about this log.
func (m *meeting) proof(b []byte) ([]byte, error) {
	name, p, err := parseProof(b)
	if err != nil {
		return nil, err
	}
	l := m.theirs[name]
	if l == nil {
		return nil, fmt.Errorf("%w: proof of an unknown name", crdt.ErrMalformed)
	}
	if _, again := m.judged[l.member.Log]; again {
		return nil, fmt.Errorf("%w: proof sent twice", crdt.ErrMalformed)
	}
	v := m.judge(l, p, &m.back)
	v.name = name
	m.judged[l.member.Log] = v.ruling
	if v.ruling == rulingIn {
		m.grants[l.member.Log] = p.Grant
	}
	body := v.append(nil)
	if !fits(body) {
		v.control = nil
		body = v.append(nil)
	}
	var out []byte
	if v.ruling == rulingIn {
		out = m.prove(out, l)
	}
	return appendFrame(out, frameVerdict, body), nil
}

func (m *meeting) verdict(b []byte) error {
	v, err := parseVerdict(b)
	if err != nil {
		return err
	}
	l := m.mine[v.name]
	if l == nil || !m.sent[l.member.Log] {
		return fmt.Errorf("%w: verdict about nothing", crdt.ErrMalformed)
	}
	if _, again := m.verdicts[l.member.Log]; again {
		return fmt.Errorf("%w: verdict sent twice", crdt.ErrMalformed)
	}
	m.verdicts[l.member.Log] = v
	m.open--
	return nil
}
