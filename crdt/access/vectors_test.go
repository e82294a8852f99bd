package access_test

import (
	"bytes"
	"crypto/ecdh"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

var rewrite = flag.Bool("rewrite", false, "write docs/vectors/sealed.json anew")

const vectorFile = "../../docs/vectors/sealed.json"

// sealVector is something sealed and what everybody must make of it. All bytes
// are hexadecimal.
type sealVector struct {
	Name  string `json:"name"`
	Kind  string `json:"kind"`            // payload, box, wrap, carried, commitment, scope
	Key   bytesX `json:"key,omitempty"`   // of the epoch; of a wrap: the recipient's private key
	Epoch bytesX `json:"epoch,omitempty"` // whose key it is; of carried: the earlier epoch

	Envelope   bytesX `json:"envelope,omitempty"`   // payload, box
	Box        bytesX `json:"box,omitempty"`        // box
	Log        bytesX `json:"log,omitempty"`        // wrap, carried
	Grant      bytesX `json:"grant,omitempty"`      // wrap: the recipient's
	Commitment bytesX `json:"commitment,omitempty"` // wrap, carried: of the epoch whose key it is
	Sealed     bytesX `json:"sealed,omitempty"`     // wrap, carried

	TopicSecret bytesX `json:"topicSecret,omitempty"` // scope
	Audience    string `json:"audience,omitempty"`    // scope: staff or guardians
	Label       string `json:"label,omitempty"`       // scope
	Child       string `json:"child,omitempty"`       // scope of guardians

	Result bytesX `json:"result,omitempty"` // content, part, key, commitment, scope
	Error  string `json:"error,omitempty"`  // no key, seal or malformed
}

type bytesX []byte

func (b bytesX) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(b)), nil }
func (b *bytesX) UnmarshalText(t []byte) (err error) {
	*b, err = hex.DecodeString(string(t))
	return err
}

var vectorErrors = map[string]error{"no key": access.ErrNoKey, "seal": access.ErrSeal, "malformed": crdt.ErrMalformed}

// Vectors are what other implementations are held to; they never change
// unless the version does.
func TestSealedVectors(t *testing.T) {
	if *rewrite {
		writeSealed(t)
	}
	b, err := os.ReadFile(vectorFile)
	if err != nil {
		t.Fatal(err)
	}
	var vectors []sealVector
	if err := json.Unmarshal(b, &vectors); err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors {
		got, err := v.open()
		switch {
		case v.Error != "" && !errors.Is(err, vectorErrors[v.Error]):
			t.Errorf("%s: %v", v.Name, err)
		case v.Error == "" && (err != nil || !bytes.Equal(got, v.Result)):
			t.Errorf("%s: %x, %v", v.Name, got, err)
		}
	}
}

func (v *sealVector) open() ([]byte, error) {
	key := access.EpochKey{Epoch: v.Epoch, Audience: access.AudienceMatch, Scope: []byte{}, Key: v.Key}
	switch v.Kind {
	case "payload":
		e, err := crdt.Open(v.Envelope)
		if err != nil {
			return nil, err
		}
		return key.Open(e)
	case "box":
		e, err := crdt.Open(v.Envelope)
		if err != nil {
			return nil, err
		}
		p, err := key.OpenBox(e.Header, v.Box)
		if err != nil {
			return nil, err
		}
		return crdt.EncodeCBOR(p), nil
	case "wrap":
		return access.OpenWrap(v.Sealed, v.Key, v.Commitment, crdt.LogID(v.Log), crdt.Hash(v.Grant))
	case "carried":
		return access.OpenCarried(v.Sealed, v.Key, v.Commitment, crdt.LogID(v.Log), crdt.Hash(v.Epoch))
	case "commitment":
		return access.Commitment(v.Key), nil
	}
	m := access.Member{TopicSecret: v.TopicSecret}
	if v.Audience == "staff" {
		return []byte(m.Staff(v.Label).Scope), nil
	}
	return []byte(m.Guardians(v.Label, v.Child).Scope), nil
}

// vectorCase makes what vectors are made of, from fixed keys and nonces.
type vectorCase struct {
	t      *testing.T
	member *access.Member
	key    access.EpochKey
	nonce  []byte
	header crdt.Header
	list   []sealVector
}

func writeSealed(t *testing.T) {
	c := vectorCase{t: t, key: epochKey(1), nonce: bytes.Repeat([]byte{4}, 24)}
	c.member = &access.Member{Log: crdt.LogID{1}, Seed: bytes.Repeat([]byte{2}, 32), Grant: crdt.Hash{3}, TopicSecret: bytes.Repeat([]byte{5}, 32)}
	c.header = crdt.Header{
		Set: crdt.Events, Log: c.member.Log, Author: c.member.Device(), Incarnation: crdt.Incarnation{6}, Seq: 1,
		Time: crdt.MakeTime(1_700_000_000_000, 1), OwnMs: 1_700_000_000_000, Grant: c.member.Grant, Epoch: c.key.Name(),
	}
	c.payloads()
	c.boxes()
	c.keys()
	out, err := json.MarshalIndent(c.list, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(vectorFile, append(out, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

func (c *vectorCase) add(name, failure string, v sealVector) {
	v.Name, v.Error = name, failure
	got, err := v.open()
	if failure == "" {
		if err != nil {
			c.t.Fatalf("%s: %v", name, err)
		}
		v.Result = got
	}
	c.list = append(c.list, v)
}

func (c *vectorCase) sign(h crdt.Header, payload []byte) []byte {
	e, err := crdt.Sign(c.member.Key(), h, payload)
	if err != nil {
		c.t.Fatal(err)
	}
	return e.Envelope()
}

func (c *vectorCase) payloads() {
	content, _ := (&crdt.Content{ID: "x1", Type: "goal", Team: "home", Data: []byte(`{"minute":3}`)}).Encode()
	payload, err := c.key.SealWith(c.nonce, c.header, content)
	if err != nil {
		c.t.Fatal(err)
	}
	v := sealVector{Kind: "payload", Key: c.key.Key, Epoch: c.key.Epoch, Envelope: c.sign(c.header, payload)}
	c.add("payload", "", v)
	wrong := v
	wrong.Key = bytes.Repeat([]byte{9}, 32)
	c.add("payload, wrong key", "seal", wrong)
	other := v
	other.Epoch = bytes.Repeat([]byte{9}, 32)
	c.add("payload, key of another epoch", "no key", other)
	moved := v
	h := c.header
	h.Time++
	moved.Envelope = c.sign(h, payload)
	c.add("payload, moved to another header", "seal", moved)
	changed := v
	payload[30] ^= 1
	changed.Envelope = c.sign(c.header, payload)
	c.add("payload, ciphertext changed", "seal", changed)
	box, err := c.key.SealBoxWith(c.nonce, c.header, &access.Part{Type: "goal"})
	if err != nil {
		c.t.Fatal(err)
	}
	crossed := v
	crossed.Envelope = c.sign(c.header, box[len(box)-64-crdt.SealOverhead:])
	c.add("payload, sealed as a box", "seal", crossed)
}

func (c *vectorCase) boxes() {
	staff := epochKey(20)
	part := access.Part{Type: "injury", Team: "home", Data: []byte(`{"player":"7"}`)}
	box, err := staff.SealBoxWith(c.nonce, c.header, &part)
	if err != nil {
		c.t.Fatal(err)
	}
	payload, err := c.key.SealWith(c.nonce, c.header, []byte("stub"))
	if err != nil {
		c.t.Fatal(err)
	}
	v := sealVector{Kind: "box", Key: staff.Key, Epoch: staff.Epoch, Envelope: c.sign(c.header, payload), Box: box}
	c.add("box", "", v)
	wrong := v
	wrong.Key = bytes.Repeat([]byte{9}, 32)
	c.add("box, wrong key", "seal", wrong)
	other := v
	other.Epoch = c.key.Epoch
	c.add("box, key of another epoch", "no key", other)
	moved := v
	h := c.header
	h.Time++
	moved.Envelope = c.sign(h, payload)
	c.add("box, moved to another event", "seal", moved)
	cut := v
	cut.Box = box[:len(box)-1]
	c.add("box, cut off", "malformed", cut)
	empty := v
	if empty.Box, err = staff.SealBoxWith(c.nonce, c.header, &access.Part{}); err != nil {
		c.t.Fatal(err)
	}
	c.add("box, a part without a type", "malformed", empty)
}

func (c *vectorCase) keys() {
	log, grant := c.member.Log, c.member.Grant
	private := bytes.Repeat([]byte{7}, 32)
	recipient, err := ecdh.X25519().NewPrivateKey(private)
	if err != nil {
		c.t.Fatal(err)
	}
	sealed, err := access.WrapKey(c.key.Key, recipient.PublicKey().Bytes(), log, grant)
	if err != nil {
		c.t.Fatal(err)
	}
	v := sealVector{Kind: "wrap", Key: private, Log: log[:], Grant: grant[:], Commitment: access.Commitment(c.key.Key), Sealed: sealed}
	c.add("wrap", "", v)
	for _, what := range []struct {
		name  string
		field func(*sealVector) *bytesX
	}{
		{"another private key", func(v *sealVector) *bytesX { return &v.Key }},
		{"another recipient's grant", func(v *sealVector) *bytesX { return &v.Grant }},
		{"another log", func(v *sealVector) *bytesX { return &v.Log }},
		{"another epoch's commitment", func(v *sealVector) *bytesX { return &v.Commitment }},
	} {
		bad := v
		*what.field(&bad) = bytes.Repeat([]byte{8}, 32)
		c.add("wrap, "+what.name, "seal", bad)
	}
	later := bytes.Repeat([]byte{11}, 32)
	v = sealVector{Kind: "carried", Key: later, Epoch: c.key.Epoch, Log: log[:], Commitment: access.Commitment(c.key.Key)}
	v.Sealed = access.CarryWith(c.nonce, later, log, c.key.Name(), c.key.Key)
	c.add("carried key", "", v)
	other := v
	other.Epoch = bytes.Repeat([]byte{9}, 32)
	c.add("carried key, said to be another epoch's", "seal", other)
	wrong := v
	wrong.Sealed = access.CarryWith(c.nonce, later, log, c.key.Name(), later)
	c.add("carried key, not the one committed to", "seal", wrong)
	c.add("commitment", "", sealVector{Kind: "commitment", Key: c.key.Key})
	for _, s := range [][2]string{{"staff", ""}, {"guardians", "7"}} {
		c.add("scope of "+s[0], "", sealVector{Kind: "scope", TopicSecret: c.member.TopicSecret, Audience: s[0], Label: "home", Child: s[1]})
	}
}
