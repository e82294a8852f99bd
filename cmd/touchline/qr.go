package main

import (
	"fmt"

	"touchline.dev/touchline/bridge"
)

// maxQR is the longest text that a QR code takes at its lowest level of error
// correction, in bytes (ISO/IEC 18004, version 40-L).
const maxQR = 2953

// printInvite writes an invite, and in a terminal its QR code and what it is for.
// Nothing but the invite goes to standard output where nobody looks.
func (a *app) printInvite(i bridge.Invited, what string) {
	if !terminal(a.out) {
		a.printf("%s\n", i.Invite)
		return
	}
	a.printQR(i.Invite)
	a.printf("%s\n", i.Invite)
	fmt.Fprintf(a.err, "\nOn the other device: touchline join 'INVITE'. %s\n", what)
}
