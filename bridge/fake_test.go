package bridge_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// fake is a Backend over a MemStore with one match.
type fake struct {
	recording sync.Mutex
	store     *crdt.MemStore
	log       *crdt.Log
	member    *access.Member
	control   *access.Control
	clock     *crdt.Clock
	own       map[string]*crdt.Event
	judging   sync.Mutex
	chains    *access.Chains // guarded by judging
	founder   *crdt.Event    // the founding record
	names     []bridge.NamedRecord
	fields    map[crdt.Hash][]byte
	authors   map[crdt.Hash]crdt.Key // of fields
	drafted   *bridge.Draft          // the last
	fail      error                  // of the next Record and of Health
	sealed    bool                   // the match; its keys are the member's
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{store: crdt.NewMemStore(), clock: crdt.NewClock(nil), own: map[string]*crdt.Event{}, fields: map[crdt.Hash][]byte{}, authors: map[crdt.Hash]crdt.Key{}, chains: access.NewChains()}
	m, founding, err := access.Found(f.clock, access.PurposeMatch)
	if err != nil {
		t.Fatal(err)
	}
	f.member, f.founder, f.control = m, founding, access.NewControl(m.Log)
	if f.log, err = crdt.OpenLog(f.store, m.Log, f.control, nil, nil); err != nil {
		t.Fatal(err)
	}
	if o := f.log.Admit(context.Background(), "", founding.Envelope()); o[0].Err != nil {
		t.Fatal(o[0].Err)
	}
	return f
}

func (f *fake) StoreID() crdt.StoreID { return f.store.ID() }
func (f *fake) Health() error         { return f.fail }
func (f *fake) Matches() []bridge.Match {
	return []bridge.Match{{ID: f.member.Log, Label: "final", Role: "admin", Grant: f.member.Grant}}
}
func (f *fake) Sealed(crdt.LogID) (sealed, blind bool) {
	return f.sealed, f.sealed && len(f.member.Keys) == 0
}
func (f *fake) Log(id crdt.LogID) (*crdt.Log, error) {
	if id != f.member.Log {
		return nil, crdt.ErrNotFound
	}
	return f.log, nil
}
func (f *fake) Right(id crdt.LogID, h crdt.Hash) (access.Right, bool) {
	if id != f.member.Log {
		return access.Right{}, false
	}
	return f.control.Right(h)
}
func (f *fake) Entries(_ crdt.LogID, after crdt.Arrival, limit int) ([]crdt.Entry, error) {
	return f.log.Since(after, limit)
}

func (f *fake) Verdict(e *crdt.Event) (access.Verdict, error) {
	if f.control.Role(e.Grant) == 0 {
		return access.Verdict{State: access.Stands}, nil // a test that invents its authors
	}
	f.judging.Lock()
	defer f.judging.Unlock()
	f.chains.Add(e)
	return f.control.Verdict(e, f.chains), nil
}
func (f *fake) Role(_ crdt.LogID, h crdt.Hash) access.Role { return f.control.Role(h) }
func (f *fake) Parts(e *crdt.Event, c *crdt.Content) (parts []access.Part) {
	for _, b := range c.Boxes {
		if p, err := access.NewKeyring(f.member, f.control).OpenBox(e, b); err == nil {
			parts = append(parts, *p)
		}
	}
	return parts
}
func (f *fake) Wards(_ crdt.LogID, grant crdt.Hash, players []string) []string {
	return access.NewKeyring(f.member, f.control).Wards(grant, players)
}
func (f *fake) Records(crdt.LogID) ([]bridge.NamedRecord, error) {
	out := slices.Clone(f.names)
	for h, b := range f.fields {
		out = append(out, bridge.NamedRecord{Record: access.Record{Kind: access.FieldsRecord, Subject: h.String(), Body: b}, Author: f.authors[h]})
	}
	return out, nil
}
func (f *fake) keepFields(e *crdt.Event, d bridge.Draft) {
	if d.Fields != nil {
		f.fields[e.Hash], f.authors[e.Hash] = d.Fields, e.Author
	}
}
func (f *fake) Fields(e *crdt.Event) ([]byte, error) { return f.fields[e.Hash], nil }
func (f *fake) Open(e *crdt.Event) (*crdt.Content, error) {
	return access.NewKeyring(f.member, f.control).Open(e)
}
func (f *fake) PeerID() string { return "12D3KooWFake" }
func (f *fake) Deliver(ctx context.Context, id crdt.LogID, from string, _ bool, envelopes ...[]byte) ([]crdt.Outcome, error) {
	if f.fail != nil {
		return nil, f.fail
	}
	log, err := f.Log(id)
	if err != nil {
		return nil, err
	}
	return log.Admit(ctx, from, envelopes...), nil
}
func (f *fake) LetIn(ctx context.Context, id crdt.LogID, p access.PageKey) (bridge.PageRight, error) {
	own, _ := f.control.Right(f.member.Grant)
	content, err := f.member.NewPage(&p, own)
	if err != nil {
		return bridge.PageRight{}, err
	}
	payload, err := crdt.Pad(content)
	if err != nil {
		return bridge.PageRight{}, err
	}
	h := crdt.Header{Set: crdt.Control, Log: id, Grant: f.member.Grant}
	h.Time, h.OwnMs = f.clock.Now()
	crdt.NewChain().Place(&h)
	e, err := crdt.Sign(f.member.Key(), h, payload)
	if err != nil {
		return bridge.PageRight{}, err
	}
	err = f.log.Admit(ctx, "", e.Envelope())[0].Err
	right, _ := f.control.Right(e.Hash)
	return bridge.PageRight{Right: right, Chain: [][]byte{f.founder.Envelope(), e.Envelope()}}, err
}
func (f *fake) Metrics() map[string]float64 {
	return map[string]float64{"touchline_peers_connected": 3, "touchline_dials_total": 5}
}

func (f *fake) Status(id crdt.LogID) (bridge.Status, error) {
	d, _, err := f.log.Digest()
	return bridge.Status{Match: f.Matches()[0], Count: d[crdt.Events].Count(), Digest: d[crdt.Events].Sum(), Holders: 1}, err
}

func (f *fake) Record(ctx context.Context, id crdt.LogID, d bridge.Draft) (bridge.Recorded, error) {
	f.recording.Lock()
	defer f.recording.Unlock()
	if f.fail != nil {
		return bridge.Recorded{}, f.fail
	}
	if _, err := f.Log(id); err != nil {
		return bridge.Recorded{}, err
	}
	f.drafted = &d
	if d.Content.ID == "" {
		d.Content.ID = fmt.Sprint("made-", len(f.own))
	}
	plain, err := d.Content.Encode()
	if err != nil {
		return bridge.Recorded{}, err
	}
	payload, err := crdt.Pad(plain)
	if err != nil {
		return bridge.Recorded{}, err
	}
	if old := f.own[d.Content.ID]; old != nil {
		if bytes.Equal(old.Payload, payload) {
			return bridge.Recorded{Event: old}, nil
		}
		return bridge.Recorded{Event: old}, bridge.ErrConflict
	}
	h := crdt.Header{Set: crdt.Events, Log: id, Grant: f.member.Grant, Refs: d.Refs, Lane: d.Lane}
	h.Time, h.OwnMs = f.clock.Now()
	crdt.NewChain().Place(&h)
	e, err := crdt.Sign(f.member.Key(), h, payload)
	if err != nil {
		return bridge.Recorded{}, err
	}
	o := f.log.Admit(ctx, "", e.Envelope())[0]
	f.own[d.Content.ID] = e
	f.keepFields(e, d)
	return bridge.Recorded{Event: e, New: true}, errors.Join(o.Err)
}
