package access

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hpke"
	"fmt"

	"touchline.dev/touchline/crdt"
)

// Wraps are HPKE (RFC 9180) in base mode: DHKEM(X25519, HKDF-SHA256),
// HKDF-SHA256, ChaCha20-Poly1305, no associated data.
var (
	wrapKEM  = hpke.DHKEM(ecdh.X25519())
	wrapKDF  = hpke.HKDFSHA256()
	wrapAEAD = hpke.ChaCha20Poly1305()
)

// wrapInfo binds a wrap to its purpose, log, key and recipient.
func wrapInfo(log crdt.LogID, commitment []byte, grant crdt.Hash) []byte {
	return bytes.Join([][]byte{[]byte("touchline/1 wrap"), log[:], commitment, grant[:]}, nil)
}

// wrapKey gives a key to the holder of a grant. It fails for a public key that
// no honest device has.
func wrapKey(key []byte, public [hpkeKeySize]byte, log crdt.LogID, grant crdt.Hash) (Wrap, error) {
	pk, err := wrapKEM.NewPublicKey(public[:])
	if err == nil {
		var sealed []byte
		if sealed, err = hpke.Seal(pk, wrapKDF, wrapAEAD, wrapInfo(log, commitment(key), grant), key); err == nil {
			return Wrap{Grant: grant[:], Sealed: sealed}, nil
		}
	}
	return Wrap{}, fmt.Errorf("wrap a key for grant %s: %w", grant.Short(), err)
}

// openWrap returns the key in a wrap, if it is the one committed to.
func openWrap(sealed, private, committed []byte, log crdt.LogID, grant crdt.Hash) ([]byte, error) {
	sk, err := wrapKEM.NewPrivateKey(private)
	if err != nil {
		return nil, fmt.Errorf("%w: private key: %v", crdt.ErrMalformed, err)
	}
	key, err := hpke.Open(sk, wrapKDF, wrapAEAD, wrapInfo(log, committed, grant), sealed)
	if err != nil {
		return nil, fmt.Errorf("%w: wrap is for another key or grant, or changed", ErrSeal)
	}
	return committedKey(key, committed)
}

// carry seals the key of an earlier epoch under a later one's.
func carry(key []byte, log crdt.LogID, earlier *EpochKey) Carried {
	return Carried{Epoch: earlier.Epoch, Key: seal(key, purposeCarried, random(nonceSize), carriedBound(log, earlier.Epoch), earlier.Key)}
}

// openCarried returns the earlier epoch's key, if it is the one committed to.
func openCarried(c *Carried, key, committed []byte, log crdt.LogID) ([]byte, error) {
	earlier, err := open(key, purposeCarried, c.Key, carriedBound(log, c.Epoch))
	if err != nil {
		return nil, err
	}
	return committedKey(earlier, committed)
}

func carriedBound(log crdt.LogID, epoch []byte) []byte { return append(log[:], epoch...) }

func committedKey(key, committed []byte) ([]byte, error) {
	if len(key) != keySize || !bytes.Equal(commitment(key), committed) {
		return nil, fmt.Errorf("%w: the key is not the one that its epoch commits to", ErrSeal)
	}
	return key, nil
}
