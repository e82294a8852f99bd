// Package access says who may write to a log. It is pure: a [Control] is a
// function of the control set, built by adding events in any order.
//
// A log is founded by a key; its founding record is the root of all rights.
// A grant passes some of its author's rights on to another key and only ever
// narrows them. An invite is a fresh key with a grant that may enrol devices;
// its seed travels in a QR code or a URL fragment, so joining needs no server.
// An enrolment, signed by the invite's key, lets one device's key in.
//
// An event's right to be a member of a set is decided here by facts that are
// only ever added (rule R1): expiry, revocation and counts are verdicts of a
// fold, never reasons to drop.
package access
