package access

import (
	"crypto/hmac"
	"crypto/sha256"
)

// Audience is who may read what is sealed under one line of epochs (rule R7): all
// readers of the match, the staff of one team, or the guardians of one child.
type Audience struct {
	Bit   uint64 // AudienceMatch, AudienceStaff or AudienceGuardians
	Scope string // which team or child, by an opaque name; empty for the match
}

// Everyone is the audience of all who may read a log: its members down to
// family. Spectators and relays are not among them.
var Everyone = Audience{Bit: AudienceMatch}

// scopeSize is the length of an opaque name in bytes.
const scopeSize = 16

// Staff is the audience of one team's staff. Organisers belong to both teams'.
func (m *Member) Staff(team string) Audience { return staff(m.TopicSecret, team) }

// Guardians is the audience of one child's guardians, and of those who record for
// its team. child is the child's ID as a player of the team; whoever holds the topic
// secret could check a guess of it, so it should be no name.
func (m *Member) Guardians(team, child string) Audience { return guardians(m.TopicSecret, team, child) }

func staff(secret []byte, team string) Audience {
	return Audience{AudienceStaff, scope(secret, "staff", team)}
}

// guardians is a scope of two halves, so that those who record for the team can be
// told from the child's line of epochs: see [right.belongs].
func guardians(secret []byte, team, child string) Audience {
	return Audience{AudienceGuardians, scope(secret, "staff", team) + scope(secret, "guardians", team+"\x00"+child)}
}

// looksAfter reports whether a is the audience of guardians of a child of a team.
func (a Audience) looksAfter(secret []byte, team string) bool {
	return a.Bit == AudienceGuardians && len(a.Scope) == 2*scopeSize && a.Scope[:scopeSize] == scope(secret, "staff", team)
}

// scope is what control events call a team or a child: nothing to those who do
// not hold the topic secret.
func scope(secret []byte, kind, label string) string {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte("touchline/1 scope " + kind + "\x00" + label))
	return string(h.Sum(nil)[:scopeSize])
}

func validAudience(bit uint64, scope []byte) bool {
	one := bit == AudienceMatch || bit == AudienceStaff || bit == AudienceGuardians
	return one && scope != nil && len(scope) <= maxScope && (bit == AudienceMatch) == (len(scope) == 0)
}
