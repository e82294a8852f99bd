package recon

import (
	"errors"
	"slices"
)

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

// CheckSnapshot compares everything a snapshot keeps with its names.
func CheckSnapshot(s *Snapshot) error {
	var total aggregate
	cells := make(sketch, len(s.kept))
	var before *Name
	rank := 0
	var err error
	s.each(nil, nil, func(n *Name) {
		if before != nil && before.Compare(*n) >= 0 || s.at(rank) != *n || s.below(n) != total {
			err = errors.New("order, rank or aggregate")
		}
		total.insert(s.sum(n))
		cells.add(symbolOf(s.sum(n)), 1)
		before, rank = n, rank+1
	})
	if s.below(nil) != total || !slices.Equal(cells, s.kept) {
		err = errors.New("total or kept sketch")
	}
	return err
}
