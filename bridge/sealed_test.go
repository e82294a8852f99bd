package bridge_test

import (
	"bytes"
	"strings"
	"testing"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// A match that a node holds no key of is listed as that, and is no match without goals
// while nobody has written to it.
func TestBlindToAMatchWithoutEvents(t *testing.T) {
	f := newFake(t)
	key := access.EpochKey{Epoch: bytes.Repeat([]byte{1}, 32), Audience: access.AudienceMatch, Scope: []byte{}, Key: bytes.Repeat([]byte{2}, 32)}
	path := "/v1/matches/" + f.member.Log.String()
	for _, tt := range []struct {
		name   string
		sealed bool
		keys   []access.EpochKey
		listed string
		views  int
	}{
		{"open", false, nil, `"role":"record"}`, 200},
		{"sealed, with the key", true, []access.EpochKey{key}, `"sealed":true}`, 200},
		{"sealed, without", true, nil, `"sealed":true,"blind":true}`, 403},
	} {
		f.sealed, f.member.Keys = tt.sealed, tt.keys
		s := documented(t, bridge.New(bridge.Config{Guests: bridge.GuestsRecord, Backend: f}))
		for _, view := range []string{"/state", "/timeline", "/stats", "/why"} {
			if w := do(s, "GET", path+view, ""); w.Code != tt.views || tt.views == 403 && !strings.Contains(w.Body.String(), "urn:touchline:sealed") {
				t.Errorf("%s: %s: %d %s", tt.name, view, w.Code, w.Body)
			}
		}
		if w := do(s, "GET", "/v1/matches", ""); !strings.Contains(w.Body.String(), tt.listed) {
			t.Errorf("%s: listed as %s", tt.name, w.Body)
		}
		if w := do(s, "GET", path+"/status", ""); w.Code != 200 || strings.Contains(w.Body.String(), `"blind":true`) != (tt.views == 403) {
			t.Errorf("%s: status: %d %s", tt.name, w.Code, w.Body)
		}
	}
}

// A node shows a sealed match as far as its keys reach: all of it, or that there
// is something sealed and no views.
func TestSealedMatch(t *testing.T) {
	f := newFake(t)
	key := access.EpochKey{Epoch: bytes.Repeat([]byte{1}, 32), Audience: access.AudienceMatch, Scope: []byte{}, Key: bytes.Repeat([]byte{2}, 32)}
	goal := goalAt(3)
	plain, err := goal.Encode()
	if err != nil {
		t.Fatal(err)
	}
	h := crdt.Header{Set: crdt.Events, Log: f.member.Log, Grant: f.member.Grant, Author: f.member.Device(), Epoch: key.Name()}
	h.Time, h.OwnMs = f.clock.Now()
	crdt.NewChain().Place(&h)
	payload, err := key.Seal(h, plain)
	if err != nil {
		t.Fatal(err)
	}
	e, err := crdt.Sign(f.member.Key(), h, payload)
	if err != nil {
		t.Fatal(err)
	}
	f.admit(t, e)
	for _, tt := range []struct {
		name        string
		keys        []access.EpochKey
		event       string
		stateStatus int
	}{
		{"without the key", nil, `"sealed":true`, 403},
		{"with the key", []access.EpochKey{key}, `"type":"goal"`, 200},
	} {
		f.member.Keys = tt.keys
		s := documented(t, bridge.New(bridge.Config{Guests: bridge.GuestsRecord, Backend: f}))
		path := "/v1/matches/" + f.member.Log.String()
		if w := do(s, "GET", path+"/events", ""); w.Code != 200 || !strings.Contains(w.Body.String(), tt.event) {
			t.Errorf("%s: events: %d %s", tt.name, w.Code, w.Body)
		}
		if w := do(s, "GET", path+"/state", ""); w.Code != tt.stateStatus {
			t.Errorf("%s: state: %d %s", tt.name, w.Code, w.Body)
		}
	}
}
