// Package rtc answers the calls of pages: WebRTC data channels that carry the
// same frames as a WebSocket. Signalling is somebody else's; here is a bounded
// number of peer connections, by client and in all.
//
// Only host addresses are used: no STUN, no TURN, no mDNS. A page's own address
// need not be known, since its first packet shows it.
package rtc
