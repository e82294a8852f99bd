package node

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"testing"
	"time"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// members are the bytes of proofs and of the envelopes of rights, from the vectors.
func members(f *testing.F) (proofs, envelopes [][]byte) {
	var member []struct{ Grant, Name, Signature string }
	var rights struct{ Rights []struct{ Envelope string } }
	for file, v := range map[string]any{"member.json": &member, "access.json": &rights} {
		b, err := os.ReadFile("../docs/vectors/" + file)
		if err != nil {
			f.Fatal(err)
		}
		if err := json.Unmarshal(b, v); err != nil {
			f.Fatal(file, err)
		}
	}
	for _, r := range rights.Rights {
		envelopes = append(envelopes, unhex(f, r.Envelope))
	}
	for _, m := range member {
		proofs = append(proofs, appendProof(nil, meetingName(unhex(f, m.Name)), &access.Proof{
			Grant: crdt.Hash(unhex(f, m.Grant)), Signature: unhex(f, m.Signature), Chain: envelopes[:3],
		}))
	}
	return proofs, envelopes
}

func unhex(f *testing.F, s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		f.Fatal(err)
	}
	return b
}

// A proof has one encoding, and one of any bytes is opened or refused by name.
func FuzzProof(f *testing.F) {
	proofs, _ := members(f)
	for _, p := range proofs {
		f.Add(p)
		f.Add(p[:len(p)-1])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		name, p, err := parseProof(b)
		if err != nil {
			if !errors.Is(err, crdt.ErrMalformed) {
				t.Fatal(err)
			}
			return
		}
		if !bytes.Equal(appendProof(nil, name, p), b) {
			t.Fatal("another encoding was taken")
		}
		if events, err := p.Open(crdt.LogID{1}); err == nil && len(events) == 0 {
			t.Fatal("a proof without a chain was opened")
		}
	})
}

// A verdict and the envelopes in it have one encoding; a list of them takes no
// more memory than its bytes allow.
func FuzzVerdict(f *testing.F) {
	_, envelopes := members(f)
	for r := rulingIn; r <= rulingLater; r++ {
		f.Add(memberVerdict{name: meetingName{1}, ruling: r, control: envelopes[:int(r)]}.append(nil))
	}
	f.Add(append(make([]byte, access.NameSize+1), 0x80, 0))                                                 // a length in two bytes that needs one
	f.Add(append(make([]byte, access.NameSize+1), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1)) // 2^64-1
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := parseVerdict(b)
		switch {
		case err == nil && !bytes.Equal(v.append(nil), b):
			t.Fatal("another encoding was taken")
		case err != nil && !errors.Is(err, crdt.ErrMalformed):
			t.Fatal(err)
		case len(v.control) > len(b)/2:
			t.Fatalf("%d envelopes in %d bytes", len(v.control), len(b))
		}
	})
}

// A roster that was damaged on the disk is read as far as it goes, and what a node
// makes of it is within its bound, each log once.
func FuzzRoster(f *testing.F) {
	f.Add(bytes.Repeat([]byte{7}, 3*crdt.HashSize+5))
	var full roster
	for i := range maxLive {
		full.fill(crdt.LogID{byte(i), byte(i >> 8)})
	}
	f.Add(append(full.encode(), make([]byte, crdt.HashSize)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		read := decodeRoster(b)
		if whole := (&roster{live: read}).encode(); !bytes.HasPrefix(b, whole) || len(b)-len(whole) >= crdt.HashSize {
			t.Fatal("a roster does not read what it writes")
		}
		var r roster
		for _, id := range read {
			r.fill(id)
		}
		if len(r.live) > maxLive {
			t.Fatalf("%d live logs", len(r.live))
		}
		seen := map[crdt.LogID]bool{}
		for _, id := range r.live {
			if seen[id] {
				t.Fatalf("%s is live twice", id.Short())
			}
			seen[id] = true
		}
	})
}

// A holding is read whole or not at all.
func FuzzHolding(f *testing.F) {
	h := holding{crdt.Hash{1}, crdt.StoreID{2}, "peer"}
	f.Add(h.encode())
	f.Add(h.encode()[:20])
	f.Fuzz(func(t *testing.T, b []byte) {
		if h := decodeHolding(b); h != (holding{}) && !bytes.Equal(h.encode(), b) {
			t.Fatal("a holding does not read what it writes")
		}
	})
}

// Whatever a busy peer says, it is a pause of a minute at most.
func FuzzBusy(f *testing.F) {
	f.Add(binary.AppendUvarint(nil, 250))
	f.Add(binary.AppendUvarint(nil, 1<<63))
	f.Add([]byte{0x80, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		var busy busyError
		switch err := readBusy(b); {
		case errors.As(err, &busy):
			if busy.after < 0 || busy.after > time.Minute {
				t.Fatalf("a pause of %v", busy.after)
			}
		case !errors.Is(err, crdt.ErrMalformed):
			t.Fatal(err)
		}
	})
}
