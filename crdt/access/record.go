package access

import (
	"crypto/sha256"
	"fmt"

	"touchline.dev/touchline/crdt"
)

// RecordName names an erasable record by the hash of its ciphertext (rule R8):
// events refer to it by this name, and an erasure bars it, however often the
// same ciphertext is wrapped and signed again.
type RecordName crdt.Hash

// String returns 64 lower-case hexadecimal digits.
func (n RecordName) String() string { return crdt.Hash(n).String() }

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
	return RecordName(sha256.Sum256(e.Payload[crdt.RecordKeySize:]))
}
