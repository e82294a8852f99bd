package node_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/node"
)

func (d *device) foundSealed() crdt.LogID {
	d.t.Helper()
	m, err := d.Found(context.Background(), access.PurposeMatch, "derby of the lindens", node.Sealed)
	if err != nil {
		d.t.Fatal(err)
	}
	return m.Log
}

// reads is how many events of a log the device can read, and how many not.
func (d *device) reads(id crdt.LogID) (can, cannot int) {
	d.t.Helper()
	for _, e := range d.events(id) {
		switch _, err := d.Open(e); {
		case err == nil:
			can++
		case errors.Is(err, access.ErrNoKey):
			cannot++
		default:
			d.t.Fatal(err)
		}
	}
	return can, cannot
}

func (d *device) events(id crdt.LogID) (out []*crdt.Event) {
	d.t.Helper()
	log, err := d.Log(id)
	if err != nil {
		d.t.Fatal(err)
	}
	entries, err := log.Since(0, 10_000)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, en := range entries {
		if en.Set == crdt.Events {
			out = append(out, en.Event)
		}
	}
	return out
}

// tell gives all that one device holds of a log to another, as a file would.
func (d *device) tell(to *device, id crdt.LogID) {
	d.t.Helper()
	log, err := d.Log(id)
	if err != nil {
		d.t.Fatal(err)
	}
	entries, err := log.Since(0, 10_000)
	if err != nil {
		d.t.Fatal(err)
	}
	var envelopes [][]byte
	for _, en := range entries {
		envelopes = append(envelopes, en.Event.Envelope())
	}
	out, err := to.Admit(context.Background(), id, "file", envelopes...)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, o := range out {
		if o.Err != nil {
			d.t.Fatal(o.Err)
		}
	}
}

// Who joins late, by a code made before or after two rotations, reads the whole
// match; who may only watch, or hold, reads nothing; who starts again still reads.
func TestLateJoinerReadsAll(t *testing.T) {
	a := newDevice(t, nil)
	id := a.foundSealed()
	before := a.invite(id, access.Family)
	for range 2 {
		a.record(id, "goal")
		if err := a.Rotate(context.Background(), id); err != nil {
			t.Fatal(err)
		}
	}
	a.record(id, "goal")
	for name, c := range map[string]struct {
		invite *access.Invite
		all    bool
	}{
		"code from before": {before, true},
		"code from after":  {a.invite(id, access.Scorer), true},
		"watcher":          {a.invite(id, access.Spectator), false},
		"relay":            {a.invite(id, access.Relay), false},
	} {
		d := newDevice(t, nil)
		d.join(c.invite)
		a.tell(d, id)
		want := 0
		if c.all {
			want = 3
		}
		if can, cannot := d.reads(id); can != want || can+cannot != 3 {
			t.Errorf("%s reads %d of %d", name, can, can+cannot)
		}
		again, err := node.New(node.Config{Store: d.store})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range again.Members() {
			if c.all && len(m.Keys) != 3 {
				t.Errorf("%s keeps %d keys", name, len(m.Keys))
			}
		}
	}
}

// A recorder that joined without a network seals with the key from its code; one
// that has none is told so.
func TestRecordNeedsAKey(t *testing.T) {
	a := newDevice(t, nil)
	id := a.foundSealed()
	i := a.invite(id, access.Scorer)
	b := newDevice(t, nil)
	b.join(i)
	e := b.record(id, "goal")
	if !e.Sealed() || bytes.Contains(e.Envelope(), []byte("goal")) {
		t.Error("recorded in clear")
	}
	if c, err := a.Open(e); err != nil || c.Type != "goal" {
		t.Errorf("%+v, %v", c, err)
	}
	i.Keys = nil
	bare := newDevice(t, nil)
	bare.join(i)
	if _, err := bare.Record(context.Background(), id, node.Draft{Content: crdt.Content{Type: "goal"}}); !errors.Is(err, access.ErrNoKey) {
		t.Errorf("without a key: %v", err)
	}
	a.tell(bare, id) // the invite's key opens what was wrapped to it
	bare.record(id, "goal")
}

// The same content under one ID is one event, however often it is sealed.
func TestRepeatedIDSealed(t *testing.T) {
	a := newDevice(t, nil)
	id := a.foundSealed()
	staff := a.Members()[0].Staff("home")
	if err := a.RotateFor(context.Background(), id, staff); err != nil {
		t.Fatal(err)
	}
	draft := func() node.Draft {
		return node.Draft{
			Content: crdt.Content{ID: "x1", Type: "play stopped", Data: []byte(`{"a": 1}`)},
			Parts:   []node.Part{{For: staff, Part: access.Part{Type: "injury", Data: []byte(`{"player": "7"}`)}}},
		}
	}
	first, err := a.Record(context.Background(), id, draft())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := a.Rotate(context.Background(), id); err != nil {
			t.Fatal(err)
		}
		again, err := a.Record(context.Background(), id, draft())
		if err != nil || again.New || again.Event.Hash != first.Event.Hash {
			t.Errorf("again: %+v, %v", again, err)
		}
		if a.Node, err = node.New(node.Config{Store: a.store}); err != nil { // remembers
			t.Fatal(err)
		}
	}
	for name, change := range map[string]func(*node.Draft){
		"data": func(d *node.Draft) { d.Content.Data = []byte(`{"a":2}`) },
		"part": func(d *node.Draft) { d.Parts[0].Data = []byte(`{"player":"8"}`) },
		"none": func(d *node.Draft) { d.Parts = nil },
	} {
		d := draft()
		change(&d)
		if _, err := a.Record(context.Background(), id, d); !errors.Is(err, node.ErrConflict) {
			t.Errorf("other %s: %v", name, err)
		}
	}
}

// What is for staff is a neutral stub to all others.
func TestPartsForStaff(t *testing.T) {
	a := newDevice(t, nil)
	id := a.foundSealed()
	staff := a.Members()[0].Staff("home")
	if err := a.RotateFor(context.Background(), id, staff); err != nil {
		t.Fatal(err)
	}
	join := func(role access.Role, team string) *device {
		i, err := a.Invite(context.Background(), id, access.Terms{Role: role, Team: team})
		if err != nil {
			t.Fatal(err)
		}
		d := newDevice(t, nil)
		d.join(i)
		a.tell(d, id)
		return d
	}
	rec, err := a.Record(context.Background(), id, node.Draft{
		Content: crdt.Content{Type: "play stopped"},
		Parts:   []node.Part{{For: staff, Part: access.Part{Type: "injury"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{"home": 1, "away": 0} {
		d := join(access.Coach, name)
		c, err := d.Open(rec.Event)
		if err != nil || c.Type != "play stopped" {
			t.Fatalf("%+v, %v", c, err)
		}
		if parts := d.OpenParts(rec.Event, c); len(parts) != want {
			t.Errorf("coach of %s: %v", name, parts)
		}
	}
}

// A revocation changes the key: who was cut off keeps what it could read and
// reads nothing that comes after; those who stay read all.
func TestRevocationChangesTheKey(t *testing.T) {
	a := newDevice(t, nil).run()
	id := a.foundSealed()
	var others []*device
	for range 2 {
		d := newDevice(t, func(c *node.Config) { c.Peers = a.Addrs() })
		d.join(a.invite(id, access.Scorer))
		others = append(others, d.run())
	}
	stays, cut := others[0], others[1]
	cut.record(id, "goal")
	equal(t, id, a, stays, cut)
	if _, err := a.Revoke(context.Background(), id, cut.Members()[0].Grant, access.KeepSeen); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the revocation and the new key at the one who stays", func() bool {
		r, _ := stays.Right(id, cut.Members()[0].Grant)
		return !r.Live() && len(stays.Members()[0].Keys) == 2
	})
	stays.record(id, "goal")
	a.tell(cut, id)
	stays.tell(cut, id)
	if can, cannot := cut.reads(id); can != 1 || cannot != 1 {
		t.Errorf("who was cut off reads %d, not %d", can, cannot)
	}
	eventually(t, "both events", func() bool { can, _ := a.reads(id); return can == 2 })
}

// A coach's invite that the author of the present key has not heard of carries
// an old key; the author gives the new one when it hears.
func TestLateKeyIsGiven(t *testing.T) {
	a := newDevice(t, nil)
	id := a.foundSealed()
	coach := newDevice(t, nil)
	coach.join(a.invite(id, access.Coach))
	b := newDevice(t, nil)
	b.join(coach.invite(id, access.Scorer))
	if err := a.Rotate(context.Background(), id); err != nil {
		t.Fatal(err)
	}
	e := a.record(id, "goal")
	a.tell(b, id)
	if _, err := b.Open(e); !errors.Is(err, access.ErrNoKey) {
		t.Fatalf("reads without a key: %v", err)
	}
	coach.tell(a, id)
	b.tell(a, id) // a gives
	a.tell(b, id)
	if c, err := b.Open(e); err != nil || c.Type != "goal" {
		t.Errorf("%+v, %v", c, err)
	}
}

// syncBuffer is a log that several goroutines write to.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) bytes() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Clone(s.b.Bytes())
}

// A blind relay stores, verifies, forwards and reconciles a sealed match between
// devices that never meet, and nothing that it holds, logs or shows has a word
// of what happened.
func TestBlindRelay(t *testing.T) {
	var log syncBuffer
	relay := newDevice(t, func(c *node.Config) {
		c.Public, c.Log = true, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}).run()
	a := newDevice(t, func(c *node.Config) { c.Peers = relay.Addrs() })
	id := a.foundSealed()
	words := []string{"kickoff-word", "goal-word", "Emma Lindqvist", "derby of the lindens", "home-word"}
	say := func(d *device, typ string) {
		_, err := d.Record(context.Background(), id, node.Draft{
			Content: crdt.Content{Type: typ, Team: words[4], Data: []byte(fmt.Sprintf(`{"scorer":%q}`, words[2]))},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	say(a, words[0])
	relay.join(a.invite(id, access.Relay))
	b := newDevice(t, func(c *node.Config) { c.Peers = relay.Addrs() })
	b.join(a.invite(id, access.Scorer))
	say(b, words[0])
	a.run()
	b.run()
	equal(t, id, a, relay, b)
	say(a, words[1])
	say(b, words[1])
	if err := a.Rotate(context.Background(), id); err != nil {
		t.Fatal(err)
	}
	say(a, words[1])
	eventually(t, "five events everywhere", func() bool {
		for _, d := range []*device{a, relay, b} {
			if d.status(id).Counts[crdt.Events] != 5 {
				return false
			}
		}
		return true
	})
	equal(t, id, a, relay, b)
	if can, _ := b.reads(id); can != 5 {
		t.Errorf("the other side reads %d of 5", can)
	}
	if can, cannot := relay.reads(id); can != 0 || cannot != 5 {
		t.Errorf("the relay reads %d of 5", can)
	}
	for _, e := range relay.events(id) {
		if err := e.Verify(); err != nil {
			t.Error(err)
		}
	}
	shown, err := json.Marshal([]any{relay.status(id), relay.Metrics(), relay.Peers(), relay.Members()})
	if err != nil {
		t.Fatal(err)
	}
	for where, held := range map[string][]byte{"store": dump(t, relay.store, id), "log": log.bytes(), "status": shown} {
		for _, word := range words {
			if bytes.Contains(held, []byte(word)) {
				t.Errorf("the relay's %s has %q", where, word)
			}
		}
	}
}

// dump is all that a store holds of a log, and of the node.
func dump(t *testing.T, s crdt.Store, id crdt.LogID) (all []byte) {
	entries, err := s.Since(id, 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	for _, en := range entries {
		all = append(all, en.Event.Envelope()...)
	}
	keys, err := s.MetaKeys("")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		v, err := s.Meta(k)
		if err != nil {
			t.Fatal(err)
		}
		all = append(append(all, k...), v...)
	}
	if len(entries) == 0 || len(keys) == 0 {
		t.Fatal("nothing dumped")
	}
	return all
}
