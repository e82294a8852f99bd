package access

import (
	"fmt"
	"slices"

	"touchline.dev/touchline/crdt"
)

// Rotation is a new epoch before its control event is signed. Sign and commit
// Content, then what More returns for the hash of that event.
type Rotation struct {
	Content []byte
	// Partial says that there are more heads than one epoch can follow. This one
	// follows some and is mostly wrapped to its author only: rotate again when it is
	// committed, until one is not partial and follows the rest, and these.
	Partial bool

	epoch Epoch
	key   []byte
	rest  []Wrap
}

// Rotate makes a new epoch for an audience (rule R9). It carries the keys of the
// audience's heads, and of epochs that lost their standing, as far as this device
// holds them, and is wrapped to all who stand and may read: devices, and open
// invites. Rights that were cut off get none. Guardians are those of the epochs
// before and those in add; the caller is always among them.
func (k *Keyring) Rotate(a Audience, add ...crdt.Hash) (*Rotation, error) {
	if !validAudience(a.Bit, []byte(a.Scope)) {
		return nil, fmt.Errorf("rotate: %w: audience", crdt.ErrMalformed)
	}
	named := map[crdt.Hash]bool{k.member.Grant: true}
	for _, g := range add {
		named[g] = true
	}
	c := k.control
	j, done := c.judgement()
	to := c.readers(j, k.member.TopicSecret, a, named)
	h := c.headsOf(j, a)
	own := c.rights[k.member.Grant]
	mine := own != nil && c.keeps(own, a) && slices.Contains(to, own)
	done()
	if !mine {
		return nil, fmt.Errorf("rotate: %w: this device may not read what it would seal", crdt.ErrForbidden)
	}
	r := &Rotation{key: random(keySize)}
	r.epoch = Epoch{
		Kind: KindEpoch, Audience: a.Bit, Scope: []byte(a.Scope), Commitment: commitment(r.key), Follows: []Carried{}, Wraps: []Wrap{},
	}
	for _, name := range slices.Concat(h.choice(), h.loose) {
		earlier, err := k.Key(name)
		if err != nil {
			continue
		}
		if r.Partial = len(r.epoch.Follows) == maxEpochHeads; r.Partial {
			if a.Bit != AudienceGuardians { // whose readers are known by what was wrapped to them
				to = slices.DeleteFunc(to, func(r *right) bool { return r.hash != k.member.Grant })
			}
			break
		}
		r.epoch.Follows = append(r.epoch.Follows, carry(r.key, k.member.Log, &earlier))
	}
	wraps := k.wrapTo(r.key, to)
	r.epoch.Wraps, r.rest = wraps[:min(len(wraps), maxWraps)], wraps[min(len(wraps), maxWraps):]
	r.Content = crdt.EncodeCBOR(r.epoch)
	return r, nil
}

// Key is the new epoch's key, once its event has its hash.
func (r *Rotation) Key(epoch crdt.Hash) EpochKey {
	return EpochKey{Epoch: epoch[:], Audience: r.epoch.Audience, Scope: r.epoch.Scope, Key: r.key}
}

// More returns the content of the wraps events for those recipients that did not
// fit into the epoch's own; mostly none.
func (r *Rotation) More(epoch crdt.Hash) [][]byte { return wrapsEvents(epoch, r.rest) }

// Give returns the content of the wraps events that give keys of epochs to the
// holders of grants: those who came late, or lack an old one. Who hands a key out
// in another way, in an invite, gives it too, so that all know who has it.
func (k *Keyring) Give(keys []EpochKey, to ...crdt.Hash) (contents [][]byte, err error) {
	for i := range keys {
		rights, err := k.control.receivers(keys[i].Audience, to)
		if err != nil {
			return nil, fmt.Errorf("give a key: %w", err)
		}
		contents = append(contents, wrapsEvents(keys[i].Name(), k.wrapTo(keys[i].Key, rights))...)
	}
	return contents, nil
}

func (c *Control) receivers(bit uint64, to []crdt.Hash) (rights []*right, err error) {
	j, done := c.judgement()
	defer done()
	for _, g := range to {
		r := c.rights[g]
		if r == nil || !r.reads(bit) || j.ended(g) {
			return nil, fmt.Errorf("%w: grant %s may not read", crdt.ErrForbidden, g.Short())
		}
		rights = append(rights, r)
	}
	return rights, nil
}

// Lacking lists the devices and invites that may read what is sealed under an
// epoch and were not given its key, as far as the control set says: those to
// [Keyring.Give] it to.
func (k *Keyring) Lacking(epoch crdt.Hash) (grants []crdt.Hash) {
	j, done := k.control.judgement()
	defer done()
	e := k.control.epoch(epoch)
	if e == nil {
		return nil
	}
	for _, r := range k.control.lacking(j, k.member.TopicSecret, e) {
		grants = append(grants, r.hash)
	}
	return grants
}

// Stale lists the audiences whose key is held by somebody whom a revocation of
// this device cut off, and that have no head yet which is not: those to
// [Keyring.Rotate].
func (k *Keyring) Stale() (stale []Audience) {
	for _, a := range k.control.Audiences() {
		if k.control.stale(a, k.member.Device()) {
			stale = append(stale, a)
		}
	}
	return stale
}

func (c *Control) stale(a Audience, revoker crdt.Key) bool {
	j, done := c.judgement()
	defer done()
	h := c.headsOf(j, a)
	if len(h.clean) > 0 {
		return false
	}
	mine := map[crdt.Hash]bool{}
	for _, rev := range c.rulings.revocations {
		mine[rev.hash] = rev.by.subject == revoker
	}
	for _, name := range h.leaky {
		for _, g := range c.holders(j, h.present[name]) {
			if j.ended(g) && slices.ContainsFunc(j.endedBy(g), func(by crdt.Hash) bool { return mine[by] }) {
				return true
			}
		}
	}
	return false
}

// Keeper reports whether it is this device's part to give an epoch's key to those
// who lack it: its author's while that one stands, else the founder's.
func (k *Keyring) Keeper(epoch crdt.Hash) bool {
	j, done := k.control.judgement()
	defer done()
	e := k.control.epoch(epoch)
	if e == nil {
		return false
	}
	if j.ended(e.by.hash) {
		return k.member.Grant == crdt.Hash(k.member.Log)
	}
	return e.by.hash == k.member.Grant
}

// wrapTo wraps a key to rights. A right with a key that nobody can have is left out.
func (k *Keyring) wrapTo(key []byte, to []*right) (wraps []Wrap) {
	for _, r := range to {
		if w, err := wrapKey(key, r.hpke, k.member.Log, r.hash); err == nil {
			wraps = append(wraps, w)
		}
	}
	return wraps
}

func wrapsEvents(epoch crdt.Hash, wraps []Wrap) (contents [][]byte) {
	for part := range slices.Chunk(wraps, maxWraps) {
		contents = append(contents, crdt.EncodeCBOR(Wraps{Kind: KindWraps, Epoch: epoch[:], Wraps: part}))
	}
	return contents
}
