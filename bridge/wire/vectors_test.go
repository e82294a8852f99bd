package wire

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"touchline.dev/touchline/crdt"
)

var rewrite = flag.Bool("rewrite", false, "write docs/vectors/bridge.json anew")

const vectorFile = "../../docs/vectors/bridge.json"

// vectors are what other implementations are held to. Fields of a valid frame
// are by their CBOR keys: bytes as 0x and hexadecimal digits, a number past
// 2^53 as a text that ends in n.
type vectors struct {
	Valid   []validVector   `json:"valid"`
	Invalid []invalidVector `json:"invalid"`
}

type validVector struct {
	Name   string         `json:"name"`
	Bytes  string         `json:"bytes"`
	Fields map[string]any `json:"fields"`
}

type invalidVector struct {
	Name  string `json:"name"`
	Bytes string `json:"bytes"`
}

func TestVectors(t *testing.T) {
	made := makeVectors(t)
	if *rewrite {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetIndent("", " ")
		enc.SetEscapeHTML(false)
		if err := enc.Encode(made); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(vectorFile, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(vectorFile)
	if err != nil {
		t.Fatal(err)
	}
	var kept vectors
	if err := json.Unmarshal(b, &kept); err != nil {
		t.Fatal(err)
	}
	again, _ := json.Marshal(made)
	now, _ := json.Marshal(kept)
	if !bytes.Equal(again, now) {
		t.Error("docs/vectors/bridge.json is not what the codec makes; frames never change unless the version does")
	}
	for _, v := range kept.Valid {
		frame, err := hex.DecodeString(v.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		f, err := Decode(frame)
		if err != nil {
			t.Errorf("%s: %v", v.Name, err)
		} else if !bytes.Equal(Encode(f), frame) {
			t.Errorf("%s: decoded and encoded, it is another", v.Name)
		}
	}
	for _, v := range kept.Invalid {
		frame, err := hex.DecodeString(v.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if f, err := Decode(frame); !errors.Is(err, crdt.ErrMalformed) && !errors.Is(err, crdt.ErrTooLarge) {
			t.Errorf("%s: decoded to %#v, %v", v.Name, f, err)
		}
	}
}

// Every kind is in the vectors, so that none is forgotten.
func TestVectorsAreComplete(t *testing.T) {
	seen := map[Kind]bool{}
	for _, s := range samples() {
		seen[s.frame.kind()] = true
		if s.frame.kind().String() != strings.ToLower(reflect.TypeOf(s.frame).Elem().Name()) {
			t.Errorf("%T is called %s", s.frame, s.frame.kind())
		}
	}
	for k := Kind(1); newFrame(k) != nil; k++ {
		if !seen[k] {
			t.Errorf("no %s", k)
		}
	}
	if n := len(kindNames) - 1; len(seen) != n {
		t.Errorf("%d kinds of %d", len(seen), n)
	}
}

// longVector is the length from which on one frame of a sort is enough.
const longVector = 2000

func makeVectors(t *testing.T) (v vectors) {
	kinds := map[Kind]bool{}
	for _, s := range samples() {
		b := Encode(s.frame)
		v.Valid = append(v.Valid, validVector{s.name, hex.EncodeToString(b), fieldsOf(t, b)})
		if k := s.frame.kind(); !kinds[k] {
			kinds[k] = true
			v.Invalid = append(v.Invalid, broken(t, s, b)...)
		}
	}
	for _, s := range outOfRange() {
		s.frame.setKind(s.frame.kind())
		b := crdt.EncodeCBOR(s.frame)
		if _, err := Decode(b); err == nil {
			t.Errorf("%s: decoded", s.name)
		}
		if len(b) <= longVector || s.frame.kind() == KindLive {
			v.Invalid = append(v.Invalid, invalidVector{s.name, hex.EncodeToString(b)})
		}
	}
	for _, o := range []struct {
		name  string
		bytes []byte
	}{
		{"nothing", nil}, {"an array", []byte{0x81, 0x00}}, {"a number", []byte{0x01}}, {"an empty map", []byte{0xa0}},
		{"kind 0", []byte{0xa1, 0x00, 0x00}}, {"kind 33", []byte{0xa1, 0x00, 0x18, 33}}, {"kind 256", []byte{0xa1, 0x00, 0x19, 1, 0}},
		{"kind as text", []byte{0xa1, 0x00, 0x61, '1'}}, {"no kind", []byte{0xa1, 0x01, 0x01}}, {"negative kind", []byte{0xa1, 0x00, 0x20}},
		{"text as key", []byte{0xa2, 0x00, 0x0a, 0x61, '1', 0x01}}, {"longer than a frame", make([]byte, MaxFrame+1)},
	} {
		v.Invalid = append(v.Invalid, invalidVector{o.name, hex.EncodeToString(o.bytes)})
	}
	return v
}

// pair is a key of a frame with its value, encoded.
type pair struct {
	key   uint64
	value []byte
}

func pairsOf(t *testing.T, frame []byte) (list []pair) {
	var m map[uint64]cbor.RawMessage
	if err := cbor.Unmarshal(frame, &m); err != nil {
		t.Fatal(err)
	}
	for k, v := range m {
		list = append(list, pair{k, v})
	}
	slices.SortFunc(list, func(a, b pair) int { return int(a.key) - int(b.key) })
	return list
}

func join(list []pair) []byte {
	b := []byte{0xa0 + byte(len(list))}
	for _, p := range list {
		b = append(append(b, byte(p.key)), p.value...)
	}
	return b
}

// broken are all the ways in which the form of a frame can be wrong.
func broken(t *testing.T, s sample, frame []byte) (out []invalidVector) {
	add := func(how string, b []byte) {
		out = append(out, invalidVector{s.name + ": " + how, hex.EncodeToString(b)})
	}
	list := pairsOf(t, frame)
	add("cut off", frame[:len(frame)-1])
	add("with more behind it", append(slices.Clone(frame), 0))
	add("in a tag", append([]byte{0xc1}, frame...))
	add("of indefinite length", append(append([]byte{0xbf}, frame[1:]...), 0xff))
	add("with an unknown key", join(append(slices.Clone(list), pair{22, []byte{0x01}})))
	add("with a key twice", join(append(slices.Clone(list), list[len(list)-1])))
	swapped := slices.Clone(list)
	swapped[0], swapped[1] = swapped[1], swapped[0]
	add("with keys out of order", join(swapped))
	for i, p := range list[1:] {
		with := func(value []byte) []byte {
			l := slices.Clone(list)
			l[i+1].value = value
			return join(l)
		}
		field := fmt.Sprintf("field %d ", p.key)
		optional, fixed := formOf(s.frame, p.key)
		if optional {
			add(field+"empty", with(emptyLike(p.value)))
		} else {
			add(field+"missing", join(slices.Delete(slices.Clone(list), i+1, i+2)))
		}
		for _, wrong := range otherTypes(p.value) {
			add(field+wrong.name, with(wrong.value))
		}
		if fixed > 0 {
			long := append([]byte{0x58, byte(fixed + 1)}, make([]byte, fixed+1)...)
			short := append([]byte{0x58, byte(fixed - 1)}, make([]byte, fixed-1)...)
			if fixed-1 < 24 {
				short = append([]byte{0x40 + byte(fixed-1)}, make([]byte, fixed-1)...)
			}
			if fixed+1 < 24 {
				long = append([]byte{0x40 + byte(fixed+1)}, make([]byte, fixed+1)...)
			}
			add(field+"too long", with(long))
			add(field+"too short", with(short))
		}
	}
	return out
}

// formOf says whether a field may be left out, and its length if that is fixed.
func formOf(f Frame, key uint64) (optional bool, fixed int) {
	typ := reflect.TypeOf(f).Elem()
	for i := range typ.NumField() {
		tag := typ.Field(i).Tag.Get("cbor")
		if number, rest, _ := strings.Cut(tag, ","); number == fmt.Sprint(key) {
			if typ.Field(i).Type.Kind() == reflect.Array {
				fixed = typ.Field(i).Type.Len()
			}
			return strings.Contains(rest, "omitempty"), fixed
		}
	}
	return false, 0
}

// emptyLike is the empty value of the same type.
func emptyLike(value []byte) []byte {
	switch major := value[0] >> 5; major {
	case 7:
		return []byte{0xf4} // false
	default:
		return []byte{major << 5}
	}
}

type otherType struct {
	name  string
	value []byte
}

// otherTypes are values that stand where another type belongs.
func otherTypes(value []byte) (out []otherType) {
	all := []otherType{
		{"as number", []byte{0x01}}, {"as bytes", []byte{0x41, 1}}, {"as text", []byte{0x61, '1'}},
		{"as list", []byte{0x81, 0x01}}, {"as null", []byte{0xf6}}, {"as float", []byte{0xf9, 0x3c, 0x00}}, {"negative", []byte{0x20}},
	}
	own := map[byte]string{0: "as number", 2: "as bytes", 3: "as text", 4: "as list"}[value[0]>>5]
	for _, o := range all {
		if o.name != own {
			out = append(out, o)
		}
	}
	if value[0]>>5 == 0 && value[0] < 24 {
		out = append(out, otherType{"as a longer number", []byte{0x18, value[0]}})
	}
	return out
}

// fieldsOf is a frame in JSON.
func fieldsOf(t *testing.T, frame []byte) map[string]any {
	out := map[string]any{}
	for _, p := range pairsOf(t, frame) {
		var v any
		if err := cbor.Unmarshal(p.value, &v); err != nil {
			t.Fatal(err)
		}
		out[fmt.Sprint(p.key)] = jsonOf(v)
	}
	return out
}

func jsonOf(v any) any {
	switch v := v.(type) {
	case []byte:
		return "0x" + hex.EncodeToString(v)
	case uint64:
		if v > MaxSafe {
			return fmt.Sprint(v) + "n"
		}
	case []any:
		for i := range v {
			v[i] = jsonOf(v[i])
		}
	case map[any]any:
		out := map[string]any{}
		for k, x := range v {
			out[fmt.Sprint(k)] = jsonOf(x)
		}
		return out
	}
	return v
}
