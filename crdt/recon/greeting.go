package recon

const kindGreeting, kindTags, kindTagsReply = 0x11, 0x12, 0x13

// MaxTags is how many tags one [Tags] holds; more logs take more messages.
const MaxTags = 1024

// Greeting opens the batch comparison; each side sends one. Its nonce makes
// the tags that the peer sends back worthless to anybody else, at any other
// time.
//
//	0x11  version 1  nonce 16 bytes
type Greeting struct {
	Nonce Nonce
}

// Append appends the encoded greeting, 18 bytes.
func (g *Greeting) Append(b []byte) []byte {
	return append(append(b, kindGreeting, wireVersion), g.Nonce[:]...)
}

// ParseGreeting reads what [Greeting.Append] wrote. Errors wrap [ErrMalformed].
func ParseGreeting(b []byte) (g Greeting, err error) {
	r := reader{b: b}
	if r.byte() != kindGreeting || r.byte() != wireVersion {
		r.fail("greeting")
	}
	copy(g.Nonce[:], r.take(len(g.Nonce)))
	return g, r.end()
}

// end reports the first failure, or bytes left over.
func (r *reader) end() error {
	if r.err == nil && len(r.b) > 0 {
		r.fail("%d bytes left over", len(r.b))
	}
	return r.err
}
