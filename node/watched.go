package node

import (
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// watchedControl lets the network look again at what peers have proved, and the
// node at its keys, each time a control event becomes known.
type watchedControl struct {
	*access.Control
	r *replica
}

var _ crdt.Access = watchedControl{}

// Add implements crdt.Access.
func (c watchedControl) Add(e *crdt.Event) {
	c.Control.Add(e)
	c.r.node.tending.later(c.r)
	if net := c.r.node.net.Load(); net != nil {
		net.recheck(c.r)
	}
}
