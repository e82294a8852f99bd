package node

import "touchline.dev/touchline/crdt"

// Hints begin the names of the meta values that a device makes anew, or that
// mean nothing once the events beside them are lost: sync points, proofs of
// holding, which logs are live. Whatever else a node keeps no peer can bring back.
func Hints() []string {
	return []string{syncPointPrefix, holdingPrefix, rosterMeta, crdt.SweptPrefix}
}
