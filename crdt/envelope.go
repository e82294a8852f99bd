package crdt

import (
	"bytes"
	"crypto/ed25519"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// The envelope is COSE_Sign1 (RFC 9052, tag 18) in deterministic CBOR:
//
//	18([protected, {}, payload, signature])
//	protected = << {1: -8, 4: author, -65537: header} >>
//
// The header array is headerFields; docs/PROTOCOL.md section 2 explains it.
// The signature's external data names the protocol and the set, so that a
// signature made for one purpose is worth nothing for another.
const (
	coseSign1Tag = 18
	algEdDSA     = -8
	signContext  = "touchline/1 "
)

type protectedHeader struct {
	Alg    int64        `cbor:"1,keyasint"`
	Kid    []byte       `cbor:"4,keyasint"`
	Fields headerFields `cbor:"-65537,keyasint"`
}

type headerFields struct {
	_           struct{} `cbor:",toarray"`
	Version     uint64
	Set         uint64
	Log         []byte
	Incarnation []byte
	Seq         uint64
	Prev        []byte
	Time        uint64
	OwnMs       int64
	Grant       []byte
	Lane        uint64
	Epoch       []byte
	Refs        [][]byte
}

type sign1 struct {
	_           struct{} `cbor:",toarray"`
	Protected   []byte
	Unprotected map[int]int
	Payload     []byte
	Signature   []byte
}

type sigStructure struct {
	_           struct{} `cbor:",toarray"`
	Context     string
	Protected   []byte
	ExternalAAD []byte
	Payload     []byte
}

var (
	encMode = func() cbor.EncMode {
		m, err := cbor.CoreDetEncOptions().EncMode()
		if err != nil {
			panic(err)
		}
		return m
	}()
	decMode = func() cbor.DecMode {
		m, err := cbor.DecOptions{
			DupMapKey:         cbor.DupMapKeyEnforcedAPF,
			IndefLength:       cbor.IndefLengthForbidden,
			ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
			MaxArrayElements:  1024,
			MaxMapPairs:       256,
			MaxNestedLevels:   16,
		}.DecMode()
		if err != nil {
			panic(err)
		}
		return m
	}()
)

// EncodeCBOR is the one deterministic encoding (RFC 8949 section 4.2.1) that
// all our structures use. It panics on types that cannot be encoded.
func EncodeCBOR(v any) []byte {
	b, err := encMode.Marshal(v)
	if err != nil {
		panic("encode: " + err.Error())
	}
	return b
}

// DecodeCBOR reads exactly one item into v and demands that it is the
// deterministic encoding of what it decodes to.
func DecodeCBOR(b []byte, v any) error {
	if err := decodeAny(b, v); err != nil {
		return err
	}
	if again, err := encMode.Marshal(v); err != nil || !bytes.Equal(again, b) {
		return fmt.Errorf("%w: not in deterministic form", ErrMalformed)
	}
	return nil
}

// decodeAny is DecodeCBOR that leaves the form unchecked.
func decodeAny(b []byte, v any) error {
	if err := decMode.Unmarshal(b, v); err != nil {
		return fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	return nil
}

// Sign builds the event with the given header and payload, signed by key.
// h.Author is overwritten by the key's public half.
func Sign(key ed25519.PrivateKey, h Header, payload []byte) (*Event, error) {
	h.Author = Key(key.Public().(ed25519.PublicKey))
	if err := h.check(len(payload)); err != nil {
		return nil, err
	}
	protected := h.Protected()
	s := sign1{Protected: protected, Payload: payload}
	s.Signature = ed25519.Sign(key, toBeSigned(h.Set, protected, payload))
	envelope := s.encode()
	if len(envelope) > MaxEvent {
		return nil, ErrTooLarge
	}
	return &Event{Header: h, Payload: payload, Hash: Sum(envelope), envelope: envelope, protected: protected, signature: s.Signature}, nil
}

// Decode parses an envelope and checks everything that its clear bytes alone
// decide, except the signature: see [Event.Verify]. It keeps a reference to b.
// Errors are [ErrMalformed] or [ErrTooLarge].
func Decode(b []byte) (*Event, error) {
	if len(b) > MaxEvent {
		return nil, ErrTooLarge
	}
	return decode(b, Sum(b))
}

// DecodeKnown is Decode for bytes that were an event once and were kept under its hash:
// that settles their signature, too. Errors wrap [ErrCorrupt].
func DecodeKnown(b []byte, h Hash) (*Event, error) {
	if Sum(b) != h {
		return nil, fmt.Errorf("event %s: %w", h.Short(), ErrCorrupt)
	}
	e, err := decode(b, h)
	if err != nil {
		return nil, fmt.Errorf("event %s: %w: %v", h.Short(), ErrCorrupt, err)
	}
	return e, nil
}

// decode parses an envelope, whose hash is h.
func decode(b []byte, h Hash) (*Event, error) {
	e := &Event{Hash: h, envelope: b}
	r := reader{rest: b}
	r.exactly(0xc0|coseSign1Tag, majorArray<<5|4)
	e.protected = r.bytes()
	r.exactly(majorMap << 5)
	e.Payload, e.signature = r.bytes(), r.bytes()
	if !r.whole() || len(e.signature) != ed25519.SignatureSize {
		return nil, fmt.Errorf("%w: not a tagged COSE_Sign1 in deterministic form", ErrMalformed)
	}
	if err := e.Header.read(e.protected); err != nil {
		return nil, err
	}
	return e, e.Header.check(len(e.Payload))
}

// Verify checks the signature as [VerifyStrict] does.
func (e *Event) Verify() error {
	if !VerifyStrict(e.Author[:], e.signed(), e.signature) {
		return ErrSignature
	}
	return nil
}

// signed is what the signature is about.
func (e *Event) signed() []byte { return toBeSigned(e.Set, e.protected, e.Payload) }

// VerifyStrict checks an Ed25519 signature strictly: cofactorless, canonical
// scalar, and neither key nor nonce point of small order or in non-canonical
// form, so that every implementation comes to the same verdict, and no key is one
// under which anybody can sign (rule R3).
func VerifyStrict(key, message, signature []byte) bool {
	return len(key) == ed25519.PublicKeySize && len(signature) == ed25519.SignatureSize &&
		strictPoint(key) && strictPoint(signature[:32]) && ed25519.Verify(key, message, signature)
}

// Open parses and verifies in one call.
func Open(b []byte) (*Event, error) {
	e, err := Decode(b)
	if err != nil {
		return nil, err
	}
	return e, e.Verify()
}

func toBeSigned(set Set, protected, payload []byte) []byte {
	return EncodeCBOR(sigStructure{
		Context:     "Signature1",
		Protected:   protected,
		ExternalAAD: []byte(signContext + set.String()),
		Payload:     payload,
	})
}

func (s sign1) encode() []byte {
	if s.Unprotected == nil {
		s.Unprotected = map[int]int{}
	}
	return EncodeCBOR(cbor.Tag{Number: coseSign1Tag, Content: s})
}
