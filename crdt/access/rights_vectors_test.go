package access_test

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

var rewriteRights = flag.Bool("rewrite-rights", false, "write docs/vectors/access.json anew")

const rightsFile = "../../docs/vectors/access.json"

// rightsVectors say who may write, who is let in and what stands.
type rightsVectors struct {
	Log     crdt.LogID     `json:"log"`
	Rights  []rightVector  `json:"rights"` // offered in this order; what is admitted is added
	Invites []inviteVector `json:"invites"`
	Stories []storyVector  `json:"stories"`
}

type rightVector struct {
	Name     string `json:"name"`
	Envelope bytesX `json:"envelope"`
	Error    string `json:"error,omitempty"` // no-grant, forbidden, malformed or gone
}

type inviteVector struct {
	Name  string `json:"name"`
	Text  string `json:"text"`
	Role  string `json:"role,omitempty"` // of a valid one
	Error string `json:"error,omitempty"`
}

// storyVector is a whole log, in an order in which each grant comes first, and
// the verdicts about its events, those that were purged included.
type storyVector struct {
	Log    crdt.LogID    `json:"log"`
	Events []bytesX      `json:"events"`
	Says   []verdictJSON `json:"says"`
}

type verdictJSON struct {
	State    string    `json:"state"`            // counts or unconfirmed
	Reason   string    `json:"reason,omitempty"` // in words
	By       crdt.Hash `json:"by"`               // zeros: none
	Expired  bool      `json:"expired,omitempty"`
	Forked   bool      `json:"forked,omitempty"`
	Overused bool      `json:"overused,omitempty"`
}

// nameOfError is an error's name as in problem documents.
func nameOfError(err error) string {
	for name, is := range map[string]error{
		"no-grant": crdt.ErrNoGrant, "forbidden": crdt.ErrForbidden, "malformed": crdt.ErrMalformed, "gone": crdt.ErrGone, "signature": crdt.ErrSignature,
	} {
		if errors.Is(err, is) {
			return name
		}
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func TestRightsVectors(t *testing.T) {
	if *rewriteRights {
		writeRights(t)
	}
	b, err := os.ReadFile(rightsFile)
	if err != nil {
		t.Fatal(err)
	}
	var v rightsVectors
	if err := json.Unmarshal(b, &v); err != nil || len(v.Rights) < 30 || len(v.Invites) < 5 || len(v.Stories) < 3 {
		t.Fatal(len(v.Rights), len(v.Invites), len(v.Stories), err)
	}
	c := access.NewControl(v.Log)
	for _, r := range v.Rights {
		e, err := crdt.Open(r.Envelope)
		if err == nil {
			err = c.Check(e)
		}
		if nameOfError(err) != r.Error {
			t.Errorf("%s: %v, not %q", r.Name, err, r.Error)
		}
		if err == nil {
			c.Add(e)
		}
	}
	for _, i := range v.Invites {
		parsed, err := access.ParseInvite(i.Text)
		if nameOfError(err) != i.Error || err == nil && parsed.Role().String() != i.Role {
			t.Errorf("invite %s: %v", i.Name, err)
		}
	}
	for i, s := range v.Stories {
		checkStory(t, i, s)
	}
}

func checkStory(t *testing.T, at int, s storyVector) {
	t.Helper()
	var events []*crdt.Event
	for _, b := range s.Events {
		e, err := crdt.Open(b)
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	r := deliver(s.Log, events)
	for i, e := range events {
		if got := verdictOf(r, e); got != s.Says[i] {
			t.Errorf("story %d, event %d: %+v, not %+v", at, i, got, s.Says[i])
		}
	}
}

func verdictOf(r replica, e *crdt.Event) verdictJSON {
	v := r.verdict(e)
	return verdictJSON{v.State.String(), v.Reason.String(), v.By, v.Expired, v.Forked, v.Overused}
}

// rightsWriter writes events one after the other, with what Go makes of them.
type rightsWriter struct {
	*world
	control *access.Control
	out     []rightVector
}

// offer takes note of an event and returns it.
func (w *rightsWriter) offer(name string, e *crdt.Event) *crdt.Event {
	err := w.control.Check(e)
	w.out = append(w.out, rightVector{name, e.Envelope(), nameOfError(err)})
	if err == nil {
		w.control.Add(e)
	}
	return e
}

// say offers a control event by an actor. A struct is encoded.
func (w *rightsWriter) say(name string, a *actor, content any) *crdt.Event {
	b, raw := content.([]byte)
	if !raw {
		b = crdt.EncodeCBOR(content)
	}
	return w.offer(name, a.control(b))
}

// enrol offers the invite and the enrolment of a new device.
func (w *rightsWriter) enrol(name string, by *actor, role access.Role) *actor {
	i, e := by.invite(role, 1)
	w.offer("invite of a "+name, e)
	d := w.join(i)
	w.offer("enrolment of a "+name, d.chain[len(d.chain)-1])
	return d
}

func writeRights(t *testing.T) {
	w := &rightsWriter{world: newWorld(t)}
	w.control = access.NewControl(w.founder.m.Log)
	founder := w.founder
	early := founder.event()
	w.offer("event before its grant", early)
	w.offer("founding", founder.chain[0])
	w.offer("the founder's event", early)
	coach := w.enrol("coach", founder, access.Coach)
	scorer := w.enrol("scorer", coach, access.Scorer)
	family := w.enrol("family", coach, access.Family)
	relay := w.enrol("relay", founder, access.Relay)
	for name, a := range map[string]*actor{"coach": coach, "scorer": scorer, "family": family, "relay": relay} {
		w.offer("event of a "+name, a.event())
		w.offer("record of a "+name, write(t, a.m, crdt.Records))
	}
	w.grants(founder, coach, scorer, family)
	w.devices(t, coach, scorer)
	w.rulings(t, founder, coach, scorer)
	v := rightsVectors{Log: founder.m.Log, Rights: w.out, Invites: invitesOf(t, founder)}
	for seed := uint64(0); len(v.Stories) < 6; seed++ {
		if s, purges := tell(t, seed); s.kinds() > 3 && (purges || len(v.Stories) < 4) {
			v.Stories = append(v.Stories, s)
		}
	}
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(rightsFile, append(b, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// grants are those that narrow, and those that do not or are not well formed.
func (w *rightsWriter) grants(founder, coach, scorer, family *actor) {
	fill := func(b byte) []byte { return slices.Repeat([]byte{b}, 32) }
	plain := access.Grant{Kind: access.KindGrant, Subject: fill(1), Role: access.Scorer, Audiences: 1, HPKE: fill(2)}
	with := func(change func(*access.Grant)) access.Grant {
		g := plain
		change(&g)
		return g
	}
	w.say("grant by a coach", coach, plain)
	w.say("grant with everything", founder, with(func(g *access.Grant) { g.Team, g.NotAfter, g.Enrols, g.Audiences = "home", 7, ^uint64(0), 7 }))
	w.say("grant by a scorer", scorer, plain)
	w.say("grant by family", family, plain)
	w.say("grant of a mightier role", coach, with(func(g *access.Grant) { g.Role = access.Referee }))
	w.say("grant of an audience that its author lacks", coach, with(func(g *access.Grant) { g.Audiences = 4 }))
	w.say("grant of an unknown role", founder, with(func(g *access.Grant) { g.Role = 9 }))
	w.say("grant of no audience", founder, with(func(g *access.Grant) { g.Audiences = 0 }))
	w.say("grant of an unknown audience", founder, with(func(g *access.Grant) { g.Audiences = 8 }))
	w.say("grant to a short key", founder, with(func(g *access.Grant) { g.Subject = fill(1)[:31] }))
	w.say("grant that ended before 1970", founder, with(func(g *access.Grant) { g.NotAfter = -1 }))
	w.say("grant with a long team", founder, with(func(g *access.Grant) { g.Team = string(slices.Repeat([]byte{'x'}, 65)) }))
	w.say("grant with an unknown field", founder, append(append([]byte{0xa7}, crdt.EncodeCBOR(plain)[1:]...), 8, 1))
	w.say("unknown kind", scorer, map[int]int{0: 20, 1: 1})
	w.say("no kind", scorer, []byte{0x80})
	deep := coach
	for _, name := range []string{"second coach", "third coach"} {
		deep = w.enrol(name, deep, access.Coach)
	}
	_, tooDeep := deep.m.NewInvite(access.Terms{Role: access.Scorer, Audiences: access.AudienceMatch})
	w.say("a fourth grant in a chain", deep, tooDeep)
	home, content := founder.m.NewInvite(access.Terms{Role: access.Coach, Team: "home", Audiences: access.AudienceMatch})
	if err := home.Complete(append(slices.Clone(founder.chain), w.say("invite for one team", founder, content))); err != nil {
		w.t.Fatal(err)
	}
	side := w.join(home)
	w.offer("enrolment for one team", side.chain[len(side.chain)-1])
	w.say("grant for the same team", side, with(func(g *access.Grant) { g.Team = "home" }))
	w.say("grant for another team", side, with(func(g *access.Grant) { g.Team = "away" }))
	w.say("grant for both teams", side, plain)
}

// devices are enrolments, clients, successors and invites that overstep.
func (w *rightsWriter) devices(t *testing.T, coach, scorer *actor) {
	i, grant := coach.invite(access.Scorer, 2)
	w.offer("invite for two", grant)
	key := ed25519.NewKeyFromSeed(i.Seed)
	under := w.actor(&access.Member{Log: coach.m.Log, Seed: i.Seed, Grant: grant.Hash}, nil)
	en := access.Enrolment{Kind: access.KindEnrolment, Device: key.Public().(ed25519.PublicKey), HPKE: make([]byte, 32), Proof: make([]byte, 64)}
	w.say("enrolment with a wrong proof", under, en)
	w.say("enrolment with a short proof", under, access.Enrolment{Kind: en.Kind, Device: en.Device, HPKE: en.HPKE, Proof: en.Proof[:63]})
	weak, signs := anybodysKey()
	w.say("enrolment of a key under which anybody can sign", under, access.Enrolment{Kind: en.Kind, Device: weak, HPKE: en.HPKE, Proof: signs})
	w.say("client with a key under which anybody can sign", coach, access.Client{Kind: access.KindClient, Device: weak, Proof: signs})
	w.say("invite that revokes", under, access.NewRevocation(grant.Hash, nil, nil))
	w.offer("invite that writes events", under.event())
	stolen := *scorer.m
	stolen.Grant = coach.m.Grant
	w.offer("event under another's grant", w.actor(&stolen, nil).event())
	w.say("control event under another's grant", w.actor(&stolen, nil), access.NewRevocation(grant.Hash, nil, nil))
	clientKey, content := coach.m.NewClient(access.Right{}, "")
	client := *coach.m
	client.Seed, client.Grant = clientKey.Seed(), w.say("client of a coach", coach, content).Hash
	c := w.actor(&client, nil)
	w.offer("client's event", c.event())
	w.say("client's revocation", c, access.NewRevocation(grant.Hash, nil, nil))
	w.say("client with the proof of another grant", scorer, content)
	timed := access.Client{Kind: access.KindClient, Device: clientKey.Public().(ed25519.PublicKey), Proof: ed25519.Sign(clientKey, slices.Concat([]byte("touchline/1 client"), coach.m.Log[:], coach.m.Grant[:]))}
	timed.NotAfter = 1
	client.Grant = w.say("client of a coach for a time that is over", coach, timed).Hash
	w.offer("client's event after its time", w.actor(&client, nil).event())
	timed.NotAfter = -1
	w.say("client that ended before 1970", coach, timed)
	next, handOver := scorer.handOver(access.HeadOf(scorer.wrote[0]))
	w.offer("hand-over", handOver)
	w.offer("successor", next.chain[len(next.chain)-1])
	w.offer("successor's event", next.event())
	w.say("founding record inside a log", coach, access.Founding{Kind: access.KindFounding, Rules: 1})
}

// rulings are cuts, keys, purges and erasures.
func (w *rightsWriter) rulings(t *testing.T, founder, coach, scorer *actor) {
	h := func(n int) [][]byte { return slices.Repeat([][]byte{make([]byte, 32)}, n) }
	w.say("revocation", founder, access.NewRevocation(scorer.m.Grant, head(scorer.wrote[0]), nil))
	w.say("revocation without a list", founder, access.Revocation{Kind: access.KindRevocation, Target: make([]byte, 32), Heads: []access.Head{}})
	w.say("revocation with a head of the fourth set", founder, access.Revocation{Kind: access.KindRevocation, Target: make([]byte, 32), Stand: h(0),
		Heads: []access.Head{{Incarnation: make([]byte, 8), Set: 3, Seq: 1, Hash: make([]byte, 32)}}})
	w.say("revocation of 201 devices", founder, access.Revocation{Kind: access.KindRevocation, Target: make([]byte, 32), Heads: []access.Head{}, Stand: h(201)})
	ep := access.Epoch{Kind: access.KindEpoch, Audience: 1, Scope: []byte{}, Commitment: make([]byte, 32), Follows: []access.Carried{}, Wraps: []access.Wrap{}}
	w.say("epoch", coach, ep)
	w.say("epoch by a scorer", scorer, ep)
	ep.Audience = 3
	w.say("epoch of two audiences", coach, ep)
	ep.Audience = 2
	w.say("epoch of staff without a scope", coach, ep)
	ep.Scope = make([]byte, 33)
	w.say("epoch with a long scope", coach, ep)
	w.say("wraps of nothing", scorer, access.Wraps{Kind: access.KindWraps, Epoch: make([]byte, 32), Wraps: []access.Wrap{}})
	w.say("wraps", scorer, access.Wraps{Kind: access.KindWraps, Epoch: make([]byte, 32), Wraps: []access.Wrap{{Grant: make([]byte, 32), Sealed: make([]byte, 80)}}})
	w.say("purge by a coach", coach, access.NewPurge(nil, scorer.m.Grant, nil))
	w.say("purge that excepts from nothing", founder, access.NewPurge(nil, crdt.Hash{}, []crdt.Hash{{1}}))
	kept, lost, named := scorer.event(), scorer.event(), coach.event()
	record := write(t, coach.m, crdt.Records)
	w.say("purge beneath a grant", founder, access.NewPurge(nil, scorer.m.Grant, []crdt.Hash{kept.Hash}))
	w.say("purge by hash, null for no grant", founder, access.Purge{Kind: access.KindPurge, Hashes: [][]byte{named.Hash[:]}, Except: h(0)})
	w.offer("event excepted from a purge", kept)
	w.offer("event beneath a purged grant", lost)
	w.offer("event purged by hash", named)
	w.say("erasure by a scorer", scorer, access.NewErasure([]access.RecordName{access.NameOfRecord(record)}))
	w.say("erasure of nothing", coach, access.NewErasure(nil))
	w.say("erasure", coach, access.NewErasure([]access.RecordName{access.NameOfRecord(record)}))
	w.offer("erased record", record)
	w.offer("another record", writeRecordLike(t, coach, 1))
}

func writeRecordLike(t *testing.T, a *actor, fill byte) *crdt.Event {
	h := crdt.Header{Set: crdt.Records, Log: a.m.Log, Grant: a.m.Grant}
	crdt.NewChain().Place(&h)
	e, err := crdt.Sign(a.m.Key(), h, slices.Repeat([]byte{fill}, 64+crdt.RecordOverhead))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// invitesOf are invites of the founder, whole and not.
func invitesOf(t *testing.T, founder *actor) (out []inviteVector) {
	i, _ := founder.invite(access.Scorer, 3)
	add := func(name, text string) {
		v := inviteVector{Name: name, Text: text}
		if parsed, err := access.ParseInvite(text); err != nil {
			v.Error = nameOfError(err)
		} else {
			v.Role = parsed.Role().String()
		}
		out = append(out, v)
	}
	text := i.String()
	fragment := text[len(access.InvitePrefix):]
	add("invite", text)
	add("as an address", "https://club.example/join#"+fragment)
	add("broken over lines", "touchline:1#"+fragment[:40]+"\r\n"+fragment[40:])
	add("without a fragment", fragment)
	add("cut off", text[:len(text)-1])
	add("one letter changed", text[:60]+string(rune('A'+(text[60]-'A'+1)%26))+text[61:])
	i.Peers = []string{"/ip4/192.0.2.1/tcp/4001"}
	i.Keys = []access.EpochKey{{Epoch: make([]byte, 32), Audience: 1, Scope: []byte{}, Key: make([]byte, 32)}}
	add("with peers and a key", i.String())
	i.Keys[0].Audience = 2
	add("with a key of staff without a scope", i.String())
	i.Keys = nil
	seed := slices.Clone(i.Seed)
	i.Seed[0] ^= 1
	add("with another seed", i.String())
	i.Seed = seed
	i.TopicSecret = make([]byte, 32)
	add("with another topic secret", i.String())
	i.Grants = nil
	add("without a grant", i.String())
	return out
}

// tell plays one story, and says whether something was purged in it.
func tell(t *testing.T, seed uint64) (v storyVector, purges bool) {
	s := story{world: newWorld(t), random: rand.New(rand.NewPCG(seed, 3))}
	s.founder.event()
	i, content := s.founder.m.NewInvite(access.Terms{Role: access.Scorer, Audiences: access.AudienceMatch, NotAfter: 1})
	if err := i.Complete(append(slices.Clone(s.founder.chain), s.founder.control(content))); err != nil {
		t.Fatal(err)
	}
	s.actors = []*actor{s.founder, s.join(i)}
	for range 20 {
		s.step()
	}
	r := s.deliver(s.all)
	v.Log = s.founder.m.Log
	for _, e := range s.all {
		v.Events = append(v.Events, e.Envelope())
		v.Says = append(v.Says, verdictOf(r, e))
		purges = purges || errors.Is(r.control.Check(e), crdt.ErrGone)
	}
	return v, purges
}

// kinds is how many different verdicts there are, whoever decided.
func (v *storyVector) kinds() int {
	seen := map[verdictJSON]bool{}
	for _, says := range v.Says {
		says.By = crdt.Hash{}
		seen[says] = true
	}
	return len(seen)
}
