package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"sync/atomic"
	"time"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/node"
)

// backend shows a node to package bridge, which does not know it.
type backend struct {
	node  *node.Node
	store crdt.Store
	url   atomic.Pointer[string] // of HTTP, once it listens
}

var _ bridge.Admin = (*backend)(nil)

func (b *backend) StoreID() crdt.StoreID                                 { return b.store.ID() }
func (b *backend) Health() error                                         { return b.store.Health() }
func (b *backend) Log(id crdt.LogID) (*crdt.Log, error)                  { return b.node.Log(id) }
func (b *backend) Right(id crdt.LogID, h crdt.Hash) (access.Right, bool) { return b.node.Right(id, h) }
func (b *backend) Entries(id crdt.LogID, after crdt.Arrival, limit int) ([]crdt.Entry, error) {
	return b.node.Entries(id, after, limit)
}
func (b *backend) Verdict(e *crdt.Event) (access.Verdict, error)   { return b.node.Verdict(e) }
func (b *backend) Role(id crdt.LogID, grant crdt.Hash) access.Role { return b.node.Role(id, grant) }
func (b *backend) Open(e *crdt.Event) (*crdt.Content, error)       { return b.node.Open(e) }
func (b *backend) Parts(e *crdt.Event, c *crdt.Content) []access.Part {
	return b.node.OpenParts(e, c)
}
func (b *backend) Wards(id crdt.LogID, grant crdt.Hash, players []string) []string {
	return b.node.Wards(id, grant, players)
}
func (b *backend) Sealed(id crdt.LogID) (sealed, blind bool) { return b.node.Sealed(id) }
func (b *backend) Fields(e *crdt.Event) ([]byte, error)      { return b.node.Fields(e) }
func (b *backend) PeerID() string                            { return b.node.PeerID() }
func (b *backend) Metrics() map[string]float64 {
	m := b.node.Metrics()
	m["touchline_store_damages"] = float64(len(b.Damages()))
	return m
}

func (b *backend) Matches() (out []bridge.Match) {
	for _, m := range b.node.Members() {
		out = append(out, matchOf(m))
	}
	return out
}

func (b *backend) Status(id crdt.LogID) (bridge.Status, error) {
	s, err := b.node.Status(id)
	if err != nil {
		return bridge.Status{}, err
	}
	out := bridge.Status{
		Match:  bridge.Match{ID: id, Label: s.Label, Role: s.Role.String()},
		Digest: s.Digest, Count: s.Counts[crdt.Events], Control: s.Counts[crdt.Control], Records: s.Counts[crdt.Records],
		Waiting: s.Waiting, LastHeard: orNil(s.LastHeard), Holders: s.Holders, Ended: s.Ended,
	}
	if s.Writable != nil {
		out.ReadOnly = s.Writable.Error()
	}
	lost, err := b.Lost(id)
	if err != nil {
		return bridge.Status{}, err
	}
	out.Lost, out.Damages = lost.Count, b.Damages()
	for _, p := range s.Peers {
		out.Peers = append(out.Peers, bridge.PeerStatus{ID: p.ID, Connected: p.Connected, Equal: p.Equal, LastEqual: orNil(p.LastEqual), Relay: p.Relay})
	}
	return out, nil
}

func (b *backend) Record(ctx context.Context, id crdt.LogID, d bridge.Draft) (bridge.Recorded, error) {
	rec, err := b.node.Record(ctx, id, node.Draft{Content: d.Content, Refs: d.Refs, Lane: d.Lane, Fields: d.Fields, Private: (*node.Private)(d.Private), Client: d.Client, Side: d.Side})
	if errors.Is(err, node.ErrConflict) {
		err = fmt.Errorf("%w with other content: %q", bridge.ErrConflict, d.Content.ID)
	}
	return bridge.Recorded{Event: rec.Event, New: rec.New}, err
}

func (b *backend) Deliver(ctx context.Context, id crdt.LogID, from string, asked bool, envelopes ...[]byte) ([]crdt.Outcome, error) {
	return b.node.Deliver(ctx, id, from, asked, envelopes...)
}

func (b *backend) LetIn(ctx context.Context, id crdt.LogID, p access.PageKey) (bridge.PageRight, error) {
	r, err := b.node.LetIn(ctx, id, p)
	return bridge.PageRight{Right: r.Right, Chain: r.Chain}, err
}

func (b *backend) Self() bridge.Self {
	self := bridge.Self{}
	select {
	case <-b.node.Ready():
		self.Running, self.PeerID, self.Addrs = true, b.node.PeerID(), b.node.Addrs()
	default:
	}
	if url := b.url.Load(); url != nil {
		self.HTTP = *url
	}
	return self
}

func (b *backend) Found(ctx context.Context, purpose uint64, label string, sealed bool) (crdt.LogID, error) {
	var options []node.FoundOption
	if sealed {
		options = append(options, node.Sealed)
	}
	m, err := b.node.Found(ctx, purpose, label, options...)
	if err != nil {
		return crdt.LogID{}, err
	}
	return m.Log, nil
}

func (b *backend) Join(ctx context.Context, invite *access.Invite, label string) (crdt.LogID, error) {
	m, err := b.node.Join(ctx, invite, label)
	if err != nil {
		return crdt.LogID{}, err
	}
	return m.Log, nil
}

func (b *backend) Invite(ctx context.Context, id crdt.LogID, t access.Terms) (*access.Invite, error) {
	return b.node.Invite(ctx, id, t)
}

func (b *backend) Announce(ctx context.Context, team crdt.LogID, invite *access.Invite, label string) error {
	_, err := b.node.Announce(ctx, team, invite, label)
	return err
}

func (b *backend) Children(team crdt.LogID) ([]string, error) { return b.node.Children(team) }

func (b *backend) AnnounceTo(ctx context.Context, team crdt.LogID, child string, invite *access.Invite, label string) error {
	return b.node.AnnounceTo(ctx, team, child, invite, label)
}

func (b *backend) BeginStaff(ctx context.Context, id crdt.LogID, teams ...string) error {
	return b.node.BeginStaff(ctx, id, teams...)
}

func (b *backend) Rotate(ctx context.Context, id crdt.LogID) error {
	err := b.node.Rotate(ctx, id)
	if errors.Is(err, node.ErrNotSealed) {
		err = &bridge.Problem{Type: "urn:touchline:not-sealed", Title: "Not sealed", Status: http.StatusConflict, Detail: err.Error()}
	}
	return err
}

func (b *backend) Rights(id crdt.LogID) ([]access.Right, error) { return b.node.Rights(id) }

func (b *backend) Revoke(ctx context.Context, id crdt.LogID, target crdt.Hash, keep access.Keep) (*crdt.Event, error) {
	return b.node.Revoke(ctx, id, target, keep)
}

func (b *backend) HandOver(ctx context.Context, id crdt.LogID) (*access.Invite, error) {
	return b.node.HandOver(ctx, id)
}

func (b *backend) AdmitAll(ctx context.Context, id crdt.LogID, from string, batches iter.Seq[[][]byte]) (iter.Seq[[]crdt.Outcome], error) {
	return b.node.AdmitAll(ctx, id, from, batches)
}

func (b *backend) Follow(ctx context.Context, id crdt.LogID) error { return b.node.Follow(ctx, id) }

func (b *backend) Retire(ctx context.Context, id crdt.LogID, force bool) error {
	err := b.node.Retire(ctx, id, force)
	if errors.Is(err, node.ErrOnlyCopy) {
		err = &bridge.Problem{
			Type: "urn:touchline:only-copy", Title: "Perhaps the only copy", Status: http.StatusConflict,
			Detail: err.Error() + "; let another device of the match reconcile with this one first, or use --force",
		}
	}
	return err
}

func (b *backend) Peers() (out []bridge.Peer) {
	for _, p := range b.node.Peers() {
		out = append(out, bridge.Peer{
			ID: p.ID, Addrs: p.Addrs, Connected: p.Connected, Inbound: p.Inbound,
			RTTMs: float64(p.RTT) / float64(time.Millisecond), Source: p.Source, LastSeen: orNil(p.LastSeen),
			Logs: p.Logs, Failures: p.Failures, LastError: p.LastError,
		})
	}
	return out
}

func (b *backend) Sync(ctx context.Context, id crdt.LogID) (bridge.SyncReport, error) {
	r, err := b.node.Sync(ctx, id)
	return bridge.SyncReport{
		Match: id, Peers: r.Peers, Equal: r.Equal, Sent: r.Sent, Got: r.Got,
		DurationMs: float64(r.Duration) / float64(time.Millisecond), Errors: r.Errors,
	}, err
}

func (b *backend) Doctor(ctx context.Context, id crdt.LogID) (out []bridge.Check, err error) {
	checks, err := b.node.Doctor(ctx, id)
	for _, c := range checks {
		out = append(out, bridge.Check{Layer: c.Layer, OK: c.OK, Detail: c.Detail, Hint: c.Hint})
	}
	if err == nil {
		err = b.checkDamage(id, &out[0])
	}
	return out, err
}

func (b *backend) Device(ctx context.Context, id crdt.LogID, name string) (bridge.DeviceReport, error) {
	r, err := b.node.Device(ctx, id, name)
	out := bridge.DeviceReport{Device: r.Peer, Asked: r.Asked}
	for _, c := range r.Checks {
		out.Checks = append(out.Checks, bridge.Check{Layer: c.Layer, OK: c.OK, Detail: c.Detail, Hint: c.Hint})
	}
	for _, h := range r.Missing {
		out.Missing = append(out.Missing, bridge.Event{Hash: h, Match: id})
	}
	if errors.Is(err, node.ErrAmbiguous) {
		err = &bridge.Problem{Type: "urn:touchline:ambiguous", Title: "More than one device", Status: http.StatusBadRequest, Detail: err.Error()}
	}
	return out, err
}

func (b *backend) Backup(ctx context.Context, w io.Writer) error {
	st, ok := b.store.(store)
	if !ok {
		return errors.New("a node that keeps nothing has nothing to back up")
	}
	return st.Backup(ctx, w)
}

// orNil makes the zero time null in JSON.
func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
