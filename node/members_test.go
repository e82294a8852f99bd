package node_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/node"
)

// revoke ends a device's right from here on.
func (d *device) revoke(id crdt.LogID, other *device) *crdt.Event {
	d.t.Helper()
	rev, err := d.member(id).SignControl(crdt.NewClock(nil), crdt.NewChain(), access.NewRevocation(other.member(id).Grant, nil, nil))
	if err != nil {
		d.t.Fatal(err)
	}
	out, err := d.Admit(context.Background(), id, "", rev.Envelope())
	if err != nil || out[0].Err != nil {
		d.t.Fatal(err, out[0].Err)
	}
	return rev
}

// signed is an event that a device writes without asking its node, in a chain
// of its own.
func signed(t testing.TB, m *access.Member, n int, text string) *crdt.Event {
	t.Helper()
	content := crdt.Content{ID: fmt.Sprint(text, n), Type: "note"}
	plain, err := content.Encode()
	if err != nil {
		t.Fatal(err)
	}
	payload, err := crdt.Pad(plain)
	if err != nil {
		t.Fatal(err)
	}
	h := crdt.Header{Set: crdt.Events, Log: m.Log, Grant: m.Grant, Time: crdt.MakeTime(uint64(time.Now().UnixMilli()), 0), OwnMs: time.Now().UnixMilli()}
	crdt.NewChain().Place(&h)
	e, err := crdt.Sign(m.Key(), h, payload)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func (d *device) member(id crdt.LogID) *access.Member {
	d.t.Helper()
	for _, m := range d.Members() {
		if m.Log == id {
			return m
		}
	}
	d.t.Fatal("no member")
	return nil
}

// linked reports whether d and the other have a link on which id is shared.
func (d *device) connected(other *device) bool {
	for _, p := range d.Peers() {
		if p.ID == other.PeerID() && p.Connected && p.Logs > 0 {
			return true
		}
	}
	return false
}

func peersOf(d *device) func(*node.Config) {
	return func(c *node.Config) { c.Peers = d.Addrs() }
}

// A node that shares no log loses the link and is left alone; as soon as it
// joins, it is let in.
func TestStrangerIsSentAway(t *testing.T) {
	a := newDevice(t, nil).run()
	id := a.found()
	e := a.record(id, "goal")
	s := newDevice(t, peersOf(a)).run()
	s.found()
	eventually(t, "the stranger is sent away", func() bool {
		p := s.Peers()
		return len(p) == 1 && !p[0].Connected && strings.Contains(p[0].LastError, "shares no match")
	})
	logs, err := s.store.Logs()
	if err != nil || len(logs) != 1 {
		t.Errorf("stranger holds %d logs, %v", len(logs), err)
	}
	s.join(a.invite(id, access.Spectator))
	eventually(t, "let in after joining", func() bool {
		_, err := s.store.Event(id, e.Hash)
		return err == nil
	})
}

// The name a person gave a match stays when the right grows, and joining again
// gives it another.
func TestLabelsAreOnesOwn(t *testing.T) {
	a, b := newDevice(t, nil), newDevice(t, nil)
	id := a.found()
	scorer, coach := a.invite(id, access.Scorer), a.invite(id, access.Coach)
	for _, step := range []struct {
		invite     *access.Invite
		say, label string
	}{{scorer, "", ""}, {scorer, "final", "final"}, {scorer, "", "final"}, {coach, "", "final"}, {scorer, "U10 final", "U10 final"}, {coach, "cup", "cup"}} {
		m, err := b.Join(context.Background(), step.invite, step.say)
		if err != nil || m.Label != step.label || b.Members()[0].Label != step.label {
			t.Errorf("joined as %q: %q (%v), want %q", step.say, b.Members()[0].Label, err, step.label)
		}
	}
	again, err := node.Memberships(b.store)
	if err != nil || len(again) != 1 || again[0].Label != "cup" || again[0].Role != access.Coach {
		t.Errorf("kept: %+v, %v", again, err)
	}
}

// The address of one device under the name of another is a mistake that is said
// once in the log, and that names who is there.
func TestWrongDeviceAtAnAddress(t *testing.T) {
	a, other := newDevice(t, nil).run(), newDevice(t, nil).run()
	address, _, _ := strings.Cut(a.Addrs()[0], "/p2p/")
	var said bytes.Buffer
	b := newDevice(t, func(c *node.Config) {
		c.Peers = []string{address + "/p2p/" + other.PeerID()}
		c.Log = slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelWarn}))
	}).run()
	eventually(t, "two tries that say who answers there", func() bool {
		p := b.Peers()
		return len(p) == 1 && p[0].Failures > 1 && strings.Contains(p[0].LastError, "another device answers there: it is "+a.PeerID())
	})
	b.stop()
	if n := strings.Count(said.String(), "another device answers there"); n != 1 {
		t.Errorf("said %d times, want once:\n%s", n, &said)
	}
}

// A log that is followed while the link is up becomes shared on it, live.
func TestFollowOnALiveLink(t *testing.T) {
	a := newDevice(t, nil).run()
	first, second := a.found(), a.found()
	b := newDevice(t, peersOf(a))
	b.join(a.invite(first, access.Scorer))
	b.run()
	equal(t, first, a, b)
	b.join(a.invite(second, access.Scorer))
	equal(t, second, a, b)
	eventually(t, "live on the second log", func() bool { return b.gossips(second) && a.gossips(second) })
	e := b.record(second, "goal")
	eventually(t, "a live event", func() bool { _, err := a.store.Event(second, e.Hash); return err == nil })
	equal(t, first, a, b)
}

// gossips reports whether another device is on the topic of a log.
func (d *device) gossips(id crdt.LogID) bool {
	checks, err := d.Doctor(context.Background(), id)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, c := range checks {
		if c.Layer == "subscribe" {
			return c.OK
		}
	}
	return false
}

// Who is revoked loses the log at once, on every link, and learns why; what
// else is shared goes on.
func TestRevokedLosesTheLog(t *testing.T) {
	a := newDevice(t, nil).run()
	lost, kept := a.found(), a.found()
	b := newDevice(t, peersOf(a))
	b.join(a.invite(lost, access.Scorer))
	b.join(a.invite(kept, access.Scorer))
	b.run()
	equal(t, lost, a, b)
	equal(t, kept, a, b)
	rev := a.revoke(lost, b)
	eventually(t, "b learns that its right was ended", func() bool { _, err := b.store.Event(lost, rev.Hash); return err == nil })
	secret := a.record(lost, "after the cut")
	still := a.record(kept, "still shared")
	eventually(t, "the other log goes on", func() bool { _, err := b.store.Event(kept, still.Hash); return err == nil })
	checks, err := b.Doctor(context.Background(), lost)
	if err != nil {
		t.Fatal(err)
	}
	first := slices.IndexFunc(checks, func(c node.Check) bool { return !c.OK })
	if first < 0 || checks[first].Layer != "access" || !strings.Contains(checks[first].Detail, "revoked (cut "+rev.Hash.Short()) {
		t.Errorf("doctor does not say first what ended the right: %+v", checks)
	}
	if s, err := b.Status(lost); err != nil || !strings.Contains(s.Ended, "revoked (cut "+rev.Hash.Short()) {
		t.Errorf("status does not say that the right has ended: %q, %v", s.Ended, err)
	}
	if s, err := b.Status(kept); err != nil || s.Ended != "" {
		t.Errorf("status of a right that goes on: ended %q, %v", s.Ended, err)
	}
	eventually(t, "b is told in words", func() bool {
		for _, p := range b.Peers() {
			if strings.Contains(p.Refused, "right ended") {
				return true
			}
		}
		return false
	})
	equal(t, kept, a, b)
	if _, err := b.store.Event(lost, secret.Hash); err == nil {
		t.Error("a revoked device got an event that was written after the cut")
	}
	if _, err := b.Record(context.Background(), lost, node.Draft{Content: crdt.Content{Type: "goal"}}); !errors.Is(err, crdt.ErrForbidden) {
		t.Errorf("record: %v", err)
	}
	late := signed(t, b.member(lost), 1, "recorded in vain")
	if _, err := b.store.Append(context.Background(), lost, late); err != nil {
		t.Fatal(err)
	}
	equal(t, kept, a, b)
	if rep, err := b.Sync(context.Background(), lost); err != nil || rep.Peers != 0 {
		t.Errorf("reconciled with %d peers after the cut, %v", rep.Peers, err)
	}
	if _, err := a.store.Event(lost, late.Hash); err == nil {
		t.Error("a revoked device's event was taken from its own link")
	}
}
