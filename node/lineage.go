package node

import (
	"context"
	"errors"
	"fmt"

	"touchline.dev/touchline/crdt"
)

// lineagePrefix is where control events that a membership rests on lie in the
// store's meta values, beside the log: a device that enrolled where nobody saw it
// could never get them back.
const lineagePrefix = "chain/"

// keepLineage writes down envelopes, the founding record first.
func (n *Node) keepLineage(ctx context.Context, id crdt.LogID, envelopes [][]byte) error {
	if err := n.store.SetMeta(ctx, lineagePrefix+id.String(), crdt.EncodeCBOR(envelopes)); err != nil {
		return fmt.Errorf("keep the right's chain: %w", err)
	}
	return nil
}

// restoreLineage makes a log whose control set a damage took one again in which
// this device has its right. A log of an earlier version gets its second copy.
func (r *replica) restoreLineage(ctx context.Context) error {
	id, grant := r.log.ID(), r.member.Grant
	b, err := r.node.store.Meta(lineagePrefix + id.String())
	if _, known := r.control.Right(grant); known {
		if !errors.Is(err, crdt.ErrNotFound) {
			return err
		}
		err := r.node.keepLineage(ctx, id, r.node.envelopesOf(r.grantChain(grant)))
		if errors.Is(err, crdt.ErrReadOnly) {
			return nil // another time
		}
		return err
	}
	if err != nil {
		return nil // peers bring it
	}
	var envelopes [][]byte
	if err := crdt.DecodeCBOR(b, &envelopes); err != nil {
		return fmt.Errorf("the right's chain: %w", err)
	}
	for _, o := range r.log.Admit(ctx, "", envelopes...) {
		if o.Err != nil {
			r.node.cfg.Log.Warn("a control event could not be taken back", "match", id.Short(), "err", o.Err)
		}
	}
	return nil
}
