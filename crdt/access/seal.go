package access

import (
	"crypto/cipher"
	"errors"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"

	"touchline.dev/touchline/crdt"
)

var (
	// ErrNoKey: this device holds no key with which to read or to write. Nobody's
	// fault; a key may come with more control events.
	ErrNoKey = errors.New("no key for it on this device")
	// ErrSeal: a key is there and does not open what was sealed: it is another
	// key, or ciphertext or header were moved or changed.
	ErrSeal = errors.New("the seal does not open")
)

// Purposes of the keys that are derived from an epoch's key ([Derive]): no
// ciphertext of one purpose means anything under another.
const (
	purposePayload    = "seal payload"
	purposeBox        = "seal box"
	purposeCarried    = "seal carried"
	purposeHint       = "seal hint"
	purposeCommitment = "epoch commitment"
)

const nonceSize = chacha20poly1305.NonceSizeX

// Seal returns the payload of an event with the header h: nonce, and the
// XChaCha20-Poly1305 of the padded content, bound to all of h. h names this
// epoch and its author, and is complete.
func (k *EpochKey) Seal(h crdt.Header, content []byte) ([]byte, error) {
	if h.Epoch != k.Name() {
		return nil, fmt.Errorf("seal: the header names epoch %s, the key is of %s", h.Epoch.Short(), k.Name().Short())
	}
	return sealPadded(k.Key, purposePayload, random(nonceSize), h.Protected(), content)
}

// Open returns the content of a sealed event.
func (k *EpochKey) Open(e *crdt.Event) ([]byte, error) {
	if e.Epoch != k.Name() {
		return nil, fmt.Errorf("open event %s: %w", e.Hash.Short(), ErrNoKey)
	}
	plain, err := openPadded(k.Key, purposePayload, e.Payload, e.Protected())
	if err != nil {
		return nil, fmt.Errorf("open event %s: %w", e.Hash.Short(), err)
	}
	return plain, nil
}

// Name is the hash of the epoch's control event.
func (k *EpochKey) Name() crdt.Hash { return crdt.Hash(k.Epoch) }

// For is the audience that holds the key.
func (k *EpochKey) For() Audience { return Audience{k.Audience, string(k.Scope)} }

func (k *EpochKey) valid() bool {
	return len(k.Epoch) == crdt.HashSize && len(k.Key) == keySize && validAudience(k.Audience, k.Scope)
}

func validKeys(keys []EpochKey) bool {
	for i := range keys {
		if !keys[i].valid() {
			return false
		}
	}
	return true
}

// commitment binds an epoch's control event to its key, so that all who are
// given one are given the same.
func commitment(key []byte) []byte { return Derive(key, purposeCommitment, keySize) }

func sealPadded(key []byte, purpose string, nonce, bound, plain []byte) ([]byte, error) {
	padded, err := crdt.Pad(plain)
	if err != nil {
		return nil, err
	}
	return seal(key, purpose, nonce, bound, padded), nil
}

func openPadded(key []byte, purpose string, sealed, bound []byte) ([]byte, error) {
	padded, err := open(key, purpose, sealed, bound)
	if err != nil {
		return nil, err
	}
	plain, err := crdt.Unpad(padded)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", crdt.ErrMalformed, err)
	}
	return plain, nil
}

// seal returns nonce and ciphertext.
func seal(key []byte, purpose string, nonce, bound, plain []byte) []byte {
	out := make([]byte, nonceSize, nonceSize+len(plain)+chacha20poly1305.Overhead)
	copy(out, nonce)
	return aead(key, purpose).Seal(out, nonce, plain, bound)
}

func open(key []byte, purpose string, sealed, bound []byte) ([]byte, error) {
	if len(sealed) < crdt.SealOverhead {
		return nil, fmt.Errorf("%w: %d bytes are too short", ErrSeal, len(sealed))
	}
	plain, err := aead(key, purpose).Open(nil, sealed[:nonceSize], sealed[nonceSize:], bound)
	if err != nil {
		return nil, fmt.Errorf("%w: another key, or moved or changed", ErrSeal)
	}
	return plain, nil
}

func aead(key []byte, purpose string) cipher.AEAD {
	a, err := chacha20poly1305.NewX(Derive(key, purpose, chacha20poly1305.KeySize))
	if err != nil {
		panic(err) // only for a key of another length
	}
	return a
}
