package node_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/node"
)

// attempts are what somebody who may only read, or hold, might write: an event, an
// erasable record, and a right for a friend.
func attempts(t *testing.T, m *access.Member) map[string]*crdt.Event {
	t.Helper()
	_, grant := m.NewInvite(access.Terms{Role: access.Scorer, Audiences: access.AudienceMatch})
	friend, err := m.SignControl(crdt.NewClock(nil), crdt.NewChain(), grant)
	if err != nil {
		t.Fatal(err)
	}
	name, err := access.SealRecord(m.Log, access.OpenLogRecordKey(m.TopicSecret), &access.Record{Kind: access.NameRecord, Subject: "7", Body: []byte("Mia")})
	if err != nil {
		t.Fatal(err)
	}
	h := crdt.Header{Set: crdt.Records, Log: m.Log, Grant: m.Grant}
	h.Time, h.OwnMs = crdt.NewClock(nil).Now()
	crdt.NewChain().Place(&h)
	record, err := crdt.Sign(m.Key(), h, name)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]*crdt.Event{"event": signed(t, m, 1, "never"), "record": record, "grant": friend}
}

// Who came by an invite to watch or to relay writes nothing, by no path: not with
// its device's key, not with the invite's.
func TestReadersCannotWrite(t *testing.T) {
	ctx := context.Background()
	a := newDevice(t, nil).run()
	id := a.found()
	a.record(id, "goal")
	for _, role := range []access.Role{access.Spectator, access.Relay} {
		invite := a.invite(id, role)
		control, err := invite.Control()
		if err != nil {
			t.Fatal(err)
		}
		visitor := &access.Member{Log: id, TopicSecret: invite.TopicSecret, Seed: invite.Seed, Grant: control[len(control)-1].Hash}
		d := newDevice(t, peersOf(a))
		d.join(invite)
		d.run()
		equal(t, id, a, d)
		for key, m := range map[string]*access.Member{"device's": d.member(id), "invite's": visitor} {
			for what, e := range attempts(t, m) {
				out, err := a.Admit(ctx, id, "file", e.Envelope())
				if err != nil || !errors.Is(out[0].Err, crdt.ErrForbidden) {
					t.Errorf("%s by %s key of %s, from a file: %v", what, key, role, out[0].Err)
				}
			}
		}
		for _, client := range []string{"", "guest", "token 1"} {
			if _, err := d.Record(ctx, id, node.Draft{Content: crdt.Content{Type: "goal"}, Client: client}); !errors.Is(err, crdt.ErrForbidden) {
				t.Errorf("draft of %q at a device of %s: %v", client, role, err)
			}
		}
		for what, e := range attempts(t, d.member(id)) {
			byReconciliation(t, a, invite, fmt.Sprintf("%s of %s", what, role), e, crdt.ErrForbidden)
		}
		live(t, a, d, id, attempts(t, d.member(id)))
		a.record(id, "goal")
		if n := a.status(id).Counts; n[crdt.Records] != 0 {
			t.Errorf("sets of %v members", n)
		}
		d.stop()
	}
	if n := a.status(id).Counts[crdt.Events]; n != 3 {
		t.Errorf("%d events; three were recorded by who may", n)
	}
}

// byReconciliation lets a device that came by an invite hold an event that it may
// not write, and expects the other to refuse it for the reason.
func byReconciliation(t *testing.T, a *device, invite *access.Invite, name string, e *crdt.Event, want error) {
	t.Helper()
	c := newDevice(t, peersOf(a))
	c.join(invite)
	defer c.stop()
	if _, err := c.store.Append(context.Background(), invite.Log(), e); err != nil {
		t.Fatal(err)
	}
	c.run()
	eventually(t, name+" is refused", func() bool {
		rep, err := a.Sync(context.Background(), invite.Log())
		if err != nil {
			t.Fatal(err)
		}
		for _, why := range rep.Errors {
			if strings.Contains(why, want.Error()) {
				return true
			}
		}
		return false
	})
	if _, err := a.store.Event(invite.Log(), e.Hash); err == nil {
		t.Errorf("%s was taken by reconciliation", name)
	}
}

// live publishes events that their author may not write until the other has had
// enough of it, and expects none to be taken.
func live(t *testing.T, a, from *device, id crdt.LogID, events map[string]*crdt.Event) {
	t.Helper()
	for range 30 {
		for _, e := range events {
			from.PublishRaw(id, e)
		}
		for _, e := range attempts(t, from.member(id)) { // the same message is heard once
			from.PublishRaw(id, e)
		}
	}
	eventually(t, "who publishes what it may not is sent away", func() bool {
		for _, p := range a.Peers() {
			if p.ID == from.PeerID() && strings.Contains(p.Refused, "sent away") {
				return true
			}
		}
		return false
	})
	for what, e := range events {
		if _, err := a.store.Event(id, e.Hash); err == nil {
			t.Errorf("%s was taken live", what)
		}
	}
}
