package access

import "touchline.dev/touchline/crdt"

// For vectors, with fixed nonces.
var (
	Commitment = commitment
	OpenWrap   = openWrap
)

func (k *EpochKey) SealWith(nonce []byte, h crdt.Header, content []byte) ([]byte, error) {
	return sealPadded(k.Key, purposePayload, nonce, h.Protected(), content)
}

func (k *EpochKey) SealBoxWith(nonce []byte, h crdt.Header, p *Part) ([]byte, error) {
	return k.sealBox(h, nonce, p)
}

func CarryWith(nonce, key []byte, log crdt.LogID, epoch crdt.Hash, earlier []byte) []byte {
	return seal(key, purposeCarried, nonce, carriedBound(log, epoch[:]), earlier)
}

func OpenCarried(sealed, key, committed []byte, log crdt.LogID, epoch crdt.Hash) ([]byte, error) {
	return openCarried(&Carried{Epoch: epoch[:], Key: sealed}, key, committed, log)
}

func WrapKey(key, public []byte, log crdt.LogID, grant crdt.Hash) ([]byte, error) {
	w, err := wrapKey(key, [hpkeKeySize]byte(public), log, grant)
	return w.Sealed, err
}
