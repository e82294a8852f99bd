package node

import (
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// watchedControl lets the network look again at what peers have proved, each
// time a control event becomes known.
type watchedControl struct {
	*access.Control
	r *replica
}

var _ crdt.Access = watchedControl{}

// Add implements crdt.Access.
func (c watchedControl) Add(e *crdt.Event) {
	c.Control.Add(e)
	if net := c.r.node.net.Load(); net != nil {
		net.recheck(c.r)
	}
}
