package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/pubsub"
)

// Somebody on the Wi-Fi without an invite who dials, asks, subscribes and publishes, and
// records all that passes there: neither among what it is told nor on the wire, mDNS
// included, is a byte of an event, a name, a team or a match, and its events are nowhere.
func TestStrangerObtainsNothing(t *testing.T) {
	m := newHosts(t, 3)
	ctx := context.Background()
	stop := m.sniff()
	m.id, m.invite = m.found(0)
	m.must(m.run(ctx, 0, "team", "new", "Testheim-Tigers"))
	m.must(m.run(ctx, 0, "match", "new", "--label", "Tigers-against-Lions"))
	m.must(m.run(ctx, 0, "team", "announce", "Testheim-Tigers", "Tigers-against-Lions"))
	m.must(m.run(ctx, 0, "name", m.id, "player-of-the-home-side", "Mia Muster"))
	m.must(m.run(ctx, 1, "join", m.invite))
	m.ok(m.start(0))
	m.ok(m.start(1))
	m.ok(m.record(0, m.id, "before-the-stranger", "goal-by-the-smallest"))
	_, err := m.waitEqual(m.id, 30*time.Second, 0, 1)
	m.ok(err)

	invite, err := access.ParseInvite(m.invite)
	m.ok(err)
	log := invite.Log()
	forged := m.forgedBy(log)
	part := strangersPart{Topic: pubsub.TopicName(invite.TopicSecret), Match: log[:], Events: [][]byte{forged.Envelope()}, ForMs: 8000}
	for i := range 2 {
		part.Addrs = append(part.Addrs, m.addrs(i)...)
	}
	var tale strangersTale
	told := make(chan error, 1)
	go func() { told <- m.act(ctx, 2, "stranger", part, &tale) }()
	for n := 0; ; n++ {
		m.ok(m.record(n%2, m.id, fmt.Sprint("amid-the-stranger-", n), "goal-by-the-smallest"))
		select {
		case err = <-told:
		case <-time.After(100 * time.Millisecond):
			continue
		}
		break
	}
	m.ok(err)
	_, err = m.waitEqual(m.id, 30*time.Second, 0, 1)
	m.ok(err)
	var ours [][]byte
	for i := range 2 {
		_, err := m.eventsAfter(i, m.id, "", func(e bridge.Event) {
			author, err := hex.DecodeString(e.Author)
			m.ok(err)
			ours = append(ours, e.Hash[:], author)
			if e.Hash == forged.Hash || !strings.Contains(e.ID, "the-stranger") {
				t.Errorf("device %d shows what it did not record: %s", i, e.ID)
			}
		})
		m.ok(err)
		if s, err := m.status(i, m.id); err != nil || s.Waiting != 0 || s.Count < 3 {
			t.Errorf("device %d: %d events, %d waiting, %v", i, s.Count, s.Waiting, err)
		}
	}
	wire := stop()

	if tale.Connected < 2 || tale.TopicSeen > 0 || len(tale.Found) < 2 || !bytes.Contains(tale.Heard, []byte("/touchline/member/1")) {
		t.Errorf("the stranger connected %d times, found %v, saw %d on the topic and heard %.200q", tale.Connected, tale.Found, tale.TopicSeen, tale.Heard)
	}
	if !bytes.Contains(wire, []byte("_n2n")) || !bytes.Contains(wire, []byte("noise")) {
		t.Fatalf("%d bytes recorded, without the discovery and handshakes that must be among them", len(wire))
	}
	canaries := map[string][]byte{
		"an event's id": []byte("the-stranger"), "an event's type": []byte("goal-by-the-smallest"), "a match's label": []byte("Lions"), "a team's name": []byte("Testheim"),
		"a player's name": []byte("Muster"), "a player's id": []byte("player-of-the-home-side"), "the match": log[:], "the match in hexadecimal": []byte(hex.EncodeToString(log[:])),
		"the topic": []byte(part.Topic), "the topic's secret": invite.TopicSecret, "an invite's seed": invite.Seed, "the founding record": invite.Founding[len(invite.Founding)-32:],
	}
	for i, b := range ours {
		canaries[fmt.Sprint("an event's hash or author ", i)] = b
	}
	everything := append(bytes.Clone(tale.Heard), strings.Join(tale.Found, "\n")...)
	for what, b := range canaries {
		if len(b) < 5 {
			t.Fatalf("%s is too short to be looked for", what)
		}
		if bytes.Contains(wire, b) {
			t.Errorf("on the wire: %s", what)
		}
		if bytes.Contains(everything, b) {
			t.Errorf("the stranger was told: %s", what)
		}
	}
	if host, _ := os.Hostname(); len(host) > 3 && bytes.Contains(append(wire, everything...), []byte(host)) {
		t.Error("on the wire or told: the machine's name")
	}
	t.Logf("%d bytes recorded on the wire, %d told to the stranger, who connected %d times and found %d by mDNS", len(wire), len(tale.Heard), tale.Connected, len(tale.Found))
}

// forgedBy is a well-formed event of a match by somebody who was not let in.
func (m *matchOnLAN) forgedBy(log crdt.LogID) *crdt.Event {
	m.t.Helper()
	other, _, err := access.Found(crdt.NewClock(nil), access.PurposeMatch)
	m.ok(err)
	h := crdt.Header{Set: crdt.Events, Log: log, Grant: other.Grant, Time: crdt.MakeTime(uint64(time.Now().UnixMilli()), 0), OwnMs: time.Now().UnixMilli()}
	crdt.NewChain().Place(&h)
	plain, err := (&crdt.Content{ID: "forged", Type: "goal"}).Encode()
	m.ok(err)
	payload, err := crdt.Pad(plain)
	m.ok(err)
	e, err := crdt.Sign(other.Key(), h, payload)
	m.ok(err)
	return e
}
