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

// ForeignEpoch is the content of an epoch as nobody honest makes one: for any
// audience, following any epoch by name, given to anybody.
func ForeignEpoch(c *Control, a Audience, follows crdt.Hash, to ...crdt.Hash) []byte {
	key := random(keySize)
	e := Epoch{
		Kind: KindEpoch, Audience: a.Bit, Scope: []byte(a.Scope), Commitment: commitment(key),
		Follows: []Carried{{Epoch: follows[:], Key: random(carriedSize)}}, Wraps: []Wrap{},
	}
	for _, g := range to {
		w, err := wrapKey(key, c.rights[g].hpke, c.log, g)
		if err != nil {
			panic(err)
		}
		e.Wraps = append(e.Wraps, w)
	}
	return crdt.EncodeCBOR(e)
}

// ForeignWraps is the content of a wraps event that gives nothing and says it does.
func ForeignWraps(epoch crdt.Hash, to crdt.Hash) []byte {
	return wrapsEvents(epoch, []Wrap{{Grant: to[:], Sealed: random(wrapSize)}})[0]
}
