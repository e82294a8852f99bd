package match

import (
	"bytes"
	"encoding/json"
)

// playerKeys are the names under which data have players' IDs.
var playerKeys = map[string]bool{
	"player": true, "playerId": true, "scorer": true, "taker": true, "gk": true, "by": true, "assist": true, "assistId": true, "assistPlayerId": true,
	"on": true, "out": true, "player_out": true, "in": true, "player_in": true, "starters": true, "bench": true, "squad": true, "captain": true,
}

// SpeaksOf reports whether an event's data, or the words beside it, have the ID of
// a player where players are named. A number is an ID, too.
func SpeaksOf(data []byte, player string) bool {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var said any
	return dec.Decode(&said) == nil && names(said, player, false)
}

func names(said any, player string, here bool) bool {
	switch v := said.(type) {
	case string:
		return here && v == player
	case json.Number:
		return here && v.String() == player
	case []any:
		for _, item := range v {
			if names(item, player, here) {
				return true
			}
		}
	case map[string]any:
		for key, item := range v {
			if names(item, player, playerKeys[key] || here && key == "id") {
				return true
			}
		}
	}
	return false
}
