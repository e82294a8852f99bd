package access_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

func epochKey(name byte) access.EpochKey {
	return access.EpochKey{
		Epoch: bytes.Repeat([]byte{name}, 32), Audience: access.AudienceMatch, Scope: []byte{}, Key: bytes.Repeat([]byte{name + 1}, 32),
	}
}

func header(m *access.Member, k *access.EpochKey) crdt.Header {
	h := crdt.Header{Set: crdt.Events, Log: m.Log, Grant: m.Grant, Epoch: k.Name(), Author: m.Device(), Time: crdt.MakeTime(1, 0)}
	crdt.NewChain().Place(&h)
	return h
}

// What is sealed opens with its key and under its header only.
func TestSeal(t *testing.T) {
	m, _, _ := found(t)
	k := epochKey(1)
	h := header(m, &k)
	sign := func(h crdt.Header, payload []byte) *crdt.Event {
		e, err := crdt.Sign(m.Key(), h, payload)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOfN(rapid.Byte(), 0, 2000).Draw(t, "text")
		payload, err := k.Seal(h, text)
		if err != nil {
			t.Fatal(err)
		}
		got, err := k.Open(sign(h, payload))
		if err != nil || !bytes.Equal(got, text) {
			t.Fatalf("%x, %v", got, err)
		}
		changed := slices.Clone(payload)
		changed[rapid.IntRange(0, len(payload)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if _, err := k.Open(sign(h, changed)); !errors.Is(err, access.ErrSeal) {
			t.Fatalf("changed ciphertext: %v", err)
		}
	})
	payload, _ := k.Seal(h, []byte("goal"))
	wrong := k
	wrong.Key = bytes.Repeat([]byte{9}, 32)
	if _, err := wrong.Open(sign(h, payload)); !errors.Is(err, access.ErrSeal) {
		t.Errorf("wrong key: %v", err)
	}
	other := epochKey(2)
	if _, err := other.Open(sign(h, payload)); !errors.Is(err, access.ErrNoKey) {
		t.Errorf("another epoch's key: %v", err)
	}
	for name, change := range map[string]func(*crdt.Header){
		"log":         func(h *crdt.Header) { h.Log[0]++ },
		"incarnation": func(h *crdt.Header) { h.Incarnation[0]++ },
		"place":       func(h *crdt.Header) { h.Seq, h.Prev = 2, crdt.Hash{1} },
		"time":        func(h *crdt.Header) { h.Time++ },
		"own clock":   func(h *crdt.Header) { h.OwnMs++ },
		"grant":       func(h *crdt.Header) { h.Grant[0]++ },
		"lane":        func(h *crdt.Header) { h.Lane = crdt.Bulk },
		"references":  func(h *crdt.Header) { h.Refs = []crdt.Hash{{1}} },
	} {
		moved := h
		change(&moved)
		if _, err := k.Open(sign(moved, payload)); !errors.Is(err, access.ErrSeal) {
			t.Errorf("other %s: %v", name, err)
		}
	}
	thief, _, _ := found(t)
	if e, err := crdt.Sign(thief.Key(), h, payload); err != nil {
		t.Fatal(err)
	} else if _, err := k.Open(e); !errors.Is(err, access.ErrSeal) {
		t.Errorf("signed by another: %v", err)
	}
	if _, err := k.Seal(crdt.Header{Epoch: crdt.Hash{7}}, nil); err == nil {
		t.Error("sealed for another epoch than the header names")
	}
}

// A box opens for its audience, in its own event only.
func TestBox(t *testing.T) {
	m, _, _ := found(t)
	everyone, staff := epochKey(1), epochKey(3)
	h := header(m, &everyone)
	part := access.Part{Type: "injury", Team: "home", Data: []byte(`{"player": "7"}`)}
	b, err := staff.SealBox(h, &part)
	if err != nil {
		t.Fatal(err)
	}
	got, err := staff.OpenBox(h, b)
	if err != nil || got.Type != "injury" || got.Team != "home" || string(got.Data) != `{"player":"7"}` {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := everyone.OpenBox(h, b); !errors.Is(err, access.ErrNoKey) {
		t.Errorf("with the match's key: %v", err)
	}
	moved := h
	moved.Time++
	if _, err := staff.OpenBox(moved, b); !errors.Is(err, access.ErrSeal) {
		t.Errorf("in another event: %v", err)
	}
	for _, bad := range []access.Part{{}, {Type: "x", Data: []byte("[]")}, {Type: "x", Data: []byte("{")}} {
		if _, err := staff.SealBox(h, &bad); !errors.Is(err, crdt.ErrMalformed) {
			t.Errorf("part %q: %v", bad.Data, err)
		}
	}
}

// Staff of one team and guardians of one child have keys of their own.
func TestAudiences(t *testing.T) {
	w := newSealedWorld(t)
	founder := w.devices[0]
	all := access.AudienceMatch | access.AudienceStaff
	home := w.join(w.invite(founder, access.Terms{Role: access.Coach, Team: "home", Audiences: all, Uses: 1}))
	away := w.join(w.invite(founder, access.Terms{Role: access.Coach, Team: "away", Audiences: all, Uses: 1}))
	family := w.join(w.invite(founder, access.Terms{Role: access.Family, Audiences: access.AudienceMatch, Uses: 1}))
	guard := access.Terms{Role: access.Guardian, Team: "home", Audiences: access.AudienceMatch | access.AudienceGuardians, Uses: 2}
	mother := w.join(w.invite(founder, guard))
	other := w.join(w.invite(founder, guard))
	for _, p := range w.devices {
		founder.hear(p.all())
	}
	staff, child := founder.Staff("home"), founder.Guardians("home", "child 7")
	mothersInvite, _ := founder.control.Right(mother.Grant)
	epochs := []crdt.Hash{w.rotate(founder, staff), w.rotate(founder, child, mothersInvite.Parent)}
	epochs = append(epochs, w.rotate(founder, staff), w.rotate(founder, child)) // goes on with the same guardians
	guard.Child = "child 7"
	father := w.join(w.invite(founder, guard))
	if r, err := family.keys.Rotate(access.Everyone); err != nil {
		t.Error(err)
	} else if e, err := family.SignControl(w.clock, crdt.NewChain(), r.Content); err != nil || !errors.Is(family.control.Check(e), crdt.ErrForbidden) {
		t.Errorf("family changes keys: %v", err)
	}
	all |= access.AudienceGuardians
	late := w.join(w.invite(founder, access.Terms{Role: access.Scorer, Team: "home", Audiences: all, Uses: 1}))
	rival := w.join(w.invite(founder, access.Terms{Role: access.Scorer, Team: "away", Audiences: all, Uses: 1}))
	founder.hear(append(late.all(), rival.all()...))
	epochs = append(epochs, w.rotate(founder, staff), w.rotate(founder, child))
	for name, c := range map[string]struct {
		*party
		staff, child bool
	}{
		"home's late recorder": {late, true, true}, "away's": {rival, false, false},
		"organiser": {founder, true, true}, "home": {home, true, false}, "away": {away, false, false}, "family": {family, false, false},
		"mother": {mother, false, true}, "father": {father, false, true}, "other": {other, false, false},
	} {
		c.hear(founder.all())
		for i, epoch := range epochs {
			_, err := c.keys.Key(epoch)
			if want := []bool{c.staff, c.child}[i%2]; (err == nil) != want {
				t.Errorf("%s, epoch %d: %v", name, i, err)
			}
		}
	}
	for name, p := range map[string]*party{"mother": mother, "father": father, "other": other, "home": home, "late": late, "family": family} {
		founder.hear(p.all())
		want := name == "father" || name == "mother"
		if got := founder.keys.Wards(p.Grant, []string{"child 8", "child 7"}); len(got) > 0 != want || want && got[0] != "child 7" {
			t.Errorf("%s looks after %v", name, got)
		}
	}
	for _, e := range founder.known {
		plain, _ := e.Plain()
		epoch := crdt.DecodeCBOR(plain, &access.Epoch{}) == nil
		for _, name := range []string{"child 7", "home"} {
			if epoch && bytes.Contains(plain, []byte(name)) {
				t.Errorf("an epoch names %s", name)
			}
		}
	}
}

// More recipients than fit into an epoch's event get its key by further events,
// and one whose key is none keeps nobody from the others'.
func TestManyRecipients(t *testing.T) {
	w := newSealedWorld(t)
	founder := w.devices[0]
	i := w.invite(founder, access.Terms{Role: access.Family, Audiences: access.AudienceMatch, Uses: 200})
	for range 120 {
		founder.hear(w.join(i).all())
	}
	w.sign(founder, crdt.EncodeCBOR(access.Grant{
		Kind: access.KindGrant, Subject: make([]byte, 32), Role: access.Family, Audiences: access.AudienceMatch, HPKE: make([]byte, 32),
	}))
	epoch := w.rotate(founder, access.Everyone)
	missing := 0
	for _, p := range w.devices {
		p.Member.InviteHPKE = nil // by their own key, not the invite's
		q := &party{Member: p.Member, control: access.NewControl(p.Log), known: map[crdt.Hash]*crdt.Event{}}
		q.hear(founder.all())
		if _, err := access.NewKeyring(q.Member, q.control).Key(epoch); err != nil {
			missing++
		}
	}
	if missing > 0 {
		t.Errorf("%d of %d devices lack the key", missing, len(w.devices))
	}
}

// Who comes by an invite that the maker of the last epoch did not know is given
// the key, by the author of that epoch; nobody else is.
func TestGive(t *testing.T) {
	w := newSealedWorld(t)
	founder := w.devices[0]
	coach := w.join(w.invite(founder, access.Terms{Role: access.Coach, Audiences: access.AudienceMatch, Uses: 1}))
	late := w.join(w.invite(coach, access.Terms{Role: access.Scorer, Audiences: access.AudienceMatch, Uses: 1}))
	watcher := w.join(w.invite(founder, access.Terms{Role: access.Spectator, Audiences: access.AudienceMatch, Uses: 1}))
	first, err := late.keys.Choose(access.Everyone)
	if err != nil {
		t.Fatalf("with the key of the invite alone: %v", err)
	}
	epoch := w.rotate(founder, access.Everyone)
	late.hear(founder.all())
	if key, err := late.keys.Choose(access.Everyone); err != nil || key.Name() != first.Name() {
		t.Errorf("recording stops where nobody was cut off: %v", err)
	}
	founder.hear(late.all())
	founder.hear(coach.all())
	founder.hear(watcher.all())
	lacking := founder.keys.Lacking(epoch)
	invite, _ := founder.control.Right(late.Grant)
	if !slices.Contains(lacking, late.Grant) || !slices.Contains(lacking, invite.Parent) || slices.Contains(lacking, watcher.Grant) {
		t.Fatalf("lacking: %v", lacking)
	}
	if !founder.keys.Keeper(epoch) || coach.keys.Keeper(epoch) {
		t.Error("whose part it is to give the key")
	}
	key, err := founder.keys.Key(epoch)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := founder.keys.Give([]access.EpochKey{key}, watcher.Grant); !errors.Is(err, crdt.ErrForbidden) {
		t.Errorf("given to a watcher: %v", err)
	}
	gifts, err := founder.keys.Give([]access.EpochKey{key}, lacking...)
	if err != nil {
		t.Fatal(err)
	}
	for _, content := range gifts {
		w.sign(founder, content)
	}
	if lacking := founder.keys.Lacking(epoch); len(lacking) > 0 {
		t.Errorf("still lacking: %v", lacking)
	}
	late.hear(founder.all())
	if key, err := late.keys.Choose(access.Everyone); err != nil || key.Name() != epoch {
		t.Errorf("after the gift: %v", err)
	}
}

// A key that is not the one its epoch commits to is not taken, from whomever.
func TestForgedKey(t *testing.T) {
	w := newSealedWorld(t)
	founder := w.devices[0]
	epoch := founder.control.Heads(access.Everyone)[0]
	m := *founder.Member
	m.HPKE, m.Keys = bytes.Repeat([]byte{1}, 32), []access.EpochKey{{Epoch: epoch[:], Audience: access.AudienceMatch, Scope: []byte{}, Key: make([]byte, 32)}}
	c := access.NewControl(m.Log)
	keys := access.NewKeyring(&m, c)
	if _, err := keys.Key(epoch); err != nil {
		t.Errorf("an invite's key before its epoch is known: %v", err)
	}
	q := &party{control: c, known: map[crdt.Hash]*crdt.Event{}}
	q.hear(founder.all())
	if _, err := keys.Key(epoch); !errors.Is(err, access.ErrNoKey) {
		t.Errorf("a forged key: %v", err)
	}
}

func FuzzBox(f *testing.F) {
	m, _, _ := found(f)
	k := epochKey(1)
	h := header(m, &k)
	b, _ := k.SealBox(h, &access.Part{Type: "injury"})
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, err := k.OpenBox(h, b); err == nil && p.Type == "" {
			t.Fatal("a part without a type")
		}
	})
}

// Whatever an epoch's content is, admission and the keyring take it or leave it.
func FuzzEpoch(f *testing.F) {
	w := newSealedWorld(f)
	founder := w.devices[0]
	for _, e := range founder.known {
		plain, _ := e.Plain()
		f.Add(plain)
	}
	gifts, _ := founder.keys.Give(founder.keys.Keys(), founder.Grant)
	f.Add(gifts[0])
	f.Fuzz(func(t *testing.T, content []byte) {
		e, err := founder.SignControl(w.clock, crdt.NewChain(), content)
		if err != nil {
			return
		}
		q := &party{Member: founder.Member, control: access.NewControl(founder.Log), known: map[crdt.Hash]*crdt.Event{}}
		q.hear(append(founder.all(), e))
		keys := access.NewKeyring(q.Member, q.control)
		if _, err := keys.Choose(access.Everyone); err != nil {
			t.Fatalf("a strange control event takes the key away: %v", err)
		}
		for _, h := range q.control.Heads(access.Everyone) {
			keys.Lacking(h)
		}
		keys.Stale()
	})
}

// A coach of one team makes keys for the other team's staff and for a child of it,
// which follow the real ones by name, and names a guardian: none of it is believed.
func TestForeignKeys(t *testing.T) {
	w := newSealedWorld(t)
	founder := w.devices[0]
	coach := func(team string) *party {
		return w.join(w.invite(founder, access.Terms{Role: access.Coach, Team: team, Audiences: access.AllAudiences, Uses: 1}))
	}
	home, away := coach("home"), coach("away")
	friend := w.join(w.invite(founder, access.Terms{Role: access.Guardian, Team: "home", Audiences: access.AudienceMatch | access.AudienceGuardians, Uses: 1}))
	everybody := func() {
		for _, p := range w.devices {
			founder.hear(p.all())
		}
		for _, p := range w.devices {
			p.hear(founder.all())
		}
	}
	everybody()
	staff, child := founder.Staff("home"), founder.Guardians("home", "7")
	real := map[access.Audience]crdt.Hash{staff: w.rotate(founder, staff), child: w.rotate(founder, child)}
	everybody()
	for a, head := range real {
		rogue := access.ForeignEpoch(home.control, a, head, away.Grant, home.Grant, founder.Grant, friend.Grant)
		e := w.sign(away, rogue)
		if err := founder.control.Check(e); err != nil {
			t.Fatalf("kept as an event: %v", err)
		}
		if _, err := away.keys.Rotate(a); !errors.Is(err, crdt.ErrForbidden) {
			t.Errorf("an honest device of the other team rotates: %v", err)
		}
	}
	w.sign(away, access.ForeignWraps(real[child], friend.Grant))
	everybody()
	for a, head := range real {
		for name, p := range map[string]*party{"founder": founder, "home": home} {
			if got := p.control.Heads(a); len(got) != 1 || got[0] != head {
				t.Errorf("%s: heads %v, not the real one", name, got)
			}
			if key, err := p.keys.Choose(a); err != nil || key.Name() != head {
				t.Errorf("%s seals under %v, %v", name, key.Name().Short(), err)
			}
		}
	}
	if wards := founder.keys.Wards(friend.Grant, []string{"7"}); len(wards) > 0 {
		t.Errorf("who was named by the other team looks after %v", wards)
	}
}
