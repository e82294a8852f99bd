// Package node is a device: it keeps the logs it follows equal to those of
// its peers.
//
// A [Node] works without a network: founding, joining, recording and reading
// need only its store. [Node.Run] adds the network: a libp2p host (TCP with
// Noise), discovery by mDNS and by remembered or given addresses, its own
// heartbeat and redial, gossip for live delivery, and reconciliation for
// everything gossip dropped. What to do when is decided by two pure values,
// dialBook (whom to dial) and syncPlan (whom to reconcile with, and why);
// the goroutines around them only carry out.
//
// An event is durable in the store before it is published (promise 1).
// All methods of Node may be called from any goroutine.
package node
