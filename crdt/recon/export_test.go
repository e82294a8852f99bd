package recon

// NewIndexWithSum returns an Index over any hash, so that tests can craft
// collisions that would take a member days.
func NewIndexWithSum(sum func(*Name) uint64) *Index { return &Index{sum: sum} }

// ParseFrame and its inverse, for the malleability fuzz.
func RoundTrip(b []byte) ([]byte, error) {
	follows, messages, err := parseFrame(b)
	if err != nil {
		return nil, err
	}
	out := []byte{0}
	if follows {
		out[0] = 1
	}
	for _, m := range messages {
		out = m.append(out)
	}
	return out, nil
}
