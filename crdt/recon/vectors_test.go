package recon_test

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/recon"
)

var rewrite = flag.Bool("rewrite", false, "write the vectors anew")

const vectorFile = "../../docs/vectors/recon.json"

// vectors is the content of docs/vectors/recon.json.
type vectors struct {
	Topic    string            `json:"topic"`
	Keys     map[string]string `json:"keys"`
	Batch    map[string]string `json:"batch"`
	Sessions []sessionVector   `json:"sessions"`
	Invalid  []invalidVector   `json:"invalid"`
}

type sessionVector struct {
	Name      string          `json:"name"`
	Initiator []elementVector `json:"initiator"`
	Responder []elementVector `json:"responder"`
	Synced    bool            `json:"synced"` // with a sync point over what both have
	Level     string          `json:"level"`
	Frames    []string        `json:"frames"` // alternately, flight by flight
	Sends     [2][]string     `json:"sends"`  // set, time and prefix of each body, in order
}

type elementVector struct {
	Set  uint8  `json:"set"`
	Time uint64 `json:"time,string"`
	Hash string `json:"hash"`
}

type invalidVector struct {
	Name  string `json:"name"`
	Frame string `json:"frame"`
}

func TestVectors(t *testing.T) {
	got := makeVectors(t)
	b, err := json.MarshalIndent(got, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if *rewrite {
		if err := os.WriteFile(vectorFile, append(b, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	stored, err := os.ReadFile(vectorFile)
	if err != nil {
		t.Fatal(err)
	}
	var want vectors
	if err := json.Unmarshal(stored, &want); err != nil {
		t.Fatal(err)
	}
	var again vectors
	if err := json.Unmarshal(b, &again); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again, want) {
		t.Error("the bytes have changed; go test -run Vectors -rewrite, and say so in the protocol")
	}
	for _, v := range want.Invalid {
		frame, _ := hex.DecodeString(v.Frame)
		if _, err := newReplica().session(recon.Responder, key(1)).Step(frame); err == nil {
			t.Errorf("%s: accepted", v.Name)
		}
	}
}

func makeVectors(t *testing.T) (v vectors) {
	v.Topic = hex.EncodeToString(topic)
	v.Keys, v.Batch = map[string]string{}, map[string]string{}
	for _, set := range crdt.Sets {
		k := recon.IndexKey(topic, set)
		v.Keys["index "+set.String()] = hex.EncodeToString(k[:])
	}
	session, tag := key(1), recon.NewTagKey(topic)
	v.Keys["session, nonces 0000000000000001 and zeros"] = hex.EncodeToString(session[:])
	v.Keys["tag"] = hex.EncodeToString(tag[:])
	empty := newReplica().digests()
	mine := recon.NewTag(tag, recon.Nonce{1}, []byte("peer"), empty)
	theirs := recon.NewTag(tag, recon.Nonce{2}, []byte("other"), empty)
	reply, _ := recon.Answer(recon.Tags{theirs}, []recon.Proof{{Mine: mine, Theirs: theirs}})
	v.Batch["greeting, nonce 01 and zeros"] = hex.EncodeToString((&recon.Greeting{Nonce: recon.Nonce{1}}).Append(nil))
	v.Batch["tags, of peer \"peer\" for nonce 01, empty log"] = hex.EncodeToString(recon.Tags{mine}.Append(nil))
	v.Batch["reply of \"peer\" to \"other\", whose nonce is 01 and who was sent nonce 02"] = hex.EncodeToString(reply.Append(nil))
	v.Sessions = []sessionVector{
		makeSession(t, "equal", 3, 0, 0, false, recon.LevelAuto),
		makeSession(t, "ladder answered by its cells", 3, 1, 1, false, recon.LevelAuto),
		makeSession(t, "lists and sketch", 150, 30, 30, false, recon.LevelAuto),
		makeSession(t, "sync point", 3, 1, 2, true, recon.LevelAuto),
		makeSession(t, "full listing", 3, 1, 1, false, recon.LevelFull),
	}
	v.Invalid = invalidVectors()
	return v
}

// makeSession runs a session over elements made by counting.
func makeSession(t *testing.T, name string, both, onlyA, onlyB int, synced bool, level recon.Level) sessionVector {
	v := sessionVector{Name: name, Synced: synced, Level: map[recon.Level]string{recon.LevelAuto: "auto", recon.LevelFull: "full"}[level]}
	a, b := newReplica(), newReplica()
	a.level = level
	if synced {
		a.sync = &recon.SyncPoint{Own: crdt.StoreID{1}, Peer: crdt.StoreID{2}, OwnArrival: 3, PeerArrival: 4}
		b.sync = &recon.SyncPoint{Own: crdt.StoreID{2}, Peer: crdt.StoreID{1}, OwnArrival: 4, PeerArrival: 3}
	}
	for i := range both + onlyA + onlyB {
		set, ms := crdt.Set(i%3), uint64(1_700_000_000_000+1000*i)
		e := crdt.Element{Time: crdt.MakeTime(ms, 0), Hash: crdt.Sum([]byte{byte(i), byte(i >> 8)})}
		ev := elementVector{uint8(set), uint64(e.Time), e.Hash.String()}
		for side, r := range []*replica{a, b} {
			if i >= both && (i < both+onlyA) != (side == 0) {
				continue
			}
			r.add(set, e)
			*[]*[]elementVector{&v.Initiator, &v.Responder}[side] = append(*[]*[]elementVector{&v.Initiator, &v.Responder}[side], ev)
			if i >= both && synced {
				r.sync.Since[set] = append(r.sync.Since[set], recon.NameOf(e))
			}
		}
	}
	x := reconcile(t, a, b, 1)
	for _, f := range x.frames {
		v.Frames = append(v.Frames, hex.EncodeToString(f))
	}
	for side, items := range x.sends {
		for _, it := range items {
			v.Sends[side] = append(v.Sends[side], it.Set.String()+" "+it.Name.Time.String()+" "+hex.EncodeToString(it.Name.Prefix[:]))
		}
	}
	return v
}

func invalidVectors() []invalidVector {
	const hello = "000101" + "00000000000000000000000000000000" + "00"
	return []invalidVector{
		{"empty", ""},
		{"no message", "00"},
		{"flag is not 0 or 1", "02" + hello[2:]},
		{"unknown kind", hello + "7f"},
		{"another version", "000102" + hello[6:]},
		{"hello ends early", hello[:20]},
		{"second hello", hello + hello[2:]},
		{"no hello", "000601" + "80"},
		{"want that nothing asked for", hello + "0601" + "80"},
		{"number not in its shortest form", hello + "068100" + "80"},
		{"padding is not zero", hello + "0601" + "81"},
		{"more IDs than bits", hello + "0214" + "ff0f"},
		{"ID of no width", hello + "020000"},
		{"cells without a ladder, not from 0", hello + "040101" + "000000000000000000"},
		{"cells beyond the frame", hello + "0400ff7f"},
		{"ladder without rungs", hello + "0300"},
		{"full listing of a fourth set", hello + "09030100"},
		{"empty full listing that is not the last", hello + "09000000"},
		{"hello and nothing else", hello},
	}
}
