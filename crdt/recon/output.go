package recon

// Output is what a Session asks of its caller. Send and Reply may go out in
// any order; sending Reply first lets the peer go on.
type Output struct {
	// Reply is the next flight: frames of at most MaxFrame bytes, to be sent
	// in order. Empty while the peer has not finished its own flight, or when
	// the session is over.
	Reply [][]byte
	// Send is what the peer lacks: its bodies go to the peer, in this order
	// (control first, then events, then records; newest first). A session
	// never names an Item twice.
	Send []Item
	// Want is what the peer was asked to send, where its full names are known
	// (only in a full listing; elsewhere only short names are).
	Want []Item
	// Done says that nothing more will be exchanged. The bodies may still be
	// on their way.
	Done bool
	// Equal says that the peer has proved that its three digests are ours.
	// Nothing else ever sets it.
	Equal bool
}
