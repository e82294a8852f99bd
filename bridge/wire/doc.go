// Package wire is the bytes of touchline.v1: what a browser and a node say to
// each other over a WebSocket or a data channel. docs/protocol-bridge.md is its
// contract. It is pure: no clock, no network, no goroutine.
//
// A frame has one encoding. [Decode] refuses every other, and what it accepts
// keeps to all lengths and ranges, so that nobody need check them again.
package wire
