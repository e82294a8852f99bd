package match

// The slots of data that [Divide] knows, by kind of event. docs/football.md lists
// the names; others may be added without harm: what is not known goes beside.

var anyKind = with(object{"reason": reason{}},
	"player", "playerId", "scorer", "taker", "gk", "by", "official", "assist", "assistId", "assistPlayerId", "on", "how", "kind", "award",
	"emoji", "outcome", "colour", "color", "card", "status", "out", "player_out", "in", "player_in", "body", "foot", "area", "winner",
)

var (
	lineupSlots = with(object{"squad": list{with(object{}, "id")}}, "on", "starters", "bench", "gk", "captain")
	teamSlots   = object{"id": name{}, "name": name{}}
	setupSlots  = with(object{
		"teams": object{"home": team{}, "away": team{}}, "competition": name{}, "group": name{}, "age_band": name{},
	}, "results", "names", "subs")
)

// team is an object, or a name alone.
type team struct{}

func (team) divide(v value) (kept, words value) {
	if len(v) > 0 && v[0] == '{' {
		return teamSlots.divide(v)
	}
	return name{}.divide(v)
}

// change is what an amendment sets: of any kind, as the event it is about may be.
var (
	change     = merged(anyKind, lineupSlots, setupSlots, object{"team": name{}, "type": name{}})
	amendSlots = merged(anyKind, object{"set": change})
)

func slotsOf(kindName string) object {
	switch kindName {
	case kindLineup:
		return lineupSlots
	case kindSetup:
		return setupSlots
	case kindAmend:
		return amendSlots
	}
	return anyKind
}

// with adds slots of codes.
func with(o object, names ...string) object {
	for _, n := range names {
		o[n] = code{}
	}
	return o
}

// merged is all slots of some objects; of one name the last.
func merged(objects ...object) object {
	out := object{}
	for _, o := range objects {
		for name, p := range o {
			out[name] = p
		}
	}
	return out
}
