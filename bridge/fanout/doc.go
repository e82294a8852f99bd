// Package fanout brings the events of a log to many readers. An event is
// encoded once for all readers who see the same in the same form, and all that
// waits for a reader goes to it in one piece. Events of the live lane go before
// those of the bulk lane.
//
// It knows no framing, no role and no transport: a [Format] makes bytes of
// entries, a [Sink] takes them. A sink never blocks; one that cannot take more
// says so and is a reader no longer, so that nobody waits for anybody.
package fanout
