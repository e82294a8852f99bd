package node

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// clientPrefix is where the keys of clients lie in the store's meta values.
const clientPrefix = "client/"

// pen is a key that this node signs with, the right it writes under, and its
// places in its chains. The device has one; each client has one of its own, so
// that nobody's events are taken for another's (rule R14).
type pen struct {
	key    ed25519.PrivateKey
	grant  crdt.Hash
	chains map[crdt.Set]*crdt.Chain
}

func newPen(key ed25519.PrivateKey, grant crdt.Hash) *pen {
	return &pen{key: key, grant: grant, chains: map[crdt.Set]*crdt.Chain{}}
}

func (p *pen) author() crdt.Key { return crdt.Key(p.key.Public().(ed25519.PublicKey)) }

// clientPen is how a client's key is kept.
type clientPen struct {
	Seed   []byte    `cbor:"1,keyasint"`
	Grant  crdt.Hash `cbor:"2,keyasint"`
	Parent crdt.Hash `cbor:"3,keyasint"` // this device's right then; another one needs another key
}

// pen returns what to sign with for a client; the empty name is the device. A
// client's first event lets its key in.
func (r *replica) pen(ctx context.Context, client, side string) (*pen, error) {
	r.mu.Lock()
	p := r.pens[client]
	m := r.member
	r.mu.Unlock()
	if p != nil {
		return p, nil
	}
	if client == "" {
		return r.keepPen("", m, newPen(m.Key(), m.Grant)), nil
	}
	r.clientsMu.Lock() // one at a time: two first events of a client make one key
	defer r.clientsMu.Unlock()
	key := clientPrefix + m.Log.String() + "/" + hex.EncodeToString([]byte(client))
	b, err := r.node.store.Meta(key)
	if err == nil {
		var kept clientPen
		if err := crdt.DecodeCBOR(b, &kept); err != nil || len(kept.Seed) != ed25519.SeedSize {
			return nil, fmt.Errorf("key of client %s is damaged: %w", client, err)
		}
		if kept.Parent == m.Grant {
			return r.keepPen(client, m, newPen(ed25519.NewKeyFromSeed(kept.Seed), kept.Grant)), nil
		}
	} else if !errors.Is(err, crdt.ErrNotFound) {
		return nil, fmt.Errorf("key of client: %w", err)
	}
	return r.newClient(ctx, m, client, side, key)
}

// newClient makes a client's key: first its right, then the key is kept, so
// that a crash between leaves a right that nobody uses.
func (r *replica) newClient(ctx context.Context, m *access.Member, client, side, metaKey string) (*pen, error) {
	own, _ := r.control.Right(m.Grant)
	signing, content := m.NewClient(own, side)
	e, err := r.writeControl(ctx, content)
	if err != nil {
		return nil, fmt.Errorf("let a client in: %w", err)
	}
	kept := clientPen{Seed: signing.Seed(), Grant: e.Hash, Parent: m.Grant}
	if err := r.node.store.SetMeta(ctx, metaKey, crdt.EncodeCBOR(kept)); err != nil {
		return nil, fmt.Errorf("keep key of client: %w", err)
	}
	return r.keepPen(client, m, newPen(signing, e.Hash)), nil
}

// keepPen enters a pen unless the membership changed meanwhile or somebody was
// faster.
func (r *replica) keepPen(client string, m *access.Member, p *pen) *pen {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.member.Grant != m.Grant {
		return p
	}
	if old := r.pens[client]; old != nil {
		return old
	}
	r.pens[client] = p
	return p
}
