package node

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/sec"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
)

// maxTroubles is how many addresses of a peer are named with their trouble.
const maxTroubles = 3

// dialTrouble says in one line, for people, why a peer was not reached. other is
// who answered in its place, if somebody did.
func dialTrouble(err error) (why string, other peer.ID) {
	var wrong sec.ErrPeerIDMismatch
	if errors.As(err, &wrong) {
		return fmt.Sprintf("another device answers there: it is %s, so give its address with /p2p/%s", wrong.Actual, wrong.Actual), wrong.Actual
	}
	var all *swarm.DialError
	if !errors.As(err, &all) || len(all.DialErrors) == 0 {
		return firstLine(err.Error()), ""
	}
	var each []string
	for i := range all.DialErrors[:min(len(all.DialErrors), maxTroubles)] {
		one := &all.DialErrors[i]
		each = append(each, fmt.Sprintf("%s: %s", one.Address, addressTrouble(one.Cause)))
	}
	if more := len(all.DialErrors) - len(each); more > 0 {
		each = append(each, fmt.Sprintf("%d more addresses", more))
	}
	return strings.Join(each, "; "), ""
}

// addressTrouble is the trouble with one address.
func addressTrouble(err error) string {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens there"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "not to be reached from this network"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return "no answer"
	}
	return firstLine(err.Error())
}
