package access

import (
	"bytes"
	"encoding/json"
	"fmt"

	"touchline.dev/touchline/crdt"
)

// Part is what only a narrower audience may see of an event. It lies in a box
// inside the content, beside a neutral stub that all readers see ("play
// stopped") (rule R7).
type Part struct {
	Type string `cbor:"1,keyasint"`
	Team string `cbor:"2,keyasint,omitempty"`
	Data []byte `cbor:"3,keyasint,omitempty"` // a JSON object
}

// box is a sealed Part. It names its epoch, so that a reader knows which key.
type box struct {
	_      struct{} `cbor:",toarray"`
	Epoch  []byte
	Sealed []byte
}

// Same reports whether two parts say the same.
func (p *Part) Same(o *Part) bool {
	return p.Type == o.Type && p.Team == o.Team && bytes.Equal(p.compact().Data, o.compact().Data)
}

// compact is the one form in which a part is sealed.
func (p *Part) compact() *Part {
	out := *p
	var buf bytes.Buffer
	if len(p.Data) > 0 && json.Compact(&buf, p.Data) == nil {
		out.Data = buf.Bytes()
	}
	return &out
}

// SealBox seals a part into a box of an event with the header h, which is
// complete and names its author.
func (k *EpochKey) SealBox(h crdt.Header, p *Part) ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	return k.sealBox(h, random(nonceSize), p.compact())
}

func (k *EpochKey) sealBox(h crdt.Header, nonce []byte, p *Part) ([]byte, error) {
	sealed, err := sealPadded(k.Key, purposeBox, nonce, h.Protected(), crdt.EncodeCBOR(p))
	if err != nil {
		return nil, err
	}
	return crdt.EncodeCBOR(box{Epoch: k.Epoch, Sealed: sealed}), nil
}

// OpenBox opens a box of an event with the header h.
func (k *EpochKey) OpenBox(h crdt.Header, b []byte) (*Part, error) {
	bx, err := decodeBox(b)
	if err != nil {
		return nil, err
	}
	if crdt.Hash(bx.Epoch) != k.Name() {
		return nil, fmt.Errorf("open box: %w", ErrNoKey)
	}
	plain, err := openPadded(k.Key, purposeBox, bx.Sealed, h.Protected())
	if err != nil {
		return nil, fmt.Errorf("open box: %w", err)
	}
	var p Part
	if err := crdt.DecodeCBOR(plain, &p); err != nil {
		return nil, fmt.Errorf("box: %w", err)
	}
	return &p, p.check()
}

func decodeBox(b []byte) (*box, error) {
	var bx box
	if err := crdt.DecodeCBOR(b, &bx); err != nil {
		return nil, fmt.Errorf("box: %w", err)
	}
	if len(bx.Epoch) != crdt.HashSize || len(bx.Sealed) < crdt.SealOverhead {
		return nil, fmt.Errorf("%w: box", crdt.ErrMalformed)
	}
	return &bx, nil
}

func (p *Part) check() error {
	if p.Type == "" || len(p.Type) > crdt.MaxType || len(p.Data) > 0 && (p.Data[0] != '{' || !json.Valid(p.Data)) {
		return fmt.Errorf("%w: type or data of a box", crdt.ErrMalformed)
	}
	return nil
}
