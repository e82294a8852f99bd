package badgerstore

import (
	"encoding/binary"
	"fmt"
	"io"

	"touchline.dev/touchline/crdt"
)

// BackupContent is what a backup says it holds and lacks.
type BackupContent struct {
	Logs    int       `json:"logs"`
	Retired int       `json:"retired"`
	Events  int       `json:"events"`
	Control int       `json:"control"` // events of the control sets: rights and keys
	Erased  int       `json:"erased"`  // hashes barred for ever
	Missing []Missing `json:"missing"`

	log  crdt.LogID
	some bool // a log has begun
}

// Missing is what a store had of a log, but could not read for its backup.
type Missing struct {
	Log      crdt.LogID  `json:"matchId"`
	Hashes   []crdt.Hash `json:"events"`
	Nameless uint64      `json:"nameless,omitempty"` // entries, of which not even the hash is known
}

// Lacking is how many events and entries are missing in all logs together.
func (c *BackupContent) Lacking() (n uint64) {
	for _, m := range c.Missing {
		n += uint64(len(m.Hashes)) + m.Nameless
	}
	return n
}

// ReadBackup reads a backup to its end and says what is in it. The error wraps
// [ErrBackup] unless the backup is whole: all its checksums are right and each
// event belongs to its log. It changes nothing and keeps no events in memory.
func ReadBackup(r io.Reader) (what BackupContent, err error) {
	in, err := newFrameReader(r)
	if err != nil {
		return what, err
	}
	err = in.each(what.note)
	return what, err
}

// note counts a frame, after a look at whether it can be one.
func (c *BackupContent) note(kind byte, content []byte) error {
	hash := len(content) == crdt.HashSize
	switch {
	case kind == frameLog && hash:
		c.log, c.some = crdt.LogID(content), true
		c.Logs++
	case !c.some:
		return fmt.Errorf("%w: not of any log", ErrBackup)
	case kind == frameRetired && len(content) == 0:
		c.Retired++
	case kind == frameErased && hash:
		c.Erased++
	case kind == frameEvent:
		e, err := crdt.Decode(content)
		if err != nil || e.LogID() != c.log {
			return fmt.Errorf("%w: not an event of its log", ErrBackup)
		}
		if e.Set == crdt.Control {
			c.Control++
		} else {
			c.Events++
		}
	case kind == frameMissing && hash:
		m := c.missing()
		m.Hashes = append(m.Hashes, crdt.Hash(content))
	case kind == frameNameless && len(content) == 8:
		c.missing().Nameless += binary.BigEndian.Uint64(content)
	default:
		return fmt.Errorf("%w: unknown frame", ErrBackup)
	}
	return nil
}

// missing returns what is missing of the log in hand.
func (c *BackupContent) missing() *Missing {
	if n := len(c.Missing); n == 0 || c.Missing[n-1].Log != c.log {
		c.Missing = append(c.Missing, Missing{Log: c.log, Hashes: []crdt.Hash{}})
	}
	return &c.Missing[len(c.Missing)-1]
}
