package node

import (
	"bufio"
	"bytes"
	"errors"
	"slices"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// attendee is one device at meetings: its memberships and what it knows of rights.
type attendee struct {
	logs     []meetingLog
	controls map[crdt.LogID]*access.Control
	chains   map[crdt.LogID][][]byte
}

func newAttendee() *attendee {
	return &attendee{controls: map[crdt.LogID]*access.Control{}, chains: map[crdt.LogID][][]byte{}}
}

// takes gives the device a membership; it has heard of the control events.
func (a *attendee) takes(m *access.Member, live bool, control ...*crdt.Event) {
	a.logs = append(a.logs, meetingLog{m, access.MeetingKey(m.TopicSecret), live})
	c := access.NewControl(m.Log)
	for _, e := range control {
		c.Add(e)
		a.chains[m.Log] = append(a.chains[m.Log], e.Envelope())
	}
	a.controls[m.Log] = c
}

// sits returns the device's side of a meeting.
func (a *attendee) sits(self, other string) *meeting {
	m := newMeeting(self, other, a.logs)
	m.chain = func(log crdt.LogID) [][]byte { return a.chains[log] }
	m.judge = func(l *meetingLog, p *access.Proof, at *access.Meeting) memberVerdict {
		c := a.controls[l.member.Log]
		err := c.Admits(p, at)
		if errors.Is(err, crdt.ErrNoGrant) {
			events, openErr := p.Open(l.member.Log)
			if openErr != nil {
				return memberVerdict{ruling: rulingNo}
			}
			for _, e := range events {
				c.Add(e)
			}
			err = c.Admits(p, at)
		}
		var ended *access.EndedError
		switch {
		case err == nil:
			return memberVerdict{ruling: rulingIn}
		case errors.As(err, &ended):
			return memberVerdict{ruling: rulingEnded}
		}
		return memberVerdict{ruling: rulingNo}
	}
	return m
}

// hold carries frames between two sides until both are done, and returns all
// bytes that each received.
func hold(t *testing.T, a, b *meeting) (toA, toB []byte) {
	t.Helper()
	queueA, queueB := b.start(), a.start()
	for len(queueA)+len(queueB) > 0 {
		toA, toB = append(toA, queueA...), append(toB, queueB...)
		nextB := feed(t, a, queueA)
		queueA, queueB = feed(t, b, queueB), nextB
	}
	if !a.done() || !b.done() {
		t.Fatalf("meeting does not end: %v %v", a.done(), b.done())
	}
	return toA, toB
}

func feed(t *testing.T, m *meeting, frames []byte) (out []byte) {
	t.Helper()
	r := bufio.NewReader(bytes.NewReader(frames))
	for {
		f, _, err := readFrame(r)
		if err != nil {
			return out
		}
		b, err := m.step(f)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b...)
	}
}

// founded returns a new log with a second member whose enrolment the founder
// has not heard of.
func founded(t *testing.T, role access.Role) (founder, member *access.Member, founding *crdt.Event, chain []*crdt.Event) {
	t.Helper()
	clock := crdt.NewClock(nil)
	founder, founding, err := access.Found(clock, access.PurposeMatch)
	if err != nil {
		t.Fatal(err)
	}
	i, _, err := founder.Invite(clock, []*crdt.Event{founding}, role, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	member, chain, err = i.Join(clock)
	if err != nil {
		t.Fatal(err)
	}
	return founder, member, founding, chain
}

// Two devices find what both are members of, and only that; rights that one of
// them has not heard of come with their proof. A log that rests at one side is
// found too.
func TestMeetingFindsCommonLogs(t *testing.T) {
	a, b := newAttendee(), newAttendee()
	var common []crdt.LogID
	for i := range 6 {
		founder, member, founding, chain := founded(t, access.Spectator)
		switch i {
		case 0, 1, 2:
			a.takes(founder, i != 1, founding)
			b.takes(member, i != 2, chain...)
			common = append(common, founder.Log)
		case 3:
			a.takes(founder, true, founding)
		default:
			b.takes(member, true, chain...)
		}
	}
	ma, mb := a.sits("a", "b"), b.sits("b", "a")
	hold(t, ma, mb)
	for side, m := range map[string]*meeting{"a": ma, "b": mb} {
		got := m.shared()
		if len(got) != len(common) {
			t.Errorf("%s shares %d logs, not %d", side, len(got), len(common))
		}
		for _, log := range common {
			if _, ok := got[log]; !ok {
				t.Errorf("%s does not share %s", side, log.Short())
			}
		}
	}
}

// What strangers send each other says nothing: not how many logs there are, no
// key, no hash, no envelope; and it is never the same twice.
func TestMeetingOfStrangers(t *testing.T) {
	var sizes []int
	seen := map[string]bool{}
	for _, logs := range []int{0, 1, 4, 4} {
		a, b := newAttendee(), newAttendee()
		for range logs {
			founder, _, founding, _ := founded(t, access.Scorer)
			a.takes(founder, true, founding)
		}
		other, _, founding, _ := founded(t, access.Scorer)
		b.takes(other, true, founding)
		ma, mb := a.sits("a", "b"), b.sits("b", "a")
		_, toB := hold(t, ma, mb)
		if len(ma.shared())+len(mb.shared()) > 0 {
			t.Error("strangers share a log")
		}
		for _, l := range a.logs {
			for _, secret := range [][]byte{l.member.Log[:], l.member.TopicSecret, l.key} {
				if bytes.Contains(toB, secret[:8]) {
					t.Error("a stranger was told something")
				}
			}
		}
		sizes = append(sizes, len(toB))
		if seen[string(toB[40:])] {
			t.Error("the same names twice")
		}
		seen[string(toB[40:])] = true
	}
	if slices.Max(sizes) != slices.Min(sizes) {
		t.Errorf("sizes tell how many logs there are: %v", sizes)
	}
}

// Who only knows the topic secret, or whose right has ended, shares nothing,
// and hears nothing more than that.
func TestMeetingRefuses(t *testing.T) {
	founder, member, founding, chain := founded(t, access.Scorer)
	clock := crdt.NewClock(nil)
	rev, err := founder.SignControl(clock, crdt.NewChain(), access.NewRevocation(member.Grant, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	thief := *member
	thief.Seed = bytes.Repeat([]byte{7}, 32)
	for name, c := range map[string]struct {
		who     *access.Member
		control []*crdt.Event
		want    ruling
	}{
		"revoked":   {member, append([]*crdt.Event{rev}, chain...), rulingEnded},
		"key thief": {&thief, chain, rulingNo},
	} {
		a, b := newAttendee(), newAttendee()
		a.takes(founder, true, append([]*crdt.Event{founding}, c.control...)...)
		for _, e := range c.control { // what came before its parent
			a.controls[founder.Log].Add(e)
		}
		b.takes(c.who, true, chain...)
		ma, mb := a.sits("a", "b"), b.sits("b", "a")
		hold(t, ma, mb)
		if len(ma.shared())+len(mb.shared()) > 0 {
			t.Errorf("%s: let in", name)
		}
		if got := mb.verdicts[founder.Log].ruling; got != c.want {
			t.Errorf("%s: ruling %d", name, got)
		}
	}
}

// What a peer may not send ends the meeting, and nothing in it can panic.
func TestMeetingOutOfTurn(t *testing.T) {
	for name, frames := range map[string][]frame{
		"short nonce":           {{frameHello, make([]byte, 31)}},
		"names before hello":    {{frameCalled, make([]byte, 16)}},
		"hello twice":           {{frameHello, make([]byte, 32)}, {frameHello, make([]byte, 32)}},
		"too many names":        {{frameHello, make([]byte, 32)}, {frameCalled, make([]byte, 201*16)}},
		"half a name":           {{frameHello, make([]byte, 32)}, {frameCalled, make([]byte, 17)}},
		"proof before names":    {{frameHello, make([]byte, 32)}, {frameMember, make([]byte, 112)}},
		"proof of nothing":      {{frameHello, make([]byte, 32)}, {frameCalled, nil}, {frameMember, make([]byte, 112)}},
		"verdict about nothing": {{frameHello, make([]byte, 32)}, {frameCalled, nil}, {frameVerdict, make([]byte, 17)}},
		"end twice":             {{frameHello, make([]byte, 32)}, {frameCalled, nil}, {frameEnd, nil}, {frameEnd, nil}},
	} {
		founder, _, founding, _ := founded(t, access.Scorer)
		a := newAttendee()
		a.takes(founder, true, founding)
		m := a.sits("a", "b")
		var err error
		for _, f := range frames {
			if _, err = m.step(f); err != nil {
				break
			}
		}
		if !errors.Is(err, crdt.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzMeeting(f *testing.F) {
	f.Add([]byte{17, byte(frameVerdict), 1})
	f.Add(appendFrame(nil, frameMember, appendProof(nil, meetingName{1}, &access.Proof{Signature: make([]byte, 64), Chain: [][]byte{{1}}})))
	f.Fuzz(func(t *testing.T, b []byte) {
		m := newMeeting("a", "b", nil)
		m.judge = func(*meetingLog, *access.Proof, *access.Meeting) memberVerdict { return memberVerdict{} }
		r := bufio.NewReader(bytes.NewReader(b))
		for {
			fr, _, err := readFrame(r)
			if err != nil {
				return
			}
			if name, p, err := parseProof(fr.body); err == nil && !bytes.Equal(appendProof(nil, name, p), fr.body) {
				t.Fatal("proof does not read what it writes")
			}
			if v, err := parseVerdict(fr.body); err == nil && !bytes.Equal(v.append(nil), fr.body) {
				t.Fatal("verdict does not read what it writes")
			}
			if _, err := m.step(fr); err != nil {
				return
			}
		}
	})
}
