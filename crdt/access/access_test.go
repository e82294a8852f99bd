package access_test

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

func found(t testing.TB) (*access.Member, *crdt.Event, *crdt.Clock) {
	t.Helper()
	clock := crdt.NewClock(nil)
	m, e, err := access.Found(clock, access.PurposeMatch)
	if err != nil {
		t.Fatal(err)
	}
	return m, e, clock
}

func invite(t testing.TB, m *access.Member, chain []*crdt.Event, clock *crdt.Clock, role access.Role) *access.Invite {
	t.Helper()
	i, _, err := m.Invite(clock, chain, role, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func write(t testing.TB, m *access.Member, set crdt.Set) *crdt.Event {
	t.Helper()
	payload, _ := crdt.Pad([]byte{0xa1, 0, 20})
	if set == crdt.Records {
		payload = append(payload, make([]byte, crdt.RecordOverhead)...)
	}
	h := crdt.Header{Set: set, Log: m.Log, Grant: m.Grant}
	crdt.NewChain().Place(&h)
	e, err := crdt.Sign(m.Key(), h, payload)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestJoinOfflineAndWrite(t *testing.T) {
	founder, founding, clock := found(t)
	i := invite(t, founder, []*crdt.Event{founding}, clock, access.Scorer)
	parsed, err := access.ParseInvite("https://club.example/join" + i.String()[strings.Index(i.String(), "#"):])
	if err != nil {
		t.Fatal(err)
	}
	m, control, err := parsed.Join(clock)
	if err != nil {
		t.Fatal(err)
	}
	if m.Log != founder.Log || m.Role != access.Scorer || m.Device() == founder.Device() {
		t.Errorf("membership %+v", m)
	}
	again, err := access.DecodeMember(m.Encode())
	if err != nil || again.Grant != m.Grant {
		t.Errorf("membership does not survive: %v", err)
	}
	e := write(t, m, crdt.Events)
	rapid.Check(t, func(t *rapid.T) {
		c := access.NewControl(m.Log)
		if !errors.Is(c.Check(e), crdt.ErrNoGrant) {
			t.Fatal("event admitted before its grant")
		}
		// Whatever the order, in the end the same rights. A control event
		// that comes before its own grant is offered again, as a log does.
		order := rapid.Permutation(control).Draw(t, "order")
		for range control {
			for _, e := range order {
				c.Add(e)
			}
		}
		if err := c.Check(e); err != nil {
			t.Fatal(err)
		}
		if c.Role(m.Grant) != access.Scorer {
			t.Fatal("role")
		}
	})
}

func TestWhoMayNot(t *testing.T) {
	founder, founding, clock := found(t)
	chain := []*crdt.Event{founding}
	c := access.NewControl(founder.Log)
	c.Add(founding)
	enrol := func(role access.Role) *access.Member {
		m, control, err := invite(t, founder, chain, clock, role).Join(clock)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range control {
			c.Add(e)
		}
		return m
	}
	scorer, watcher, relay := enrol(access.Scorer), enrol(access.Spectator), enrol(access.Relay)
	if err := c.Check(write(t, scorer, crdt.Events)); err != nil {
		t.Errorf("scorer: %v", err)
	}
	for name, e := range map[string]*crdt.Event{
		"watcher, event":   write(t, watcher, crdt.Events),
		"watcher, record":  write(t, watcher, crdt.Records),
		"watcher, control": write(t, watcher, crdt.Control),
		"relay, event":     write(t, relay, crdt.Events),
		"another's grant":  write(t, &access.Member{Log: scorer.Log, Seed: watcher.Seed, Grant: scorer.Grant}, crdt.Events),
	} {
		if err := c.Check(e); !errors.Is(err, crdt.ErrForbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := c.Check(write(t, &access.Member{Log: crdt.LogID{9}, Seed: scorer.Seed, Grant: scorer.Grant}, crdt.Events)); !errors.Is(err, crdt.ErrWrongLog) {
		t.Errorf("other match: %v", err)
	}
	if _, g, err := scorer.Invite(clock, []*crdt.Event{founding}, access.Organiser, 1, 0); err == nil && c.Check(g) == nil {
		t.Error("a scorer made an organiser")
	}
	if !errors.Is(c.Check(write(t, &access.Member{Log: scorer.Log, Seed: scorer.Seed, Grant: crdt.Hash{1}}, crdt.Events)), crdt.ErrNoGrant) {
		t.Error("unknown grant is not waited for")
	}
}

func FuzzParseInvite(f *testing.F) {
	founder, founding, clock := found(f)
	i := invite(f, founder, []*crdt.Event{founding}, clock, access.Scorer)
	f.Add(i.String())
	f.Add("touchline:1#")
	f.Fuzz(func(t *testing.T, s string) {
		i, err := access.ParseInvite(s)
		if err == nil {
			if again, err := access.ParseInvite(i.String()); err != nil || again.Log() != i.Log() {
				t.Fatal("does not read what it writes")
			}
		}
	})
}

func FuzzMember(f *testing.F) {
	m, _, _ := found(f)
	f.Add(m.Encode())
	f.Fuzz(func(t *testing.T, b []byte) { access.DecodeMember(b) })
}
