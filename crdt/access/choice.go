package access

import (
	"fmt"
	"maps"
	"slices"

	"touchline.dev/touchline/crdt"
)

// Choose returns the key with which this device seals now for an audience (rule
// R9): the first of [Control.Heads] that it holds. A device that holds none of
// them yet does not stop recording: it uses a key whose epoch it has not heard
// of, from an invite, or an older one, but never knowingly one that somebody who
// was cut off has, as long as there is a head that nobody such has. Then, and
// without any key, the error is [ErrNoKey].
func (k *Keyring) Choose(a Audience) (EpochKey, error) {
	h := k.control.headsNow(a)
	held := map[crdt.Hash]EpochKey{}
	for _, key := range k.Keys() {
		if key.For() == a {
			held[key.Name()] = key
		}
	}
	order := h.clean
	if len(order) == 0 {
		order = h.leaky
	}
	for _, name := range slices.Concat(order, unheard(held, h), older(held, h)) {
		if key, ok := held[name]; ok {
			return key, nil
		}
	}
	if len(h.present) > 0 {
		return EpochKey{}, fmt.Errorf("%w: it was not given the key of the present epoch", ErrNoKey)
	}
	return EpochKey{}, ErrNoKey
}

// unheard are the keys held of epochs that are not present and not known to be
// followed, ascending.
func unheard(held map[crdt.Hash]EpochKey, h *heads) []crdt.Hash {
	return sortedIf(held, func(name crdt.Hash) bool { return h.present[name] == nil && !h.followed[name] && !h.foreign[name] })
}

// older are the keys held of present epochs that did not leak, the newest
// first, then ascending.
func older(held map[crdt.Hash]EpochKey, h *heads) []crdt.Hash {
	safe := map[crdt.Hash]*ruling[Epoch]{}
	for name := range held {
		if e := h.present[name]; e != nil && !h.leaking[name] {
			safe[name] = e
		}
	}
	return newest(safe, followed(safe))
}

func sortedIf(held map[crdt.Hash]EpochKey, ok func(crdt.Hash) bool) []crdt.Hash {
	var out []crdt.Hash
	for name := range maps.Keys(held) {
		if ok(name) {
			out = append(out, name)
		}
	}
	slices.SortFunc(out, crdt.Hash.Compare)
	return out
}

// ForInvite returns the keys that an invite on these terms carries: the current
// ones, which carry all earlier ones. They must be given to the invite's grant as well
// ([Keyring.Give]) before anybody sees the invite: a key that is known to be with
// somebody who is cut off later is one that is replaced then.
func (k *Keyring) ForInvite(t Terms) []EpochKey {
	if !t.Role.MayRead() {
		return nil
	}
	return k.current(func(a Audience) bool {
		switch {
		case a.Bit&t.Audiences == 0:
			return false
		case a.Bit == AudienceStaff:
			return t.Team == "" || a == k.member.Staff(t.Team)
		case a.Bit == AudienceGuardians:
			return t.Child != "" && a == k.member.Guardians(t.Team, t.Child)
		}
		return true
	})
}

// ForSuccessor returns the keys that the invite of a hand-over carries: the
// current ones of all audiences that this device is part of.
func (k *Keyring) ForSuccessor() []EpochKey { return k.current(func(Audience) bool { return true }) }

// current returns the keys held that are heads, or of epochs not heard of yet.
func (k *Keyring) current(of func(Audience) bool) (out []EpochKey) {
	for _, key := range k.Keys() {
		if a := key.For(); of(a) {
			h := k.control.headsNow(a)
			if slices.Contains(h.choice(), key.Name()) || h.present[key.Name()] == nil && !h.followed[key.Name()] && !h.foreign[key.Name()] {
				out = append(out, key)
			}
		}
	}
	return out[:min(len(out), maxInviteKeys)]
}

// headsNow is headsOf for a caller without the lock. The result is not changed any more.
func (c *Control) headsNow(a Audience) *heads {
	j, done := c.judgement()
	defer done()
	return c.headsOf(j, a)
}
