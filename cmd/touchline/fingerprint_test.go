package main

import (
	"strings"
	"testing"

	"touchline.dev/touchline/crdt"
)

// The words are fixed for all time: two versions of the program are compared, too.
func TestFingerprintWords(t *testing.T) {
	var digest crdt.Hash
	for _, v := range []struct{ with, words string }{{"", "race skin stem gloom"}, {"umbrella", "mushroom firm opinion gesture"}} {
		if got := fingerprintWords(digest, v.with); got != v.words {
			t.Errorf("with %q: %s", v.with, got)
		}
	}
	other := digest
	other[31] = 1
	if w := fingerprintWords(other, ""); w == fingerprintWords(digest, "") || len(strings.Fields(w)) != 4 {
		t.Errorf("another log: %s", w)
	}
}
