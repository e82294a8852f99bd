package wire

import (
	"bytes"
	"strings"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/crdt/recon"
)

// sample is a frame of the vectors. The first of its kind has every field that
// may stand beside the others.
type sample struct {
	name  string
	frame Frame
}

var (
	aMatch = crdt.LogID(hash32(0x40))
	aHash  = crdt.Hash(hash32(0x80))
)

func hash32(from byte) (h [32]byte) {
	for i := range h {
		h[i] = from + byte(i)
	}
	return h
}

func nonce16(from byte) (n [16]byte) {
	for i := range n {
		n[i] = from + byte(i)
	}
	return n
}

func signature64(from byte) (s [64]byte) {
	for i := range s {
		s[i] = from + byte(i)
	}
	return s
}

func samples() []sample {
	store := crdt.StoreID(nonce16(0x20))
	limits := Limits{Frame: MaxFrame, Follows: 64, InFlight: 64, Sessions: 4, IdleMs: 90_000}
	envelope := []byte("not looked into by this layer")
	return []sample{
		{"hello", &Hello{Version: 1, Nonce: nonce16(1), Store: store, Token: "tl1.token"}},
		{"hello of a guest", &Hello{Version: 1, Nonce: nonce16(1), Store: store}},
		{"welcome", &Welcome{Version: 1, Nonce: nonce16(3), Store: store, Peer: "12D3KooWPeer", Role: access.Scorer, Match: aMatch[:], Time: 1_790_000_000_000, Limits: limits}},
		{"welcome of a guest who may do nothing", &Welcome{Version: 1, Nonce: nonce16(3), Store: store, Time: 0, Limits: limits}},
		{"prove", &Prove{ID: 1, Match: aMatch, Grant: aHash, Signature: signature64(5)}},
		{"proved", &Proved{ID: 1, Match: aMatch, Role: access.Coach}},
		{"enrol", &Enrol{ID: 2, Match: aMatch, Key: crdt.Key(hash32(6)), HPKE: hash32(7), Proof: signature64(8)}},
		{"enrolled", &Enrolled{ID: 2, Match: aMatch, Grant: aHash, Role: access.Scorer, NotAfter: 1_790_000_000_000, Chain: [][]byte{envelope, {1}}}},
		{"enrolled without end", &Enrolled{ID: 2, Match: aMatch, Grant: aHash, Role: access.Scorer, Chain: [][]byte{envelope}}},
		{"follow", &Follow{ID: 3, Match: aMatch, Format: Signed, Store: store[:], After: 77}},
		{"follow from the beginning", &Follow{ID: 3, Match: aMatch, Format: Redacted}},
		{"follow from now", &Follow{ID: 3, Match: aMatch, Format: Redacted, FromNow: true}},
		{"follow from the beginning of a known store", &Follow{ID: 3, Match: aMatch, Format: Signed, Store: store[:]}},
		{"following", &Following{ID: 3, Match: aMatch, Format: Signed, Grant: aHash, After: 77, Secret: make([]byte, 32), Restart: true}},
		{"following a view", &Following{ID: 3, Match: aMatch, Format: Redacted, Grant: aHash}},
		{"unfollow", &Unfollow{ID: 4, Match: aMatch}},
		{"done", &Done{ID: 1<<32 - 1}},
		{"publish an envelope", &Publish{ID: 5, Envelope: envelope}},
		{"publish a draft", &Publish{ID: 5, Draft: []byte(`{"id":"a1","matchId":"40","type":"goal"}`)}},
		{"ack", &Ack{ID: 5, Hash: aHash, Status: New, Arrival: 78}},
		{"ack of a repeat", &Ack{ID: 5, Hash: aHash, Status: Same, Arrival: 78}},
		{"live", &Live{Arrival: 1, Envelope: envelope}},
		{"live, as long as may be", &Live{Arrival: MaxSafe, Envelope: bytes.Repeat([]byte{7}, crdt.MaxEvent)}},
		{"view", &View{Match: aMatch, Arrival: 79, JSON: []byte(`{"type":"goal"}`)}},
		{"view of what is too long", &View{Match: aMatch, Arrival: 79}},
		{"events", &Events{Match: aMatch, Items: []Item{{Arrival: 1, Bytes: envelope}, {Arrival: 2, Bytes: []byte{}}}}},
		{"caught", &Caught{Match: aMatch, Arrival: 80}},
		{"held", &Held{Match: aMatch, Arrival: 80, Devices: 3, Relay: true}},
		{"held here only", &Held{Match: aMatch, Arrival: 80, Devices: 1}},
		{"compare", &Compare{Session: 9, Match: aMatch, Nonce: recon.Nonce(nonce16(9))}},
		{"compared", &Compared{Session: 9, Nonce: recon.Nonce(nonce16(10)), Tag: recon.Tag{1, 2, 3, 4, 5, 6, 7, 8}, Arrival: 80}},
		{"equal", &Equal{Session: 9, Tag: recon.Tag{8, 7, 6, 5, 4, 3, 2, 1}}},
		{"recon", &Recon{Session: 9, Frame: []byte{0, 1, 1}}},
		{"bodies", &Bodies{Session: 9, Envelopes: [][]byte{envelope, {1}}}},
		{"gone", &Gone{Session: 9, Set: crdt.Records, Time: 1_790_000_000_000 << 16, Prefix: nonce16(11)}},
		{"fin", &Fin{Session: 9}},
		{"proof", &Proof{Session: 9, Tag: recon.Tag{1, 2, 3, 4, 5, 6, 7, 8}, Arrival: 81}},
		{"ping", &Ping{Number: 12}},
		{"pong", &Pong{Number: 0}},
		{"bye", &Bye{Reason: "slow", Detail: "4 s behind", AgainMs: 500}},
		{"bye in short", &Bye{Reason: "closing"}},
		{"problem", &Problem{ID: 5, Session: 9, Name: "busy", Status: 429, Detail: "try later", Hash: aHash[:], AgainMs: 1000}},
		{"problem in short", &Problem{Name: "not-found", Status: 404}},
		{"offer", &Offer{ID: 13, SDP: "v=0\r\n"}},
		{"answer", &Answer{ID: 13, SDP: "v=0\r\n"}},
		{"candidate", &Candidate{ID: 13, Candidate: `{"candidate":""}`}},
	}
}

// outOfRange are frames whose types and lengths are right and whose values are
// not.
func outOfRange() []sample {
	long := func(n int) string { return strings.Repeat("x", n) }
	store := make([]byte, 16)
	match := aMatch
	one := [][]byte{{1}}
	return []sample{
		{"hello of version 2", &Hello{Version: 2}},
		{"hello with a long token", &Hello{Version: 1, Token: long(maxToken + 1)}},
		{"welcome of version 0", &Welcome{}},
		{"welcome with role 9", &Welcome{Version: 1, Role: 9}},
		{"welcome with half a match", &Welcome{Version: 1, Match: store}},
		{"welcome with a time past 2^53", &Welcome{Version: 1, Time: 1 << 53}},
		{"prove without id", &Prove{}},
		{"proved without role", &Proved{ID: 1}},
		{"proved with role 9", &Proved{ID: 1, Role: 9}},
		{"enrol without id", &Enrol{}},
		{"enrolled with no chain", &Enrolled{ID: 1, Role: 4, Chain: [][]byte{}}},
		{"enrolled with an empty envelope", &Enrolled{ID: 1, Role: 4, Chain: [][]byte{{}}}},
		{"follow without id", &Follow{Format: Signed}},
		{"follow in format 0", &Follow{ID: 1}},
		{"follow in format 3", &Follow{ID: 1, Format: 3}},
		{"follow from an arrival of no store", &Follow{ID: 1, Format: Signed, After: 1}},
		{"follow from an arrival and from now", &Follow{ID: 1, Format: Signed, Store: store, After: 1, FromNow: true}},
		{"follow from now in a store", &Follow{ID: 1, Format: Signed, Store: store, FromNow: true}},
		{"follow in half a store", &Follow{ID: 1, Format: Signed, Store: store[:8]}},
		{"follow from an arrival past 2^53", &Follow{ID: 1, Format: Signed, Store: store, After: 1 << 53}},
		{"following with half a secret", &Following{ID: 1, Format: Signed, Secret: store}},
		{"following in format 0", &Following{ID: 1}},
		{"unfollow without id", &Unfollow{Match: match}},
		{"done without id", &Done{}},
		{"publish nothing", &Publish{ID: 1}},
		{"publish both", &Publish{ID: 1, Envelope: []byte{1}, Draft: []byte("{}")}},
		{"publish a long envelope", &Publish{ID: 1, Envelope: make([]byte, crdt.MaxEvent+1)}},
		{"publish without id", &Publish{Draft: []byte("{}")}},
		{"ack with status 0", &Ack{ID: 1}},
		{"ack with status 3", &Ack{ID: 1, Status: 3}},
		{"ack with an arrival past 2^53", &Ack{ID: 1, Status: New, Arrival: 1 << 53}},
		{"live without envelope", &Live{Arrival: 1, Envelope: []byte{}}},
		{"live with a long envelope", &Live{Arrival: 1, Envelope: make([]byte, crdt.MaxEvent+1)}},
		{"view with an arrival past 2^53", &View{Arrival: 1 << 53}},
		{"events with none", &Events{Items: []Item{}}},
		{"events with 1,025", &Events{Items: manyItems(maxItems + 1)}},
		{"events with an arrival past 2^53", &Events{Items: []Item{{Arrival: 1 << 53, Bytes: []byte{}}}}},
		{"caught with an arrival past 2^53", &Caught{Arrival: 1 << 53}},
		{"held with devices past 2^53", &Held{Devices: 1 << 53}},
		{"compare without session", &Compare{}},
		{"compared without session", &Compared{}},
		{"equal without session", &Equal{}},
		{"recon without session", &Recon{Frame: []byte{1}}},
		{"recon without frame", &Recon{Session: 1, Frame: []byte{}}},
		{"recon with a long frame", &Recon{Session: 1, Frame: make([]byte, maxRecon+1)}},
		{"bodies without session", &Bodies{Envelopes: one}},
		{"bodies with none", &Bodies{Session: 1, Envelopes: [][]byte{}}},
		{"bodies with an empty envelope", &Bodies{Session: 1, Envelopes: [][]byte{{1}, {}}}},
		{"bodies with a long envelope", &Bodies{Session: 1, Envelopes: [][]byte{make([]byte, crdt.MaxEvent+1)}}},
		{"gone in set 3", &Gone{Session: 1, Set: 3}},
		{"fin without session", &Fin{}},
		{"proof without session", &Proof{}},
		{"ping with a number past 2^53", &Ping{Number: 1 << 53}},
		{"pong with a number past 2^53", &Pong{Number: 1 << 53}},
		{"bye without reason", &Bye{}},
		{"bye with a long reason", &Bye{Reason: long(maxName + 1)}},
		{"bye with a long detail", &Bye{Reason: "slow", Detail: long(maxText + 1)}},
		{"problem without name", &Problem{Status: 400}},
		{"problem with status 399", &Problem{Name: "x", Status: 399}},
		{"problem with status 600", &Problem{Name: "x", Status: 600}},
		{"problem with half a hash", &Problem{Name: "x", Status: 400, Hash: store}},
		{"offer without SDP", &Offer{ID: 1}},
		{"offer with a long SDP", &Offer{ID: 1, SDP: long(maxSDP + 1)}},
		{"answer without id", &Answer{SDP: "v=0"}},
		{"candidate that is empty", &Candidate{ID: 1}},
		{"candidate that is long", &Candidate{ID: 1, Candidate: long(maxText + 1)}},
	}
}

func manyItems(n int) (list []Item) {
	for i := range n {
		list = append(list, Item{Arrival: crdt.Arrival(i), Bytes: []byte{}})
	}
	return list
}
