package node

import "touchline.dev/touchline/crdt"

// IsLive reports whether a log is followed live.
func (n *Node) IsLive(id crdt.LogID) bool { return n.isLive(id) }
