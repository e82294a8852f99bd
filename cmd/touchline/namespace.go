package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/node"
)

// namespaceSecret is where this device's own namespace lies in the store.
const namespaceSecret = "secret/namespace"

// namespaceShown is set once it was shown, to be given to other nodes.
const namespaceShown = "namespace/shown"

// namespace makes matches of the names that pages give them.
type namespace struct {
	node   *node.Node       // immutable
	secret access.Namespace // immutable
	keeper crdt.Store       // immutable
	shared atomic.Bool      // other nodes have it

	mu      sync.Mutex
	invites map[string]*access.Invite // guarded by mu; of names asked for lately
}

var _ bridge.Names = (*namespace)(nil)

// maxInvites bounds the names remembered. One more costs three signatures.
const maxInvites = 256

// newNamespace opens the namespace that another node's invite names; empty: this
// device's own.
func newNamespace(ctx context.Context, d *device, invite string) (*namespace, error) {
	n := &namespace{node: d.node, keeper: d.store, invites: map[string]*access.Invite{}}
	var err error
	if invite != "" {
		n.shared.Store(true)
		n.secret, err = access.ParseNamespace(invite)
		return n, err
	}
	if n.secret, err = ownNamespace(ctx, d.secrets); err != nil {
		return nil, err
	}
	_, err = d.store.Meta(namespaceShown)
	n.shared.Store(err == nil)
	if errors.Is(err, crdt.ErrNotFound) {
		err = nil
	}
	return n, err
}

// ownNamespace returns this device's namespace, and makes it the first time.
func ownNamespace(ctx context.Context, st crdt.Store) (access.Namespace, error) {
	b, err := st.Meta(namespaceSecret)
	if err == nil && len(b) == len(access.Namespace{}) {
		return access.Namespace(b), nil
	}
	if err == nil {
		return access.Namespace{}, fmt.Errorf("the namespace kept here is damaged: %w", crdt.ErrCorrupt)
	}
	if !errors.Is(err, crdt.ErrNotFound) {
		return access.Namespace{}, fmt.Errorf("namespace: %w", err)
	}
	n := access.NewNamespace()
	if err := st.SetMeta(ctx, namespaceSecret, n[:]); err != nil {
		return n, fmt.Errorf("keep namespace: %w", err)
	}
	return n, nil
}

func (n *namespace) invite(name string) (*access.Invite, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if i := n.invites[name]; i != nil {
		return i, nil
	}
	i, err := n.secret.Match(name)
	if err != nil {
		return nil, err
	}
	if len(n.invites) >= maxInvites {
		clear(n.invites)
	}
	n.invites[name] = i
	return i, nil
}

// Match implements bridge.Names.
func (n *namespace) Match(name string) (id crdt.LogID, found bool, err error) {
	i, err := n.invite(name)
	if err != nil {
		return id, false, err
	}
	_, err = n.node.Log(i.Log())
	return i.Log(), err == nil, nil
}

// Follow implements bridge.Names.
func (n *namespace) Follow(ctx context.Context, name string) error {
	i, err := n.invite(name)
	if err == nil {
		_, err = n.node.Join(ctx, i, name)
	}
	return err
}

// Shared implements bridge.Names.
func (n *namespace) Shared() bool { return n.shared.Load() }

// Secret implements bridge.Names. From then on this node, too, looks for matches
// that others may have made of the same names.
func (n *namespace) Secret(ctx context.Context) (string, error) {
	if err := n.keeper.SetMeta(ctx, namespaceShown, []byte{1}); err != nil {
		return "", fmt.Errorf("keep that the namespace is shared: %w", err)
	}
	n.shared.Store(true)
	return n.secret.String(), nil
}

func (a *app) namespaceCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "namespace",
		Short: "Show the secret by which other nodes mean the same matches by a name",
		Long: `Pages of the Socket.IO kind name their matches themselves ("match1"). Each node
makes matches of its own of these names. Nodes that are to mean the same match
by the same name share one secret: this command shows it, and the others are
run with it. Whoever has it may do everything in matches that were named so.`,
		Example: `  touchline namespace
  touchline node --legacy-namespace @names.txt      on the other node`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), true, func(c *client) error {
				var out bridge.Namespace
				if err := c.call(cmd.Context(), http.MethodPost, "/local/namespace", struct{}{}, &out); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(out)
				}
				a.printf("%s\n", out.Namespace)
				return nil
			})
		},
	}
}
