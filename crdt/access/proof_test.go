package access_test

import (
	"crypto/ed25519"
	"errors"
	"slices"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

var somewhere = access.Meeting{Prover: "a", Verifier: "b", ProverNonce: [32]byte{1}, VerifierNonce: [32]byte{2}}

// proofOf is what a member proves at a meeting.
func proofOf(m *access.Member, at access.Meeting, chain []*crdt.Event) *access.Proof {
	p := &access.Proof{Grant: m.Grant, Signature: m.Prove(&at)}
	for _, e := range chain {
		p.Chain = append(p.Chain, e.Envelope())
	}
	return p
}

func TestMembershipProof(t *testing.T) {
	founder, founding, clock := found(t)
	i := invite(t, founder, []*crdt.Event{founding}, clock, access.Spectator)
	m, chain, err := i.Join(clock)
	if err != nil {
		t.Fatal(err)
	}
	c := access.NewControl(m.Log)
	c.Add(founding)
	good := proofOf(m, somewhere, chain)
	if err := c.Admits(good, &somewhere); !errors.Is(err, crdt.ErrNoGrant) {
		t.Errorf("grant not heard of: %v", err)
	}
	events, err := good.Open(m.Log)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		c.Add(e)
	}
	if err := c.Admits(good, &somewhere); err != nil {
		t.Error(err)
	}
	elsewhere := somewhere
	elsewhere.VerifierNonce[9]++
	other := somewhere
	other.Verifier = "c"
	back := access.Meeting{Prover: "b", Verifier: "a", ProverNonce: somewhere.VerifierNonce, VerifierNonce: somewhere.ProverNonce}
	for name, at := range map[string]access.Meeting{"other nonce": elsewhere, "other verifier": other, "reflected": back} {
		if err := c.Admits(good, &at); !errors.Is(err, crdt.ErrSignature) {
			t.Errorf("%s: %v", name, err)
		}
		if somewhere.Name(i.TopicSecret) == at.Name(i.TopicSecret) {
			t.Errorf("%s: same name", name)
		}
	}
	thief := *m
	thief.Seed = founder.Seed
	if err := c.Admits(proofOf(&thief, somewhere, chain), &somewhere); !errors.Is(err, crdt.ErrSignature) {
		t.Errorf("another's key: %v", err)
	}
	asInvite := access.Member{Log: m.Log, Seed: i.Seed, Grant: chain[len(chain)-2].Hash}
	if err := c.Admits(proofOf(&asInvite, somewhere, nil), &somewhere); err != nil {
		t.Errorf("a visitor: %v", err)
	}
	closing, err := founder.SignControl(clock, crdt.NewChain(), access.NewRevocation(asInvite.Grant, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	c.Add(closing)
	if err := c.Admits(proofOf(&asInvite, somewhere, nil), &somewhere); !errors.Is(err, crdt.ErrForbidden) {
		t.Errorf("a visitor by an invite that was closed: %v", err)
	}
}

// anybodysKey is a public key of small order, and a signature that the equation
// of Ed25519 takes under it for any message.
func anybodysKey() (key, signature []byte) {
	key = append([]byte{1}, make([]byte, 31)...) // the neutral element
	return key, append(slices.Clone(key), make([]byte, 32)...)
}

// A right given to a key under which anybody can sign lets nobody in.
func TestNobodysProof(t *testing.T) {
	w := newWorld(t)
	key, signature := anybodysKey()
	if !ed25519.Verify(key, []byte("any message"), signature) {
		t.Fatal("the key is none under which anybody can sign")
	}
	c := access.NewControl(w.founder.m.Log)
	c.Add(w.founder.chain[0])
	g := w.founder.control(crdt.EncodeCBOR(access.Grant{Kind: access.KindGrant, Subject: key, Role: access.Scorer, Audiences: 1, HPKE: make([]byte, 32)}))
	if err := c.Check(g); err != nil {
		t.Fatal(err)
	}
	c.Add(g)
	if err := c.Admits(&access.Proof{Grant: g.Hash, Signature: signature}, &access.Meeting{}); !errors.Is(err, crdt.ErrSignature) {
		t.Errorf("let in: %v", err)
	}
}

// A founding record that is not padded is malformed, as other control events are.
func TestFoundingPadding(t *testing.T) {
	w := newWorld(t)
	h := crdt.Header{Set: crdt.Control}
	h.Time, h.OwnMs = w.clock.Now()
	crdt.NewChain().Place(&h)
	e, err := crdt.Sign(w.founder.m.Key(), h, make([]byte, 64))
	if err != nil {
		t.Fatal(err)
	}
	if err := access.NewControl(crdt.LogID(e.Hash)).Check(e); !errors.Is(err, crdt.ErrMalformed) {
		t.Errorf("a payload of zeros: %v", err)
	}
}

func TestMembershipChains(t *testing.T) {
	founder, founding, clock := found(t)
	m, chain, err := invite(t, founder, []*crdt.Event{founding}, clock, access.Scorer).Join(clock)
	if err != nil {
		t.Fatal(err)
	}
	_, foreign, _ := found(t)
	forged := *chain[2]
	for name, c := range map[string][]*crdt.Event{
		"none":              nil,
		"other founding":    {foreign, chain[1], chain[2]},
		"link missing":      {chain[0], chain[2]},
		"grant not reached": chain[:2],
		"founding twice":    {chain[0], chain[0], chain[1], chain[2]},
		"an event":          append(chain[:3:3], write(t, m, crdt.Events)),
		"too long":          make50(chain),
	} {
		if _, err := proofOf(m, somewhere, c).Open(m.Log); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	p := proofOf(m, somewhere, chain)
	p.Chain[2] = append([]byte{}, forged.Envelope()...)
	p.Chain[2][len(p.Chain[2])-1] ^= 1
	if _, err := p.Open(m.Log); !errors.Is(err, crdt.ErrSignature) {
		t.Errorf("forged enrolment: %v", err)
	}
}

func make50(chain []*crdt.Event) []*crdt.Event {
	for len(chain) < 50 {
		chain = append(chain, chain[len(chain)-1])
	}
	return chain
}

// A revoked right proves nothing any more; one that was handed over still reads.
func TestEndedRights(t *testing.T) {
	founder, founding, clock := found(t)
	c := access.NewControl(founder.Log)
	c.Add(founding)
	enrol := func() *access.Member {
		m, control, err := invite(t, founder, []*crdt.Event{founding}, clock, access.Scorer).Join(clock)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range control {
			c.Add(e)
		}
		return m
	}
	revoked, left := enrol(), enrol()
	rev, err := founder.SignControl(clock, crdt.NewChain(), access.NewRevocation(revoked.Grant, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	_, content := left.NewHandOver(nil, nil)
	over, err := left.SignControl(clock, crdt.NewChain(), content)
	if err != nil {
		t.Fatal(err)
	}
	c.Add(rev)
	c.Add(over)
	var ended *access.EndedError
	if err := c.Admits(proofOf(revoked, somewhere, nil), &somewhere); !errors.As(err, &ended) || ended.By != rev.Hash || !errors.Is(err, crdt.ErrForbidden) {
		t.Errorf("revoked: %v", err)
	}
	if err := c.Admits(proofOf(left, somewhere, nil), &somewhere); err != nil {
		t.Errorf("handed over: %v", err)
	}
	late, err := revoked.SignControl(clock, crdt.NewChain(), access.NewRevocation(founding.Hash, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	c.Add(late)
	if r, _ := c.Right(founding.Hash); r.Err() != nil {
		t.Error("the founder was revoked by a subject")
	}
}

// The key of a page, or of another client, is no device's: it proves nothing to a peer.
func TestNoProofByAPagesKey(t *testing.T) {
	founder, founding, clock := found(t)
	c := access.NewControl(founder.Log)
	c.Add(founding)
	own, _ := c.Right(founder.Grant)
	scorer := own
	scorer.Role = access.Scorer
	for name, right := range map[string]access.Right{"grant": own, "client record": scorer} {
		key, content := founder.NewClient(own, "") // for the proof that a page would make
		var cl access.Client
		if err := crdt.DecodeCBOR(content, &cl); err != nil {
			t.Fatal(err)
		}
		page := access.PageKey{Key: crdt.Key(cl.Device), Proof: [64]byte(cl.Proof), NotAfter: 4_000_000_000_000}
		content, err := founder.NewPage(&page, right)
		if err != nil {
			t.Fatal(err)
		}
		e, err := founder.SignControl(clock, crdt.NewChain(), content)
		if err != nil {
			t.Fatal(err)
		}
		c.Add(e)
		m := *founder
		m.Seed, m.Grant = key.Seed(), e.Hash
		if err := c.Admits(proofOf(&m, somewhere, []*crdt.Event{founding, e}), &somewhere); !errors.Is(err, crdt.ErrForbidden) {
			t.Errorf("a page's key, by %s: %v", name, err)
		}
		if r, ok := c.Right(e.Hash); !ok || r.NotAfter != page.NotAfter || r.Past(page.NotAfter-1) || !r.Past(page.NotAfter) {
			t.Errorf("%s: %+v", name, r)
		}
	}
}
