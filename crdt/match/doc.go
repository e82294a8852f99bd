// Package match is the football: it turns the events of one match into what
// people see. It is the only Go package that says "goal".
//
// [Fold] is a pure function of a set of events. It reads no clock, starts no
// goroutine, and gives the same bytes ([State.Canonical]) for the same set,
// whatever the order of arrival, repeats included. A [Folder] does the same
// work a piece at a time: an arriving event costs what it changes.
//
// Who may write is not decided here. The caller says of every event whether it
// stands ([Standing]); what does not stand is kept and shown with the reason,
// and does not count. Authority between those who may write (who may correct
// whom) is decided here. Nothing is refused: a step that cannot be (a player
// leaves who was not on) is flagged and not applied, because the missing half
// may still arrive.
//
// docs/football.md has the rules, docs/vectors/fold.json examples of them.
package match
