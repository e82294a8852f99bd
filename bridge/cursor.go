package bridge

import (
	"encoding/hex"
	"strconv"
	"strings"

	"touchline.dev/touchline/crdt"
)

// cursor is a place in one store's order of arrival. The store is part of it,
// since an arrival means nothing to any other store.
type cursor struct {
	store [8]byte // the beginning of the StoreID
	at    crdt.Arrival
	// told: at counts the events that outsiders may see instead, for who may not see it. The
	// order of arrival would say how many others there are.
	told bool
}

var errCursor = badRequest("the cursor was not made by this program; leave it out to begin at the beginning")

func cursorAt(store crdt.StoreID, at crdt.Arrival) cursor {
	return cursor{store: [8]byte(store[:8]), at: at}
}

// String is opaque to clients.
func (c cursor) String() string {
	mark := "."
	if c.told {
		mark = toldMark
	}
	return hex.EncodeToString(c.store[:]) + mark + strconv.FormatUint(uint64(c.at), 10)
}

const toldMark = ".t"

func parseCursor(s string) (c cursor, err error) {
	name, number, ok := strings.Cut(s, ".")
	b, errName := hex.DecodeString(name)
	number, told := strings.CutPrefix(number, toldMark[1:])
	at, errNumber := strconv.ParseUint(number, 10, 63)
	if !ok || errName != nil || len(b) != len(c.store) || errNumber != nil {
		return c, errCursor
	}
	return cursor{store: [8]byte(b), at: crdt.Arrival(at), told: told}, nil
}

// of reports whether the cursor was made by this store.
func (c cursor) of(store crdt.StoreID) bool { return c.store == [8]byte(store[:8]) }
