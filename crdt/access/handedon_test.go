package access_test

import (
	"slices"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// handedOn reports whether somebody who did not know yet that d was cut off gave it
// a key to a text, in an event that the text's author had not heard of. Nothing can
// hinder that: whoever holds a key may show it to whom it trusts.
func (w *sealedWorld) handedOn(s sealedEvent, d *party, all []*crdt.Event) bool {
	mine := []crdt.Hash{d.Grant}
	if r, _ := d.control.Right(d.Grant); !r.Parent.IsZero() {
		mine = append(mine, r.Parent) // an enrolment opens what its invite was given
	}
	var given []crdt.Hash
	for _, e := range all {
		if s.knew[e.Hash] == nil && slices.Contains(w.ignored[e.Hash], d) {
			given = append(given, w.givenTo(e, mine)...)
		}
	}
	return slices.ContainsFunc(given, func(epoch crdt.Hash) bool { return w.opens(all, epoch, s.event.Epoch) })
}

// givenTo is the epoch, if any, whose key a control event wraps for one of the rights.
func (w *sealedWorld) givenTo(event *crdt.Event, rights []crdt.Hash) []crdt.Hash {
	epoch, wraps := w.wrapped(event)
	if slices.ContainsFunc(wraps, func(wrap access.Wrap) bool { return slices.Contains(rights, crdt.Hash(wrap.Grant)) }) {
		return []crdt.Hash{epoch}
	}
	return nil
}

// wrapped is what a control event wraps: an epoch's key, for some.
func (w *sealedWorld) wrapped(event *crdt.Event) (crdt.Hash, []access.Wrap) {
	plain, _ := event.Plain()
	var e access.Epoch
	var more access.Wraps
	switch {
	case crdt.DecodeCBOR(plain, &e) == nil && e.Kind == access.KindEpoch:
		return event.Hash, e.Wraps
	case crdt.DecodeCBOR(plain, &more) == nil && more.Kind == access.KindWraps:
		return crdt.Hash(more.Epoch), more.Wraps
	}
	return crdt.Hash{}, nil
}

// opens reports whether the key of one epoch leads to that of another, by what epochs carry.
func (w *sealedWorld) opens(all []*crdt.Event, epoch, other crdt.Hash) bool {
	if epoch == other {
		return true
	}
	at := slices.IndexFunc(all, func(e *crdt.Event) bool { return e.Hash == epoch })
	if at < 0 {
		return false
	}
	var e access.Epoch
	plain, _ := all[at].Plain()
	if err := crdt.DecodeCBOR(plain, &e); err != nil {
		w.t.Fatal(err)
	}
	return slices.ContainsFunc(e.Follows, func(c access.Carried) bool { return w.opens(all, crdt.Hash(c.Epoch), other) })
}
