package access

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"sync"

	"touchline.dev/touchline/crdt"
)

// Keyring holds the epoch keys that one device can have: those it was given by
// an invite or remembers, those wrapped to it or to the invite it came by, and
// those that the keys it has carry. What it holds is a function of the
// membership and the control set, whatever the order of arrival. It follows its
// Control by itself and may be used from any goroutine.
type Keyring struct {
	control *Control // immutable
	member  *Member  // immutable
	private []holder // immutable; own and the invite's

	mu     sync.Mutex
	seen   int                    // guarded by mu; control events taken note of
	epochs int                    // guarded by mu; of them, epochs
	wraps  int                    // guarded by mu; of them, wraps
	facts  map[crdt.Hash]*Epoch   // guarded by mu; present epochs
	keys   map[crdt.Hash]EpochKey // guarded by mu; those of present epochs are the ones committed to
	sealed []sealedKey            // guarded by mu; not opened yet
}

// holder is a private key and the grant to which it belongs.
type holder struct {
	grant   crdt.Hash
	private []byte
}

// sealedKey is a key that may be opened once more is known.
type sealedKey struct {
	epoch   crdt.Hash
	to      *holder   // of a wrap
	wrap    []byte    // HPKE
	by      crdt.Hash // of a carried key: the epoch that carries it
	carried *Carried
}

// NewKeyring returns the keys that m can have by what c knows and will know.
func NewKeyring(m *Member, c *Control) *Keyring {
	k := &Keyring{
		control: c, member: m, private: []holder{{m.Grant, m.HPKE}},
		facts: map[crdt.Hash]*Epoch{}, keys: map[crdt.Hash]EpochKey{},
	}
	c.tell(m.TopicSecret)
	for _, key := range m.Keys {
		if _, ok := k.keys[key.Name()]; !ok && key.valid() {
			k.keys[key.Name()] = key
		}
	}
	return k
}

// tell lets the control set know the names of audiences, which it is asked for by
// keyrings only.
func (c *Control) tell(topicSecret []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.secret == nil {
		c.secret, c.judged = topicSecret, nil
	}
}

// Key returns the key of an epoch, or [ErrNoKey].
func (k *Keyring) Key(epoch crdt.Hash) (EpochKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.learn()
	if key, ok := k.keys[epoch]; ok {
		return key, nil
	}
	return EpochKey{}, fmt.Errorf("epoch %s: %w", epoch.Short(), ErrNoKey)
}

// Keys lists all keys held, in a fixed order: what a device keeps beside its
// membership.
func (k *Keyring) Keys() []EpochKey {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.learn()
	return slices.SortedFunc(maps.Values(k.keys), func(a, b EpochKey) int { return bytes.Compare(a.Epoch, b.Epoch) })
}

// Open returns the content of an event, sealed or not.
func (k *Keyring) Open(e *crdt.Event) (*crdt.Content, error) {
	plain, err := k.plain(e)
	if err != nil {
		return nil, err
	}
	return crdt.DecodeContent(plain)
}

func (k *Keyring) plain(e *crdt.Event) ([]byte, error) {
	if !e.Sealed() {
		return e.Plain()
	}
	key, err := k.Key(e.Epoch)
	if err != nil {
		return nil, fmt.Errorf("open event %s: %w", e.Hash.Short(), err)
	}
	return key.Open(e)
}

// OpenBox opens one box of an event's content, or returns [ErrNoKey].
func (k *Keyring) OpenBox(e *crdt.Event, b []byte) (*Part, error) {
	bx, err := decodeBox(b)
	if err != nil {
		return nil, err
	}
	key, err := k.Key(crdt.Hash(bx.Epoch))
	if err != nil {
		return nil, fmt.Errorf("open box: %w", err)
	}
	return key.OpenBox(e.Header, b)
}

// learn opens what can be opened by now. The lock is held. An epoch's key is
// only taken if the epoch is present and commits to it.
func (k *Keyring) learn() {
	c := k.control
	c.mu.RLock()
	if len(c.present) == k.seen {
		c.mu.RUnlock()
		return
	}
	k.seen = len(c.present)
	if invite := k.invite(); len(k.private) == 1 && invite != nil && len(k.member.InviteHPKE) > 0 {
		k.private = append(k.private, holder{invite.hash, k.member.InviteHPKE})
		k.epochs, k.wraps, k.sealed = 0, 0, nil // look at all of them again, as the invite
	}
	epochs, wraps := c.rulings.epochs[k.epochs:], c.rulings.wraps[k.wraps:]
	k.epochs, k.wraps = len(c.rulings.epochs), len(c.rulings.wraps)
	c.mu.RUnlock()
	for _, e := range epochs {
		k.note(e)
	}
	for _, w := range wraps {
		k.noteWraps(crdt.Hash(w.content.Epoch), w.content.Wraps)
	}
	for k.openSome() {
	}
}

// invite is the right of the invite that the device came by, or visits by; nil
// while it is not known.
func (k *Keyring) invite() *right {
	switch r := k.control.rights[k.member.Grant]; {
	case r == nil:
		return nil
	case r.kind == KindEnrolment:
		return r.parent
	case r.enrols > 0:
		return r
	}
	return nil
}

func (k *Keyring) note(e *ruling[Epoch]) {
	k.facts[e.hash] = e.content
	if key, ok := k.keys[e.hash]; ok && !e.content.names(&key) {
		delete(k.keys, e.hash)
		for _, other := range k.member.Keys { // of several, only the right one stays
			if other.Name() == e.hash && other.valid() && e.content.names(&other) {
				k.keys[e.hash] = other
			}
		}
	}
	k.noteWraps(e.hash, e.content.Wraps)
	for i := range e.content.Follows {
		f := &e.content.Follows[i]
		k.sealed = append(k.sealed, sealedKey{epoch: crdt.Hash(f.Epoch), by: e.hash, carried: f})
	}
}

// names reports whether the key is the epoch's.
func (e *Epoch) names(k *EpochKey) bool {
	return k.For() == e.For() && bytes.Equal(commitment(k.Key), e.Commitment)
}

func (k *Keyring) noteWraps(epoch crdt.Hash, wraps []Wrap) {
	for i := range wraps {
		for h := range k.private {
			if crdt.Hash(wraps[i].Grant) == k.private[h].grant {
				k.sealed = append(k.sealed, sealedKey{epoch: epoch, to: &k.private[h], wrap: wraps[i].Sealed})
			}
		}
	}
}

// openSome goes once over what is sealed still and reports whether a key was found.
func (k *Keyring) openSome() (found bool) {
	k.sealed = slices.DeleteFunc(k.sealed, func(s sealedKey) bool {
		fact := k.facts[s.epoch]
		if fact == nil {
			return false // its commitment is not known yet
		}
		if _, ok := k.keys[s.epoch]; ok {
			return true
		}
		key, err, ready := k.open(&s, fact)
		if ready && err == nil {
			k.keys[s.epoch] = EpochKey{Epoch: s.epoch[:], Audience: fact.Audience, Scope: fact.Scope, Key: key}
			found = true
		}
		return ready
	})
	return found
}

// open tries one sealed key; not ready means that what opens it is not here.
func (k *Keyring) open(s *sealedKey, fact *Epoch) (key []byte, err error, ready bool) {
	if s.to != nil {
		key, err = openWrap(s.wrap, s.to.private, fact.Commitment, k.member.Log, s.to.grant)
		return key, err, true
	}
	by, ok := k.keys[s.by]
	if !ok {
		return nil, nil, false
	}
	key, err = openCarried(s.carried, by.Key, fact.Commitment, k.member.Log)
	return key, err, true
}
