package access

import (
	"fmt"

	"touchline.dev/touchline/crdt"
)

// Purposes of the keys around a record: see [Derive].
const (
	purposeRecord  = "seal record"     // of a record's own key: its content
	purposeWrap    = "wrap record"     // of the key around it: its own key
	purposeOpenLog = "open record key" // of the topic secret of a log that has no epochs
)

// OpenLogRecordKey is the key around the records of a log that is not sealed.
// Whoever follows the log has it: it keeps names from the network, not from
// members.
func OpenLogRecordKey(topicSecret []byte) []byte { return Derive(topicSecret, purposeOpenLog, keySize) }

// SealRecord returns the payload of a record: a fresh key, wrapped under the
// given one, and the content under the fresh key. Both are bound to the log, and
// the wrapped key to the record's name, so that neither means anything elsewhere.
// When all copies of the payload are destroyed, no key that is left opens the
// content from anywhere.
func SealRecord(log crdt.LogID, around []byte, r *Record) ([]byte, error) {
	return sealRecord(log, around, r, random(keySize), random(nonceSize), random(nonceSize))
}

func sealRecord(log crdt.LogID, around []byte, r *Record, key, nonce, wrapNonce []byte) ([]byte, error) {
	plain, err := r.Encode()
	if err != nil {
		return nil, err
	}
	sealed, err := sealPadded(key, purposeRecord, nonce, log[:], plain)
	if err != nil {
		return nil, err
	}
	return append(seal(around, purposeWrap, wrapNonce, wrapBound(log, nameOfCiphertext(sealed)), key), sealed...), nil
}

// OpenRecord reads the payload of a record. It returns an error wrapping
// [ErrSeal] when the key around it is another one, or anything was changed.
func OpenRecord(log crdt.LogID, around, payload []byte) (*Record, error) {
	if len(payload) <= crdt.RecordKeySize {
		return nil, fmt.Errorf("%w: record of %d bytes", crdt.ErrMalformed, len(payload))
	}
	wrapped, sealed := payload[:crdt.RecordKeySize], payload[crdt.RecordKeySize:]
	key, err := open(around, purposeWrap, wrapped, wrapBound(log, nameOfCiphertext(sealed)))
	if err != nil {
		return nil, fmt.Errorf("record's key: %w", err)
	}
	plain, err := openPadded(key, purposeRecord, sealed, log[:])
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	return DecodeRecord(plain)
}

func wrapBound(log crdt.LogID, name RecordName) []byte {
	return append(append(make([]byte, 0, 2*crdt.HashSize), log[:]...), name[:]...)
}
