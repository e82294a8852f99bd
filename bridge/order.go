package bridge

import (
	"crypto/sha256"
	"sort"

	"touchline.dev/touchline/crdt"
)

// orderName names a beginning of a log in one order of arrival: it hashes the
// events in it. Who knows it has had just these, whatever became of the store
// since: a store that was killed has another name and the same order, one that
// was restored or built anew may have another order. Zero: nothing.
type orderName [12]byte

func (n orderName) then(e crdt.Hash) orderName {
	sum := sha256.Sum256(append(n[:], e[:]...))
	return orderName(sum[:])
}

// place is how far somebody has had a log, as this store has it.
type place struct {
	at    crdt.Arrival
	order orderName // of the events up to there
	told  orderName // of those of them that outsiders may see
}

// unseen is a place as it is named to who may not see the result: the name of all
// events would change with each goal.
func (p place) unseen() place {
	p.order = p.told
	return p
}

// order are the places of a log so far, one after each event.
type order []place

// last is the place after all events.
func (o order) last() place {
	if len(o) == 0 {
		return place{}
	}
	return o[len(o)-1]
}

// add notes the next event, once, and returns the place after it. outward: outsiders
// may see it.
func (o *order) add(en crdt.Entry, outward bool) place {
	last := o.last()
	if en.Arrival <= last.at {
		return o.after(en.Arrival)
	}
	p := place{en.Arrival, last.order.then(en.Element.Hash), last.told}
	if outward {
		p.told = last.told.then(en.Element.Hash)
	}
	*o = append(*o, p)
	return p
}

// of returns the place with a name; the beginning if there is none. Of several with
// the same name for outsiders it is the first.
func (o order) of(name orderName) (p place) {
	if name == (orderName{}) {
		return p
	}
	for i := len(o) - 1; i >= 0; i-- { // those who come back have had most of it
		switch {
		case o[i].order == name:
			return o[i]
		case o[i].told == name:
			p = o[i]
		case p.at > 0:
			return p
		}
	}
	return p
}

// after returns the place after the event at an arrival.
func (o order) after(at crdt.Arrival) place {
	n := sort.Search(len(o), func(i int) bool { return o[i].at > at })
	return o[:n].last()
}
