package access

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"touchline.dev/touchline/crdt"
)

// RecordName names an erasable record by the hash of its ciphertext (rule R8):
// events refer to it by this name, and an erasure bars it, however often the
// same ciphertext is wrapped and signed again.
type RecordName crdt.Hash

// String returns 64 lower-case hexadecimal digits.
func (n RecordName) String() string { return crdt.Hash(n).String() }

// MarshalText implements encoding.TextMarshaler.
func (n RecordName) MarshalText() ([]byte, error) { return crdt.Hash(n).MarshalText() }

// UnmarshalText implements encoding.TextUnmarshaler.
func (n *RecordName) UnmarshalText(b []byte) error { return (*crdt.Hash)(n).UnmarshalText(b) }

// ParseRecordName reads what [RecordName.String] writes.
func ParseRecordName(s string) (RecordName, error) {
	h, err := crdt.ParseHash(s)
	return RecordName(h), err
}

// NameOfRecord returns the name of the record that an event of the records set
// carries. It needs no key: the payload is the wrapped record key, then the
// ciphertext ([crdt.RecordKeySize] divides them).
func NameOfRecord(e *crdt.Event) RecordName {
	if len(e.Payload) <= crdt.RecordKeySize {
		panic(fmt.Sprintf("record of %d bytes", len(e.Payload))) // crdt.Decode refuses it
	}
	return nameOfCiphertext(e.Payload[crdt.RecordKeySize:])
}

func nameOfCiphertext(sealed []byte) RecordName { return sha256.Sum256(sealed) }

// RecordKind tells records apart. Others than these are kept and not shown.
type RecordKind uint64

const (
	NameRecord   RecordKind = iota + 1 // Body is a person's full name
	TextRecord                         // Body is free text about an event or a person
	FieldsRecord                       // Body is a JSON object: fields of a legacy client that nobody here knows
)

// Consent says how a name may be shown to those who are not members; guardians
// decide. Nothing is a refusal. It is obeyed where views are served.
type Consent uint64

const (
	ConsentFirstName Consent = 1 << iota // the first name may be shown
	ConsentFullName                      // the full name may be shown
	NeverShow                            // not even the number, nor to members' screens at the pitch
)

// Limits of a [Record], in bytes.
const (
	MaxSubject   = 128
	MaxName      = 256
	MaxText      = 4096
	MaxRecordRaw = 8192 // of fields, and of kinds unknown here
)

// Record is what an erasable record says: a name or words about a subject, to
// which events refer by an opaque ID only.
type Record struct {
	Kind    RecordKind `cbor:"1,keyasint"`
	Subject string     `cbor:"2,keyasint"` // a player's opaque ID, or the hash of an event in hexadecimal
	Body    []byte     `cbor:"3,keyasint"`
	Consent Consent    `cbor:"4,keyasint,omitempty"`
}

// Encode checks the limits and returns the bytes to be padded and sealed.
func (r *Record) Encode() ([]byte, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	return crdt.EncodeCBOR(r), nil
}

// DecodeRecord reads what [Record.Encode] wrote.
func DecodeRecord(plain []byte) (*Record, error) {
	var r Record
	if err := crdt.DecodeCBOR(plain, &r); err != nil {
		return nil, err
	}
	return &r, r.check()
}

func (r *Record) check() error {
	bad := func(what string) error { return fmt.Errorf("%w: record: %s", crdt.ErrMalformed, what) }
	most := MaxRecordRaw
	switch r.Kind {
	case 0:
		return bad("no kind")
	case NameRecord:
		most = MaxName
	case TextRecord:
		most = MaxText
	case FieldsRecord:
		if len(r.Body) == 0 || r.Body[0] != '{' || !json.Valid(r.Body) {
			return bad("fields must be a JSON object")
		}
	}
	switch {
	case r.Subject == "" || len(r.Subject) > MaxSubject || !utf8.ValidString(r.Subject):
		return bad(fmt.Sprintf("the subject must have 1 to %d bytes", MaxSubject))
	case len(r.Body) == 0 || len(r.Body) > most:
		return bad(fmt.Sprintf("it must have 1 to %d bytes", most))
	case (r.Kind == NameRecord || r.Kind == TextRecord) && !utf8.Valid(r.Body):
		return bad("not UTF-8")
	}
	return nil
}
