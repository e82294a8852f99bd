package access_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

const memberVectors = "../../docs/vectors/member.json"

var rewriteMembers = flag.Bool("rewrite-members", false, "write docs/vectors/member.json anew")

// memberVector is one side of a meeting, in hexadecimal but for the IDs.
type memberVector struct {
	TopicSecret   string `json:"topicSecret"`
	Seed          string `json:"seed"` // of the prover's device key
	Log           string `json:"log"`
	Grant         string `json:"grant"`
	Prover        string `json:"prover"`
	Verifier      string `json:"verifier"`
	ProverNonce   string `json:"proverNonce"`
	VerifierNonce string `json:"verifierNonce"`
	Key           string `json:"key"`
	Name          string `json:"name"`
	Signature     string `json:"signature"`
}

func (v *memberVector) fill(t *testing.T) (m access.Member, at access.Meeting) {
	t.Helper()
	b := func(s string) []byte {
		out, err := hex.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	m = access.Member{TopicSecret: b(v.TopicSecret), Seed: b(v.Seed), Log: crdt.LogID(b(v.Log)), Grant: crdt.Hash(b(v.Grant))}
	at = access.Meeting{Prover: v.Prover, Verifier: v.Verifier, ProverNonce: [32]byte(b(v.ProverNonce)), VerifierNonce: [32]byte(b(v.VerifierNonce))}
	return m, at
}

// The bytes of a proof are what docs/vectors/member.json says.
func TestMemberVectors(t *testing.T) {
	if *rewriteMembers {
		writeMemberVectors(t)
	}
	b, err := os.ReadFile(memberVectors)
	if err != nil {
		t.Fatal(err)
	}
	var vectors []memberVector
	if err := json.Unmarshal(b, &vectors); err != nil || len(vectors) < 2 {
		t.Fatal(len(vectors), err)
	}
	for i, v := range vectors {
		m, at := v.fill(t)
		key := access.MeetingKey(m.TopicSecret)
		name := at.Name(key)
		for what, pair := range map[string][2]string{
			"key":       {v.Key, hex.EncodeToString(key)},
			"name":      {v.Name, hex.EncodeToString(name[:])},
			"signature": {v.Signature, hex.EncodeToString(m.Prove(&at))},
		} {
			if pair[0] != pair[1] {
				t.Errorf("vector %d: %s is %s, not %s", i, what, pair[1], pair[0])
			}
		}
	}
}

func writeMemberVectors(t *testing.T) {
	t.Helper()
	fill := func(b byte) string { return hex.EncodeToString(bytes.Repeat([]byte{b}, 32)) }
	one := memberVector{
		TopicSecret: fill(1), Seed: fill(2), Log: fill(3), Grant: fill(4), ProverNonce: fill(5), VerifierNonce: fill(6),
		Prover: "12D3KooW-a", Verifier: "12D3KooW-b",
	}
	back := one
	back.Seed, back.Grant = fill(7), fill(8)
	back.Prover, back.Verifier = one.Verifier, one.Prover
	back.ProverNonce, back.VerifierNonce = one.VerifierNonce, one.ProverNonce
	vectors := []memberVector{one, back}
	for i := range vectors {
		v := &vectors[i]
		m, at := v.fill(t)
		key := access.MeetingKey(m.TopicSecret)
		name := at.Name(key)
		v.Key, v.Name, v.Signature = hex.EncodeToString(key), hex.EncodeToString(name[:]), hex.EncodeToString(m.Prove(&at))
	}
	b, err := json.MarshalIndent(vectors, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(memberVectors, append(b, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}
