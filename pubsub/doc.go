// Package pubsub carries live events between connected peers: one gossipsub
// topic for each match and each team.
//
// It validates what arrives, delivers what may be a member, and counts what it
// refuses or loses. It stores nothing and touches no disk.
//
// Promised: what reaches [TopicConfig.Deliver] was accepted by
// [TopicConfig.Judge] first, and only such events are forwarded to others. An
// event whose grant is missing is nobody's fault: it goes to
// [TopicConfig.Waiting], is not forwarded, and never costs its deliverer
// anything. Every event that a full queue of ours loses is counted and reported
// to [Config.OnDrop].
//
// Not promised: delivery. Gossip is the fast path; queues are bounded and never
// make a peer wait, so a burst beyond them is lost here and must be
// fetched by reconciliation, which OnDrop calls for. Nor order, nor that an
// event comes once: the store knows what is new.
//
// Topic names are keyed hashes ([TopicName]); a peer without the topic secret
// learns nothing from them but that two peers have the same interest.
//
// A [Router] and its [Topic]s may be used from any goroutine. Deliver, Waiting
// and OnPeer must not call [Topic.Close] or [Router.Close], which wait for them.
//
// docs/adr/0005-gossip.md says why the settings are what they are.
package pubsub
