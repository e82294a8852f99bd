// Package crdttest holds what every part of crdt is tested with: the suite
// that each [crdt.Store] must pass, and makers of events for it.
package crdttest
