package web_test

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"touchline.dev/touchline/bridge/web/webtest"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/recon"
)

// Sessions between Go and TypeScript, each in both roles, over sets drawn at
// random: what the two name for sending is exactly what the other lacks, and a
// second session proves equality.
func TestSessionsAgainstGo(t *testing.T) {
	p := newPage(t)
	random := rand.New(rand.NewPCG(1, 1))
	for round := range 24 {
		sizes := []int{0, 3, 40, 400}
		size := func() int { return random.IntN(sizes[random.IntN(len(sizes))] + 1) }
		var here, there logSets
		for i, n := range []int{size(), size(), size()} {
			for range n {
				e := crdt.Element{Time: crdt.MakeTime(1_700_000_000_000+random.Uint64N(5000), 0)}
				e.Hash = sha256.Sum256(binary.BigEndian.AppendUint64(nil, random.Uint64()))
				set := crdt.Set(random.IntN(crdt.NumSets))
				if i != 1 {
					here.add(set, e)
				}
				if i != 0 {
					there.add(set, e)
				}
			}
		}
		role, full := recon.Role(round%2), random.IntN(6) == 0
		sent, came := p.reconcile(&here, &there, role, full)
		if sent != here.lacking(&there) || came != there.lacking(&here) {
			t.Fatalf("round %d: sent %d of %d, got %d of %d", round, sent, here.lacking(&there), came, there.lacking(&here))
		}
		for set := range here {
			union := append(slices.Clone(here[set]), there[set]...)
			slices.SortFunc(union, crdt.Element.Compare)
			here[set] = slices.Compact(union)
			there[set] = here[set]
		}
		if p.reconcile(&here, &there, role, false); !p.equal {
			t.Fatalf("round %d: not equal in the end", round)
		}
	}
}

// logSets are a log's three sets, by names only.
type logSets [crdt.NumSets][]crdt.Element

func (l *logSets) add(set crdt.Set, e crdt.Element) {
	at, _ := slices.BinarySearchFunc(l[set], e, crdt.Element.Compare)
	l[set] = slices.Insert(l[set], at, e)
}

// lacking is how many elements of l the other has not.
func (l *logSets) lacking(other *logSets) (n int) {
	for set := range l {
		for _, e := range l[set] {
			if _, has := slices.BinarySearchFunc(other[set], e, crdt.Element.Compare); !has {
				n++
			}
		}
	}
	return n
}

func (l *logSets) session(role recon.Role, key recon.SessionKey, level recon.Level) *recon.Session {
	c := recon.Config{Role: role, Key: key, Level: level}
	for set := range l {
		index := recon.NewIndex(recon.IndexKey(secret, crdt.Set(set)))
		var d crdt.Digest
		for _, e := range l[set] {
			index.Insert(recon.NameOf(e))
			d.Add(e.Hash)
		}
		c.Snapshots[set], c.Digests.Sums[set], c.Digests.Counts[set] = index.Snapshot(), d.Sum(), d.Count()
	}
	c.Elements = func(set crdt.Set, from crdt.Element, yield func(crdt.Element) bool) error {
		for _, e := range l[set] {
			if e.Compare(from) >= 0 && !yield(e) {
				break
			}
		}
		return nil
	}
	return recon.New(c)
}

var secret = []byte("a secret of the log, of 32 bytes")

// page is a session in TypeScript.
type page struct {
	t     *testing.T
	in    io.Writer
	out   *bufio.Reader
	equal bool // both sides proved it in the last session
}

type element struct {
	Set  crdt.Set `json:"set"`
	Time uint64   `json:"time,string"`
	Hash string   `json:"hash"`
}

type pageOutput struct {
	Reply       []string
	Send        []struct{ Prefix string }
	Done, Equal bool
}

func newPage(t *testing.T) *page {
	t.Helper()
	in, out := webtest.Start(t, webtest.Command(t, "test/peer.mjs"))
	return &page{t: t, in: in, out: out}
}

// say sends a line and returns the answer.
func (p *page) say(line any) (out pageOutput) {
	p.t.Helper()
	b, err := json.Marshal(line)
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.in.Write(append(b, '\n')); err != nil {
		p.t.Fatal(err)
	}
	answer, err := p.out.ReadBytes('\n')
	if err != nil {
		p.t.Fatal(err)
	}
	if err := json.Unmarshal(answer, &out); err != nil {
		p.t.Fatalf("%s: %v", answer, err)
	}
	return out
}

// reconcile runs a session between here and the page's sets, and returns how
// many bodies each side would send.
func (p *page) reconcile(here, there *logSets, role recon.Role, full bool) (sent, came int) {
	p.t.Helper()
	key, level := recon.NewSessionKey(secret, recon.Nonce{1}, recon.Nonce{2}), recon.LevelAuto
	if full {
		level = recon.LevelFull
	}
	own := here.session(role, key, level)
	theirs := p.say(map[string]any{
		"role": role ^ 1, "secret": hex.EncodeToString(secret), "key": hex.EncodeToString(key[:]), "full": full, "elements": there.list(),
	})
	mine, err := own.Start()
	if err != nil {
		p.t.Fatal(err)
	}
	for len(mine.Reply) > 0 || len(theirs.Reply) > 0 {
		toPage, toGo := mine.Reply, theirs.Reply
		for _, f := range toPage {
			theirs = p.say(map[string]string{"step": hex.EncodeToString(f)})
			came += len(theirs.Send)
		}
		mine.Reply = nil
		if len(toPage) > 0 {
			continue
		}
		theirs.Reply = nil
		for _, f := range toGo {
			frame, err := hex.DecodeString(f)
			if err != nil {
				p.t.Fatal(err)
			}
			if mine, err = own.Step(frame); err != nil {
				p.t.Fatal(err)
			}
			sent += len(mine.Send)
		}
	}
	p.equal = mine.Equal && theirs.Equal
	return sent, came
}

func (l *logSets) list() (out []element) {
	for set := range l {
		for _, e := range l[set] {
			out = append(out, element{crdt.Set(set), uint64(e.Time), e.Hash.String()})
		}
	}
	return out
}
