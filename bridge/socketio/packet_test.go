package socketio

import (
	"strings"
	"testing"
)

func TestPackets(t *testing.T) {
	for in, want := range map[string]packet{
		"0":                   {kind: typeConnect, namespace: "/"},
		`0{"token":"t"}`:      {kind: typeConnect, namespace: "/", data: []byte(`{"token":"t"}`)},
		"0/admin,":            {kind: typeConnect, namespace: "/admin"},
		`0/admin?x=1,{"a":1}`: {kind: typeConnect, namespace: "/admin", data: []byte(`{"a":1}`)},
		"1":                   {kind: typeDisconnect, namespace: "/"},
		`2["a",1]`:            {kind: typeEvent, namespace: "/", data: []byte(`["a",1]`)},
		`212["a"]`:            {kind: typeEvent, namespace: "/", ack: "12", data: []byte(`["a"]`)},
		`30[]`:                {kind: typeAck, namespace: "/", ack: "0", data: []byte(`[]`)},
		`51-7["a",{"_placeholder":true,"num":0}]`: {kind: typeBinaryEvent, attachments: 1, namespace: "/", ack: "7", data: []byte(`["a",{"_placeholder":true,"num":0}]`)},
	} {
		got, err := parsePacket([]byte(in))
		if err != nil || got.kind != want.kind || got.attachments != want.attachments || got.namespace != want.namespace || got.ack != want.ack || string(got.data) != string(want.data) {
			t.Errorf("%s: got %+v, %v", in, got, err)
		}
	}
	for _, in := range []string{
		"", "7", "x", "2", `2{"a":1}`, `2["a"`, `2"a"`, "3", `3[]`, `0[1]`, "1{}", `4{"message":"no"}`,
		`5["a"]`, `5-["a"]`, `517-["a"]`, `5999999999999-["a"]`, `21234567890123456["a"]`,
		"0/" + strings.Repeat("n", 200) + ",", `2["a"]["b"]`,
	} {
		if p, err := parsePacket([]byte(in)); err == nil {
			t.Errorf("%q was taken as %+v", in, p)
		}
	}
}

func TestEventNames(t *testing.T) {
	for in, want := range map[string]string{`2["a",{"b":[1]}]`: "a", `2["\u0061"]`: "a", `2[]`: "", `2[1]`: "", `2[["a"]]`: "", `2[null]`: ""} {
		p, err := parsePacket([]byte(in))
		if err != nil {
			t.Fatal(err)
		}
		if name, _, err := p.event(); name != want || (err != nil) != (want == "") {
			t.Errorf("%s: %q, %v", in, name, err)
		}
	}
}

func FuzzPacket(f *testing.F) {
	for _, s := range []string{"0", `2["a",1]`, `51-7["a",{"_placeholder":true,"num":0}]`, `0/x,{"a":1}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, err := parsePacket(b); err == nil {
			p.event()
		}
	})
}
