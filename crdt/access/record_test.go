package access_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

var (
	recordLog = crdt.LogID(bytes.Repeat([]byte{0x11}, 32))
	aroundKey = bytes.Repeat([]byte{0x22}, 32)
)

// A record opens with its log and the key around it, and with nothing else;
// whatever is changed, it does not open.
func TestRecordOpensInItsPlaceOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := &access.Record{
			Kind:    access.RecordKind(rapid.SampledFrom([]uint64{1, 2, 9}).Draw(t, "kind")),
			Subject: rapid.StringN(1, 32, access.MaxSubject).Draw(t, "subject"),
			Body:    []byte(rapid.StringN(1, 60, access.MaxName).Draw(t, "body")),
			Consent: access.Consent(rapid.Uint64Range(0, 7).Draw(t, "consent")),
		}
		payload, err := access.SealRecord(recordLog, aroundKey, want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := access.OpenRecord(recordLog, aroundKey, payload)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v, %v", got, err)
		}
		if _, err := access.OpenRecord(crdt.LogID{1}, aroundKey, payload); !errors.Is(err, access.ErrSeal) {
			t.Fatalf("in another log: %v", err)
		}
		if _, err := access.OpenRecord(recordLog, bytes.Repeat([]byte{0x23}, 32), payload); !errors.Is(err, access.ErrSeal) {
			t.Fatalf("under another key: %v", err)
		}
		payload[rapid.IntRange(0, len(payload)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if _, err := access.OpenRecord(recordLog, aroundKey, payload); !errors.Is(err, access.ErrSeal) {
			t.Fatalf("changed: %v", err)
		}
	})
}

// The same content sealed twice has nothing in common: whoever sees ciphertexts
// does not learn that two children have one name.
func TestRecordsDoNotTellEqualContents(t *testing.T) {
	r := &access.Record{Kind: access.NameRecord, Subject: "p7", Body: []byte("Mia")}
	a, err := access.SealRecord(recordLog, aroundKey, r)
	b, err2 := access.SealRecord(recordLog, aroundKey, r)
	if err != nil || err2 != nil || len(a) != len(b) {
		t.Fatal(err, err2)
	}
	for i := 0; i+16 <= len(a); i += 8 {
		if bytes.Contains(b, a[i:i+16]) {
			t.Fatalf("bytes at %d are the same", i)
		}
	}
}

func TestRecordLimits(t *testing.T) {
	long := func(n int) []byte { return bytes.Repeat([]byte{'x'}, n) }
	for name, c := range map[string]struct {
		record access.Record
		ok     bool
	}{
		"name":              {access.Record{Kind: access.NameRecord, Subject: "p", Body: long(access.MaxName)}, true},
		"long name":         {access.Record{Kind: access.NameRecord, Subject: "p", Body: long(access.MaxName + 1)}, false},
		"text":              {access.Record{Kind: access.TextRecord, Subject: "p", Body: long(access.MaxText)}, true},
		"long text":         {access.Record{Kind: access.TextRecord, Subject: "p", Body: long(access.MaxText + 1)}, false},
		"fields":            {access.Record{Kind: access.FieldsRecord, Subject: "p", Body: []byte(`{"a":[1]}`)}, true},
		"fields, no object": {access.Record{Kind: access.FieldsRecord, Subject: "p", Body: []byte(`[1]`)}, false},
		"unknown kind":      {access.Record{Kind: 77, Subject: "p", Body: long(access.MaxRecordRaw)}, true},
		"long unknown":      {access.Record{Kind: 77, Subject: "p", Body: long(access.MaxRecordRaw + 1)}, false},
		"no kind":           {access.Record{Subject: "p", Body: long(1)}, false},
		"no subject":        {access.Record{Kind: access.NameRecord, Body: long(1)}, false},
		"long subject":      {access.Record{Kind: access.NameRecord, Subject: string(long(access.MaxSubject + 1)), Body: long(1)}, false},
		"empty":             {access.Record{Kind: access.NameRecord, Subject: "p"}, false},
		"not UTF-8":         {access.Record{Kind: access.NameRecord, Subject: "p", Body: []byte{0xff}}, false},
	} {
		payload, err := access.SealRecord(recordLog, aroundKey, &c.record)
		if (err == nil) != c.ok || err != nil && !errors.Is(err, crdt.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
		if limit := crdt.MaxEvent - 600; len(payload) > limit {
			t.Errorf("%s: %d bytes do not fit an envelope", name, len(payload))
		}
	}
}

var rewriteRecords = flag.Bool("rewrite-records", false, "write docs/vectors/record.json anew")

const recordFile = "../../docs/vectors/record.json"

// recordVector is the payload of a record and what everybody must make of it.
type recordVector struct {
	Name    string `json:"name"`
	Log     string `json:"log"`              // hexadecimal, like all bytes here
	Key     string `json:"key"`              // the key around it
	Payload string `json:"payload"`          //
	Record  string `json:"record,omitempty"` // the name, of a valid one
	Kind    uint64 `json:"kind,omitempty"`
	Subject string `json:"subject,omitempty"`
	Body    string `json:"body,omitempty"` // as text
	Consent uint64 `json:"consent,omitempty"`
	Error   string `json:"error,omitempty"` // seal or malformed
}

func TestRecordVectors(t *testing.T) {
	if *rewriteRecords {
		writeRecordVectors(t)
	}
	b, err := os.ReadFile(recordFile)
	if err != nil {
		t.Fatal(err)
	}
	var vectors []recordVector
	if err := json.Unmarshal(b, &vectors); err != nil || len(vectors) < 8 {
		t.Fatal(len(vectors), err)
	}
	for _, v := range vectors {
		log, payload := crdt.LogID(unhex(t, v.Log)), unhex(t, v.Payload)
		r, err := access.OpenRecord(log, unhex(t, v.Key), payload)
		switch want := map[string]error{"seal": access.ErrSeal, "malformed": crdt.ErrMalformed}[v.Error]; {
		case want != nil:
			if !errors.Is(err, want) {
				t.Errorf("%s: %v", v.Name, err)
			}
		case err != nil:
			t.Errorf("%s: %v", v.Name, err)
		case uint64(r.Kind) != v.Kind || r.Subject != v.Subject || string(r.Body) != v.Body || uint64(r.Consent) != v.Consent:
			t.Errorf("%s: %+v", v.Name, r)
		}
	}
}

func writeRecordVectors(t *testing.T) {
	fill := func(b byte, n int) []byte { return bytes.Repeat([]byte{b}, n) }
	seal := func(key []byte, r *access.Record) []byte {
		p, err := access.SealRecordWith(recordLog, key, r, fill(0x33, 32), fill(0x44, 24), fill(0x55, 24))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	var out []recordVector
	add := func(name string, log crdt.LogID, key, payload []byte, r *access.Record, fail string) {
		v := recordVector{Name: name, Log: log.String(), Key: hex.EncodeToString(key), Payload: hex.EncodeToString(payload), Error: fail}
		if r != nil {
			e := &crdt.Event{Payload: payload}
			v.Record, v.Kind, v.Subject, v.Body, v.Consent = access.NameOfRecord(e).String(), uint64(r.Kind), r.Subject, string(r.Body), uint64(r.Consent)
		}
		out = append(out, v)
	}
	name := &access.Record{Kind: access.NameRecord, Subject: "p7", Body: []byte("Mia Müller"), Consent: access.ConsentFirstName}
	text := &access.Record{Kind: access.TextRecord, Subject: strings.Repeat("ab", 32), Body: []byte("fell on her wrist")}
	fields := &access.Record{Kind: access.FieldsRecord, Subject: strings.Repeat("cd", 32), Body: []byte(`{"shirt":"red"}`)}
	openKey := access.OpenLogRecordKey(fill(0x66, 32))
	good := seal(aroundKey, name)
	add("a name", recordLog, aroundKey, good, name, "")
	add("text about an event", recordLog, aroundKey, seal(aroundKey, text), text, "")
	add("fields of a legacy client", recordLog, aroundKey, seal(aroundKey, fields), fields, "")
	add("a name of an open log whose topic secret is 32 times 66", recordLog, openKey, seal(openKey, name), name, "")
	add("in another log", crdt.LogID(fill(0x12, 32)), aroundKey, good, nil, "seal")
	add("under another key", recordLog, openKey, good, nil, "seal")
	for what, at := range map[string]int{"nonce of the wrapped key": 0, "wrapped key": 30, "nonce": 72, "ciphertext": 100, "tag": len(good) - 1} {
		bad := slices.Clone(good)
		bad[at] ^= 1
		add("changed "+what, recordLog, aroundKey, bad, nil, "seal")
	}
	other := seal(aroundKey, text)
	add("key of another record", recordLog, aroundKey, append(slices.Clone(other[:crdt.RecordKeySize]), good[crdt.RecordKeySize:]...), nil, "seal")
	add("no ciphertext", recordLog, aroundKey, good[:crdt.RecordKeySize], nil, "malformed")
	slices.SortStableFunc(out, func(a, b recordVector) int { return strings.Compare(a.Error, b.Error) })
	b, err := json.MarshalIndent(out, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(recordFile, append(b, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Whoever holds the key around records may write what he likes into one.
func FuzzRecord(f *testing.F) {
	for _, r := range []access.Record{
		{Kind: access.NameRecord, Subject: "p7", Body: []byte("Mia"), Consent: 3},
		{Kind: access.FieldsRecord, Subject: "e", Body: []byte(`{}`)},
	} {
		plain, err := r.Encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(plain)
		payload, _ := access.SealRecord(recordLog, aroundKey, &r)
		f.Add(payload)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		access.OpenRecord(recordLog, aroundKey, b)
		r, err := access.DecodeRecord(b)
		if err != nil {
			return
		}
		if again, err := r.Encode(); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%x becomes %x (%v)", b, again, err)
		}
	})
}
