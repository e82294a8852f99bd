package crdt

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// HashSize is the length of a [Hash] in bytes.
const HashSize = sha256.Size

// Hash is the SHA-256 of a whole event envelope: the identity of an event on
// the wire and in every set. The zero Hash names nothing.
type Hash [HashSize]byte

// Sum returns the Hash of an envelope.
func Sum(envelope []byte) Hash { return sha256.Sum256(envelope) }

// String returns 64 lower-case hexadecimal digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// Short returns the first eight digits, for people; it identifies nothing.
func (h Hash) Short() string { return hex.EncodeToString(h[:4]) }

// IsZero reports whether h names nothing.
func (h Hash) IsZero() bool { return h == Hash{} }

// Compare orders hashes as byte strings.
func (h Hash) Compare(o Hash) int { return bytes.Compare(h[:], o[:]) }

// MarshalText implements encoding.TextMarshaler.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (h *Hash) UnmarshalText(b []byte) error {
	p, err := ParseHash(string(b))
	*h = p
	return err
}

// ParseHash reads what [Hash.String] writes.
func ParseHash(s string) (Hash, error) {
	var h Hash
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != HashSize {
		return h, fmt.Errorf("%q is not a hash of %d hexadecimal digits", s, 2*HashSize)
	}
	return Hash(b), nil
}

// LogID names a log: it is the Hash of the founding record of a match or a
// team (rule R15), in a type of its own so that the compiler keeps the two
// apart.
type LogID Hash

// String returns 64 lower-case hexadecimal digits.
func (l LogID) String() string { return Hash(l).String() }

// Short returns the first eight digits, for people.
func (l LogID) Short() string { return Hash(l).Short() }

// IsZero reports whether l names no log.
func (l LogID) IsZero() bool { return l == LogID{} }

// MarshalText implements encoding.TextMarshaler.
func (l LogID) MarshalText() ([]byte, error) { return Hash(l).MarshalText() }

// UnmarshalText implements encoding.TextUnmarshaler.
func (l *LogID) UnmarshalText(b []byte) error { return (*Hash)(l).UnmarshalText(b) }

// ParseLogID reads what [LogID.String] writes.
func ParseLogID(s string) (LogID, error) {
	h, err := ParseHash(s)
	return LogID(h), err
}
