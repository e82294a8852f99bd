package access

import "fmt"

// Role is what a grant lets its subject be. Smaller is mightier.
type Role uint64

const (
	Organiser Role = iota + 1 // founds, grants, rules
	Referee
	Coach
	Scorer // records events
	Guardian
	Family
	Spectator // reads
	Relay     // holds and forwards what it may not read

	lastRole = Relay
)

var roleNames = map[Role]string{
	Organiser: "admin", Referee: "referee", Coach: "coach", Scorer: "record",
	Guardian: "guardian", Family: "family", Spectator: "watch", Relay: "relay",
}

// String is the role's name on the command line and in JSON.
func (r Role) String() string {
	if s, ok := roleNames[r]; ok {
		return s
	}
	return fmt.Sprintf("role(%d)", uint64(r))
}

// ParseRole reads what [Role.String] writes.
func ParseRole(s string) (Role, error) {
	for r, name := range roleNames {
		if name == s {
			return r, nil
		}
	}
	return 0, fmt.Errorf("role %q is not one of admin, referee, coach, record, guardian, family, watch, relay", s)
}

// MayWrite reports whether the role records events and signs control events.
func (r Role) MayWrite() bool { return r >= Organiser && r <= Scorer }

// MayGrant reports whether the role passes rights on.
func (r Role) MayGrant() bool { return r >= Organiser && r <= Coach }

// MayRead reports whether the role holds keys of a sealed log. A spectator sees
// redacted views of a node that holds keys; a relay sees nothing.
func (r Role) MayRead() bool { return r >= Organiser && r <= Family }

// Audiences are those that the role is part of, unless its grant says less.
func (r Role) Audiences() uint64 {
	switch r {
	case Organiser, Referee, Coach, Scorer:
		return AllAudiences
	case Guardian:
		return AudienceMatch | AudienceGuardians
	}
	return AudienceMatch
}
