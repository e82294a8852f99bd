package node_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/node"
	"touchline.dev/touchline/node/badgerstore"
)

// folder is a device with a store on disk.
type folder struct {
	*device
	dir   string
	store *badgerstore.Store
}

func newFolder(t *testing.T, dir string, peers ...string) *folder {
	t.Helper()
	s, err := badgerstore.Open(dir, badgerstore.Options{Small: true, MinFree: 1, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	d := newDevice(t, func(c *node.Config) { c.Store, c.Peers = s, peers })
	return &folder{d, dir, s}
}

func (f *folder) name(id crdt.LogID, subject, name string) access.RecordName {
	f.t.Helper()
	n, err := f.PutRecord(context.Background(), id, access.Record{Kind: access.NameRecord, Subject: subject, Body: []byte(name)})
	if err != nil {
		f.t.Fatal(err)
	}
	return n
}

func (f *folder) backup(to string) {
	f.t.Helper()
	w, err := os.Create(to)
	if err != nil {
		f.t.Fatal(err)
	}
	defer w.Close()
	if err := f.store.Backup(context.Background(), w); err != nil {
		f.t.Fatal(err)
	}
}

func (f *folder) names(id crdt.LogID) map[string]string {
	f.t.Helper()
	list, err := f.Records(id)
	if err != nil {
		f.t.Fatal(err)
	}
	out := map[string]string{}
	for _, k := range list {
		out[k.Subject] = string(k.Body)
	}
	return out
}

// eraseAbout erases all that was ever put about a subject, and returns how many
// records that were.
func (d *device) eraseAbout(id crdt.LogID, subject string) int {
	d.t.Helper()
	all, err := d.AllRecords(id)
	if err != nil {
		d.t.Fatal(err)
	}
	all = slices.DeleteFunc(all, func(k node.KnownRecord) bool { return k.Subject != subject })
	names := make([]access.RecordName, len(all))
	for i, k := range all {
		names[i] = k.Name
	}
	if err := d.Erase(context.Background(), id, names...); err != nil {
		d.t.Fatal(err)
	}
	return len(names)
}

// A child is erased while a device is away. After the next sync no folder and no
// backup gives the name, with every key that can be recovered from any of them;
// events and their IDs are as before, and all are equal. Copies are refused, also
// when they are wrapped and signed anew, and who joins later never gets one.
func TestErasedChild(t *testing.T) {
	base := t.TempDir()
	at := func(name string) string { return filepath.Join(base, name) }
	a := newFolder(t, at("a"))
	a.run()
	id := a.found()
	b := newFolder(t, at("b"), a.Addrs()...)
	b.join(a.invite(id, access.Coach))
	b.run()
	away := newFolder(t, at("c"), a.Addrs()...)
	away.join(a.invite(id, access.Scorer))
	away.run()

	first := a.name(id, "p7", "Mia Muster")
	second := b.name(id, "p7", "Mia Muster-Mann")
	a.name(id, "p8", "Ben Beispiel")
	goal := a.record(id, "goal")
	equal(t, id, a.device, b.device, away.device)
	eventually(t, "names everywhere", func() bool { return away.names(id)["p7"] == "Mia Muster-Mann" && away.names(id)["p8"] != "" })
	var copies []*crdt.Event
	for _, n := range []access.RecordName{first, second} {
		copies = append(copies, findRecord(t, a.store, id, n))
	}
	for _, d := range []*folder{a, b, away} {
		d.backup(d.dir + ".backup")
	}
	found := search(t, base, a.secret(id), "Mia Muster")
	if len(found) == 0 {
		t.Fatal("the search finds nothing even before the erasure")
	}
	if slices.ContainsFunc(found, func(path string) bool { return strings.HasSuffix(path, ".backup") }) {
		t.Errorf("a backup has a name: %v", found)
	}
	away.stop()
	if err := away.store.Close(); err != nil {
		t.Fatal(err)
	}

	if n := b.eraseAbout(id, "p7"); n != 2 {
		t.Fatalf("erased %d records", n)
	}
	equal(t, id, a.device, b.device)
	eventually(t, "erased at a", func() bool { return a.names(id)["p7"] == "" })

	back := newFolder(t, at("c"), a.Addrs()...)
	back.run()
	equal(t, id, a.device, b.device, back.device)
	eventually(t, "erased at the one that was away", func() bool { return back.names(id)["p7"] == "" })
	late := newFolder(t, at("d"), back.Addrs()...)
	late.join(a.invite(id, access.Scorer))
	late.run()
	equal(t, id, a.device, b.device, back.device, late.device)

	rewrapped := back.resign(id, copies[0])
	for _, d := range []*folder{a, b, back, late} {
		for _, e := range append(copies, rewrapped) {
			out, err := d.Admit(context.Background(), id, "old copy", e.Envelope())
			if err != nil || !errors.Is(out[0].Err, crdt.ErrGone) {
				t.Errorf("a copy was taken: %v %v", out[0].Err, err)
			}
		}
		if got, err := d.store.Event(id, goal.Hash); err != nil || !bytes.Equal(got.Envelope(), goal.Envelope()) {
			t.Errorf("the goal was touched: %v", err)
		}
		if names := d.names(id); len(names) != 1 || names["p8"] != "Ben Beispiel" {
			t.Errorf("names left: %v", names)
		}
	}
	equal(t, id, a.device, b.device, back.device, late.device)
	check := func(when string) {
		if found := search(t, base, a.secret(id), "Mia Muster"); len(found) > 0 {
			t.Errorf("%s the name is still in %v", when, found)
		}
		for _, e := range copies {
			if found := searchBytes(t, base, e.Payload[:64]); len(found) > 0 {
				t.Errorf("%s the record's wrapped key is still in %v", when, found)
			}
		}
	}
	check("while the nodes run")
	for _, d := range []*folder{a, b, back, late} {
		d.stop()
		if err := d.store.Close(); err != nil {
			t.Fatal(err)
		}
	}
	check("afterwards")
}

// A device that still has an old copy, and no word of its erasure, offers it in
// an exchange: it is refused, counts as delivered, and the two end equal.
func TestOldCopyInExchange(t *testing.T) {
	a := newFolder(t, t.TempDir())
	a.run()
	id := a.found()
	name := a.name(id, "p1", "Kim")
	old := newDevice(t, nil)
	old.join(a.invite(id, access.Scorer))
	copyOf := findRecord(t, a.store, id, name)
	for _, e := range allControl(t, a.store, id) {
		admitted(t, old, id, e)
	}
	admitted(t, old, id, copyOf)
	if err := a.Erase(context.Background(), id, name); err != nil {
		t.Fatal(err)
	}
	later := newDevice(t, func(c *node.Config) { c.Store, c.Peers = old.store, a.Addrs() }).run()
	equal(t, id, a.device, later)
	eventually(t, "a link", func() bool { return len(a.Peers()) == 1 && a.Peers()[0].Connected })
	rep, err := a.Sync(context.Background(), id)
	if err != nil || rep.Peers != 1 || rep.Equal != 1 || rep.Sent+rep.Got != 0 {
		t.Errorf("after the erasure exchanges go on moving things: %+v, %v", rep, err)
	}
	for _, d := range []*device{a.device, later} {
		if n := d.Metrics()["touchline_events_refused_total"]; n != 0 {
			t.Errorf("the old copy was taken for a mistake %v times", n)
		}
	}
	if _, err := later.store.Event(id, copyOf.Hash); !errors.Is(err, crdt.ErrGone) {
		t.Errorf("the old copy: %v", err)
	}
}

// Only those who may grant erase, and only the founder purges; mistakes are told.
func TestWhoErasesAndPurges(t *testing.T) {
	ctx := context.Background()
	a := newDevice(t, nil)
	id := a.found()
	e := a.record(id, "slander")
	scorer, coach := newDevice(t, nil), newDevice(t, nil)
	scorer.join(a.invite(id, access.Scorer))
	coach.join(a.invite(id, access.Coach))
	if err := scorer.Erase(ctx, id, access.RecordName{1}); !errors.Is(err, crdt.ErrForbidden) {
		t.Errorf("a scorer erases: %v", err)
	}
	if err := coach.Erase(ctx, id, access.RecordName{1}); err != nil {
		t.Errorf("a coach erases: %v", err)
	}
	if err := coach.Purge(ctx, id, []crdt.Hash{e.Hash}, crdt.Hash{}, nil); !errors.Is(err, crdt.ErrForbidden) {
		t.Errorf("a coach purges: %v", err)
	}
	for name, c := range map[string]struct {
		hashes, except []crdt.Hash
		beneath        crdt.Hash
		want           error
	}{
		"nothing":           {want: crdt.ErrMalformed},
		"a control event":   {hashes: []crdt.Hash{crdt.Hash(id)}, want: crdt.ErrForbidden},
		"an unknown right":  {beneath: crdt.Hash{1}, want: crdt.ErrNotFound},
		"except of nothing": {hashes: []crdt.Hash{e.Hash}, except: []crdt.Hash{e.Hash}, want: crdt.ErrMalformed},
	} {
		if err := a.Purge(ctx, id, c.hashes, c.beneath, c.except); !errors.Is(err, c.want) {
			t.Errorf("purge %s: %v", name, err)
		}
	}
	before := a.status(id).Counts
	if err := a.Purge(ctx, id, []crdt.Hash{e.Hash}, crdt.Hash{}, nil); err != nil {
		t.Fatal(err)
	}
	if after := a.status(id).Counts; after[crdt.Events] != before[crdt.Events]-1 || after[crdt.Control] != before[crdt.Control]+1 {
		t.Errorf("%v, then %v", before, after)
	}
	if index, err := a.IndexCounts(id); err != nil || index != a.status(id).Counts {
		t.Errorf("reconciliation knows %v of %v (%v)", index, a.status(id).Counts, err)
	}
}

// secret is what a member of an open log can make all record keys of.
func (d *device) secret(id crdt.LogID) []byte {
	for _, m := range d.Members() {
		if m.Log == id {
			return m.TopicSecret
		}
	}
	d.t.Fatal("no member")
	return nil
}

// resign wraps and signs the ciphertext of a record anew, as this device.
func (d *device) resign(id crdt.LogID, record *crdt.Event) *crdt.Event {
	d.t.Helper()
	for _, m := range d.Members() {
		if m.Log == id {
			h := crdt.Header{Set: crdt.Records, Log: id, Grant: m.Grant, Time: record.Time, OwnMs: record.OwnMs}
			crdt.NewChain().Place(&h)
			e, err := crdt.Sign(m.Key(), h, append(bytes.Repeat([]byte{7}, crdt.RecordKeySize), record.Payload[crdt.RecordKeySize:]...))
			if err != nil {
				d.t.Fatal(err)
			}
			return e
		}
	}
	d.t.Fatal("no member")
	return nil
}

func findRecord(t *testing.T, s crdt.Store, id crdt.LogID, name access.RecordName) *crdt.Event {
	t.Helper()
	for _, e := range everything(t, s, id) {
		if e.Set == crdt.Records && access.NameOfRecord(e) == name {
			return e
		}
	}
	t.Fatal("no such record")
	return nil
}

func allControl(t *testing.T, s crdt.Store, id crdt.LogID) (out []*crdt.Event) {
	for _, e := range everything(t, s, id) {
		if e.Set == crdt.Control {
			out = append(out, e)
		}
	}
	return out
}

func everything(t *testing.T, s crdt.Store, id crdt.LogID) (out []*crdt.Event) {
	t.Helper()
	entries, err := s.Since(id, 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	for _, en := range entries {
		out = append(out, en.Event)
	}
	return out
}

func admitted(t *testing.T, d *device, id crdt.LogID, e *crdt.Event) {
	t.Helper()
	out, err := d.Admit(context.Background(), id, "file", e.Envelope())
	if err != nil || out[0].Err != nil {
		t.Fatal(err, out[0].Err)
	}
}

// search looks for a name in all files under dir: in clear, and in every stretch
// of bytes that has the form of a record and opens with the key.
func search(t *testing.T, dir string, secret []byte, name string) (found []string) {
	t.Helper()
	found = searchBytes(t, dir, []byte(name))
	around := access.OpenLogRecordKey(secret)
	eachFile(t, dir, func(path string, content []byte) {
		for at := 0; ; at++ {
			next := bytes.IndexByte(content[at:], 0xd2) // the tag of an envelope
			if next < 0 {
				return
			}
			at += next
			for end := at + 300; end <= len(content) && end < at+1200; end++ {
				e, err := crdt.Decode(content[at:end])
				if err != nil || e.Set != crdt.Records {
					continue
				}
				if r, err := access.OpenRecord(e.Log, around, e.Payload); err == nil && bytes.Contains(r.Body, []byte(name)) {
					found = append(found, path)
				}
				break
			}
		}
	})
	return found
}

func searchBytes(t *testing.T, dir string, want []byte) (found []string) {
	t.Helper()
	eachFile(t, dir, func(path string, content []byte) {
		if bytes.Contains(content, want) {
			found = append(found, path)
		}
	})
	return found
}

func eachFile(t *testing.T, dir string, f func(path string, content []byte)) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return ignoreGone(err)
		}
		content, err := os.ReadFile(path)
		if err == nil {
			f(path, content)
		}
		return ignoreGone(err)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// ignoreGone lets files go while they are looked for.
func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
