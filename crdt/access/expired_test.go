package access_test

import (
	"testing"

	"touchline.dev/touchline/crdt/access"
)

// The end of a right's time only flags what it writes: clocks may be wrong, and whoever
// is left out of a child's guardians once is no longer known to be one. Its holder is
// given the keys of new epochs until it is revoked.
func TestExpiredRightsReadOn(t *testing.T) {
	w := newSealedWorld(t)
	founder := w.devices[0]
	d := w.join(w.invite(founder, access.Terms{Role: access.Scorer, Audiences: access.AudienceMatch, Uses: 1, NotAfter: 1}))
	founder.hear(d.all())
	next := w.rotate(founder, access.Everyone)
	d.hear(founder.all())
	if _, err := d.keys.Key(next); err != nil {
		t.Errorf("a right whose time is over has no new key: %v", err)
	}
	w.revoke(founder, d)
	d.hear(founder.all())
	for _, head := range founder.control.Heads(access.Everyone) {
		if _, err := d.keys.Key(head); err == nil {
			t.Error("a revoked right has a new key")
		}
	}
}
