package crdt_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"testing"

	"touchline.dev/touchline/crdt"
)

var rewrite = flag.Bool("rewrite", false, "write docs/vectors/envelope.json anew")

const vectorFile = "../docs/vectors/envelope.json"

// signatureFile has envelopes on which libraries for Ed25519 differ: made by
// hand, with points and scalars that no signer uses.
const signatureFile = "../docs/vectors/signature.json"

// vector is an envelope and what everybody must make of it.
type vector struct {
	Name     string `json:"name"`
	Envelope string `json:"envelope"`          // hexadecimal
	Hash     string `json:"hash,omitempty"`    // of a valid one
	Error    string `json:"error,omitempty"`   // malformed or signature
	Author   string `json:"author,omitempty"`  // of a valid one
	Content  string `json:"content,omitempty"` // of a valid one, hexadecimal
	SetName  string `json:"set,omitempty"`     // of a valid one
}

// Vectors are what other implementations are held to; they never change
// unless the version does.
func TestEnvelopeVectors(t *testing.T) {
	if *rewrite {
		writeVectors(t)
	}
	for _, file := range []string{vectorFile, signatureFile} {
		checkVectors(t, file)
	}
}

func checkVectors(t *testing.T, file string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(b, &vectors); err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors {
		envelope, err := hex.DecodeString(v.Envelope)
		if err != nil {
			t.Fatal(err)
		}
		e, err := crdt.Open(envelope)
		switch v.Error {
		case "malformed":
			if !errors.Is(err, crdt.ErrMalformed) {
				t.Errorf("%s: %v", v.Name, err)
			}
		case "signature":
			if !errors.Is(err, crdt.ErrSignature) {
				t.Errorf("%s: %v", v.Name, err)
			}
		default:
			if err != nil {
				t.Errorf("%s: %v", v.Name, err)
				continue
			}
			plain, _ := e.Plain()
			if e.Hash.String() != v.Hash || e.Author.String() != v.Author || hex.EncodeToString(plain) != v.Content || e.Set.String() != v.SetName {
				t.Errorf("%s: read as %v by %v in %v: %x", v.Name, e.Hash, e.Author, e.Set, plain)
			}
		}
	}
}

func writeVectors(t *testing.T) {
	var vectors []vector
	valid := func(name string, e *crdt.Event) []byte {
		plain, _ := e.Plain()
		vectors = append(vectors, vector{
			Name: name, Envelope: hex.EncodeToString(e.Envelope()), Hash: e.Hash.String(),
			Author: e.Author.String(), Content: hex.EncodeToString(plain), SetName: e.Set.String(),
		})
		return e.Envelope()
	}
	bad := func(name, why string, b []byte) {
		vectors = append(vectors, vector{Name: name, Envelope: hex.EncodeToString(b), Error: why})
	}
	first := valid("first of a chain, two references", newEvent(t, 1, nil))
	valid("second of a chain, bulk lane", newEvent(t, 1, func(h *crdt.Header) {
		h.Seq, h.Prev, h.Refs, h.Lane = 2, crdt.Sum(first), nil, crdt.Bulk
	}))
	valid("record", newEvent(t, 2, func(h *crdt.Header) { h.Set = crdt.Records }))
	valid("founding", newEvent(t, 3, func(h *crdt.Header) {
		h.Set, h.Log, h.Grant, h.Refs = crdt.Control, crdt.LogID{}, crdt.Hash{}, nil
	}))
	change := func(at int, to byte) []byte {
		b := append([]byte{}, first...)
		b[at] = to
		return b
	}
	n := len(first)
	bad("untagged", "malformed", first[1:])
	bad("cut off", "malformed", first[:n-1])
	bad("trailing byte", "malformed", append(append([]byte{}, first...), 0))
	bad("last byte of the signature changed", "signature", change(n-1, first[n-1]^1))
	bad("content changed", "signature", change(n-66-64, first[n-66-64]^1))
	small := append([]byte{}, first...)
	clear(small[n-64 : n-32])
	small[n-64] = 1
	bad("nonce point of small order", "signature", small)
	large := append([]byte{}, first...)
	for i := n - 32; i < n; i++ {
		large[i] = 0xff
	}
	bad("scalar above the group order", "signature", large)
	b, _ := json.MarshalIndent(vectors, "", "  ")
	if err := os.WriteFile(vectorFile, append(b, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}
