package access_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// sealedWorld is a match and the devices that came to it, each with what it has heard.
type sealedWorld struct {
	t       rapid.TB
	clock   *crdt.Clock
	devices []*party
	invites []*access.Invite
	sealed  []sealedEvent
	cuts    int
	ignored map[crdt.Hash][]*party // by control event: who was cut off as its author did not know yet, or was never
}

// party is one device.
type party struct {
	*access.Member
	control *access.Control
	keys    *access.Keyring
	known   map[crdt.Hash]*crdt.Event
}

// sealedEvent is what somebody wrote, what control events its author knew, and who
// must not be able to read it: those whom its author knew to be cut off, by its key too.
type sealedEvent struct {
	event *crdt.Event
	text  string
	knew  map[crdt.Hash]*crdt.Event
	never []*party
}

func newSealedWorld(t rapid.TB) *sealedWorld {
	w := &sealedWorld{t: t, clock: crdt.NewClock(nil), ignored: map[crdt.Hash][]*party{}}
	m, control, err := access.FoundSealed(w.clock, access.PurposeMatch)
	if err != nil {
		t.Fatal(err)
	}
	w.enter(m, control...)
	return w
}

func (w *sealedWorld) enter(m *access.Member, control ...*crdt.Event) *party {
	p := &party{Member: m, control: access.NewControl(m.Log), known: map[crdt.Hash]*crdt.Event{}}
	p.keys = access.NewKeyring(m, p.control)
	p.hear(control)
	w.devices = append(w.devices, p)
	return p
}

// hear offers control events again until nothing is learnt, as a log does.
func (p *party) hear(events []*crdt.Event) {
	for learnt := true; learnt; {
		learnt = false
		for _, e := range events {
			if p.known[e.Hash] == nil && p.control.Check(e) == nil {
				p.control.Add(e)
				p.known[e.Hash], learnt = e, true
			}
		}
	}
}

// inRandomOrder puts events in a random order that a failure does not print.
func inRandomOrder(t *rapid.T, events []*crdt.Event) []*crdt.Event {
	out := slices.Clone(events)
	random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "order"), 0))
	random.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// cut reports whether p knows that d was cut off.
func (p *party) cut(d *party) bool {
	r, known := p.control.Right(d.Grant)
	return known && !r.CutBy.IsZero()
}

func (p *party) all() []*crdt.Event {
	return slices.SortedFunc(maps.Values(p.known), func(a, b *crdt.Event) int { return a.Hash.Compare(b.Hash) })
}

func (w *sealedWorld) sign(p *party, content []byte) *crdt.Event {
	e, err := p.SignControl(w.clock, crdt.NewChain(), content)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, d := range w.devices {
		if !p.cut(d) {
			w.ignored[e.Hash] = append(w.ignored[e.Hash], d)
		}
	}
	p.hear([]*crdt.Event{e})
	if p.known[e.Hash] == nil {
		w.t.Fatalf("own control event refused: %v", p.control.Check(e))
	}
	return e
}

func (w *sealedWorld) rotate(p *party, a access.Audience, add ...crdt.Hash) crdt.Hash {
	r, err := p.keys.Rotate(a, add...)
	if errors.Is(err, crdt.ErrForbidden) {
		return crdt.Hash{} // was cut off
	}
	if err != nil {
		w.t.Fatal(err)
	}
	e := w.sign(p, r.Content)
	if r.Partial {
		return w.rotate(p, a, add...)
	}
	for _, content := range r.More(e.Hash) {
		w.sign(p, content)
	}
	if key, err := p.keys.Key(e.Hash); err != nil || !bytes.Equal(key.Key, r.Key(e.Hash).Key) {
		w.t.Fatalf("the author of an epoch lacks its key: %v", err)
	}
	return e.Hash
}

func (w *sealedWorld) invite(p *party, t access.Terms) *access.Invite {
	t.Keys = p.keys.ForInvite(t)
	i, content := p.NewInvite(t)
	e := w.sign(p, content)
	chain := []*crdt.Event{e}
	for at := e; !at.IsFounding(); {
		at = p.known[orFounding(p.Log, at.Grant)]
		chain = append([]*crdt.Event{at}, chain...)
	}
	if err := i.Complete(chain); err != nil {
		w.t.Fatal(err)
	}
	gifts, err := p.keys.Give(t.Keys, e.Hash)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, content := range gifts {
		w.sign(p, content)
	}
	w.invites = append(w.invites, i)
	return i
}

func orFounding(log crdt.LogID, grant crdt.Hash) crdt.Hash {
	if grant.IsZero() {
		return crdt.Hash(log)
	}
	return grant
}

func (w *sealedWorld) join(i *access.Invite) *party {
	again, err := access.ParseInvite(i.String())
	if err != nil {
		w.t.Fatal(err)
	}
	m, control, err := again.Join(w.clock)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.enter(m, control...)
}

// write seals a text if p has a key, and notes who must never read it.
func (w *sealedWorld) write(p *party) {
	key, err := p.keys.Choose(access.Everyone)
	if err != nil {
		return
	}
	s := sealedEvent{text: fmt.Sprint("text ", len(w.sealed)), knew: maps.Clone(p.known)}
	h := crdt.Header{Set: crdt.Events, Log: p.Log, Grant: p.Grant, Epoch: key.Name(), Author: p.Device()}
	h.Time, h.OwnMs = w.clock.Now()
	crdt.NewChain().Place(&h)
	payload, err := key.Seal(h, []byte(s.text))
	if err != nil {
		w.t.Fatal(err)
	}
	if s.event, err = crdt.Sign(p.Key(), h, payload); err != nil {
		w.t.Fatal(err)
	}
	heads := slices.DeleteFunc(p.control.Heads(access.Everyone), func(h crdt.Hash) bool { return !w.clean(p, h) })
	if len(heads) > 0 && p.known[key.Name()] != nil && !w.clean(p, key.Name()) {
		w.t.Fatalf("%s writes with a key that somebody has who was cut off, though %d heads are clean", p.Role, len(heads))
	}
	for _, d := range w.devices {
		if p.cut(d) && slices.Contains(heads, key.Name()) {
			s.never = append(s.never, d)
		}
	}
	w.sealed = append(w.sealed, s)
}

// clean reports whether no wrap of an epoch that p knows is for a right that p
// knows to be cut: told from the events themselves, apart from what Heads does.
func (w *sealedWorld) clean(p *party, epoch crdt.Hash) bool {
	var wraps []access.Wrap
	for _, event := range p.known {
		if of, more := w.wrapped(event); of == epoch {
			wraps = append(wraps, more...)
		}
	}
	for _, wrap := range wraps {
		if r, ok := p.control.Right(crdt.Hash(wrap.Grant)); ok && (!r.CutBy.IsZero() || r.Verdict.State != access.Stands) {
			return false
		}
	}
	return true
}

func (w *sealedWorld) revoke(by, target *party) {
	r, known := by.control.Right(target.Grant)
	if !known || !r.CutBy.IsZero() {
		return
	}
	w.cuts++
	w.sign(by, access.NewRevocation(target.Grant, nil, nil))
	for _, a := range by.keys.Stale() {
		w.rotate(by, a)
	}
	if stale := by.keys.Stale(); len(stale) > 0 {
		w.t.Fatalf("stale after a rotation: %v", stale)
	}
}

// Whoever stands at the end reads everything, whatever the order in which
// devices heard of epochs, invites and cuts; who was cut off reads nothing that
// was written by those who knew, unless somebody who did not know yet handed the key on; watchers and relays never read anything; and
// all devices with the same set choose alike.
func TestWhoReads(t *testing.T) {
	roles := []access.Role{access.Organiser, access.Coach, access.Scorer, access.Family, access.Spectator, access.Relay}
	rapid.Check(t, func(t *rapid.T) {
		w := newSealedWorld(t)
		for _, role := range roles[:4] {
			w.join(w.invite(w.devices[0], access.Terms{Role: role, Audiences: access.AudienceMatch, Uses: 5}))
		}
		for _, p := range w.devices {
			w.devices[0].hear(p.all())
			p.hear(w.devices[0].all())
		}
		pick := func(what string) *party { return w.devices[rapid.IntRange(0, len(w.devices)-1).Draw(t, what)] }
		t.Repeat(map[string]func(*rapid.T){
			"invite": func(t *rapid.T) {
				by, role := pick("by"), rapid.SampledFrom(roles).Draw(t, "role")
				if len(w.invites) < 8 && by.Role.MayGrant() && role >= by.Role && w.writes(by) && w.depth(by) < 3 {
					w.invite(by, access.Terms{Role: role, Audiences: access.AudienceMatch, Uses: 5})
				}
			},
			"join": func(t *rapid.T) {
				if len(w.invites) > 0 && len(w.devices) < 9 {
					w.join(w.invites[rapid.IntRange(0, len(w.invites)-1).Draw(t, "invite")])
				}
			},
			"rotate": func(t *rapid.T) {
				if by := pick("by"); by.Role.MayGrant() && w.writes(by) {
					w.rotate(by, access.Everyone)
				}
			},
			"revoke": func(t *rapid.T) {
				if target := pick("target"); target != w.devices[0] && w.cuts < 3 {
					w.revoke(w.devices[0], target)
				}
			},
			"write": func(t *rapid.T) {
				if by := pick("by"); by.Role.MayWrite() && w.writes(by) {
					w.write(by)
				}
			},
			"meet": func(t *rapid.T) {
				to := pick("to")
				to.hear(inRandomOrder(t, pick("from").all()))
			},
		})
		w.settle(t)
	})
}

// writes reports whether a device thinks that its right goes on.
func (w *sealedWorld) writes(p *party) bool {
	r, ok := p.control.Right(p.Grant)
	return ok && r.Writes()
}

func (w *sealedWorld) depth(p *party) (n int) {
	for r, _ := p.control.Right(p.Grant); !r.Parent.IsZero(); r, _ = p.control.Right(r.Parent) {
		if r.Kind == access.KindGrant {
			n++
		}
	}
	return n
}

// settle lets everybody hear everything and looks at who reads what.
func (w *sealedWorld) settle(t *rapid.T) {
	var all []*crdt.Event
	for _, p := range w.devices {
		all = append(all, p.all()...)
	}
	founder := w.devices[0]
	founder.hear(all)
	for i, p := range w.devices {
		p.hear(inRandomOrder(t, all))
		if !slices.Equal(p.control.Heads(access.Everyone), founder.control.Heads(access.Everyone)) {
			t.Fatalf("device %d prefers other heads", i)
		}
	}
	w.rotate(founder, access.Everyone)
	all = founder.all()
	for i, p := range w.devices {
		p.hear(all)
		r, _ := p.control.Right(p.Grant)
		reads := p.Role.MayRead() && r.Verdict.State == access.Stands && r.CutBy.IsZero()
		for _, s := range w.sealed {
			content, err := read(p, s.event)
			switch {
			case err == nil && content != s.text:
				t.Fatalf("device %d reads %q for %q", i, content, s.text)
			case reads && err != nil:
				t.Fatalf("device %d, %s, does not read %q: %v", i, p.Role, s.text, err)
			case !p.Role.MayRead() && !errors.Is(err, access.ErrNoKey):
				t.Fatalf("device %d, %s, reads %q: %v", i, p.Role, s.text, err)
			case slices.Contains(s.never, p) && err == nil && !w.handedOn(s, p, all):
				t.Fatalf("device %d was cut off before %q and reads it", i, s.text)
			}
		}
	}
	p := w.devices[rapid.IntRange(0, len(w.devices)-1).Draw(t, "again")]
	if got := w.again(t, p, all); !sameKeys(got, p.keys.Keys()) {
		t.Fatalf("%s has other keys when it hears the same in another order", p.Role)
	}
}

// again is what a membership holds that hears all in another order, bit by bit.
func (w *sealedWorld) again(t *rapid.T, p *party, all []*crdt.Event) []access.EpochKey {
	q := &party{Member: p.Member, control: access.NewControl(p.Log), known: map[crdt.Hash]*crdt.Event{}}
	q.keys = access.NewKeyring(q.Member, q.control)
	for len(q.known) < len(all) {
		for part := range slices.Chunk(inRandomOrder(t, all), 3) {
			q.hear(part)
			q.keys.Keys()
		}
	}
	return q.keys.Keys()
}

func read(p *party, e *crdt.Event) (string, error) {
	key, err := p.keys.Key(e.Epoch)
	if err != nil {
		return "", err
	}
	plain, err := key.Open(e)
	return string(plain), err
}

func sameKeys(a, b []access.EpochKey) bool {
	return slices.EqualFunc(a, b, func(a, b access.EpochKey) bool {
		return a.Name() == b.Name() && bytes.Equal(a.Key, b.Key)
	})
}
