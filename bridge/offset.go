package bridge

import (
	"encoding/base64"
	"maps"
	"net/url"
	"slices"
	"strings"

	"touchline.dev/touchline/crdt"
)

// offset is where a Socket.IO client stands: the rooms it is in and, for each
// log of theirs, the name of what it has had. The client keeps it and says it
// when it reconnects, so that a node need not remember its clients, and recovery
// survives a restart, a crash and another node. It gives no right: rooms are
// entered with what the client may do when it comes back.
//
// As text: 2 / rooms / places. Rooms are m or t and an escaped name, places the
// beginning of a log's ID and an [orderName].
type offset struct {
	matches, teams []string
	at             map[logPrefix]orderName
}

// logPrefix tells the logs of one node apart.
type logPrefix [9]byte

const (
	offsetForm = "2"
	maxOffset  = 16 << 10
	// maxPlaces bounds the logs in an offset. A client that follows teams
	// through more begins anew when it comes back.
	maxPlaces = 64
)

func prefixOf(id crdt.LogID) logPrefix { return logPrefix(id[:9]) }

func encodeRooms(matches map[crdt.LogID]string, waiting, teams map[string]bool) string {
	var list []string
	for _, name := range matches {
		list = append(list, "m"+url.QueryEscape(name))
	}
	for name := range waiting {
		list = append(list, "m"+url.QueryEscape(name))
	}
	for name := range teams {
		list = append(list, "t"+url.QueryEscape(name))
	}
	slices.Sort(list)
	return strings.Join(list, ",")
}

func encodeOffset(rooms string, at map[crdt.LogID]place) string {
	if len(at) > maxPlaces {
		return "-"
	}
	b := append(append([]byte(offsetForm+"/"), rooms...), '/')
	ids := slices.SortedFunc(maps.Keys(at), func(a, b crdt.LogID) int { return crdt.Hash(a).Compare(crdt.Hash(b)) })
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = base64.RawURLEncoding.AppendEncode(b, id[:9])
		name := at[id].order
		b = base64.RawURLEncoding.AppendEncode(append(b, ':'), name[:])
	}
	return string(b)
}

// parseOffset reads an offset; nil if it is none.
func parseOffset(s string) *offset {
	parts := strings.Split(s, "/")
	if len(s) > maxOffset || len(parts) != 3 || parts[0] != offsetForm {
		return nil
	}
	o := &offset{at: map[logPrefix]orderName{}}
	for _, room := range split(parts[1]) {
		name, err := url.QueryUnescape(room[1:])
		if err != nil || name == "" {
			return nil
		}
		switch room[0] {
		case 'm':
			o.matches = append(o.matches, name)
		case 't':
			o.teams = append(o.teams, name)
		default:
			return nil
		}
	}
	for _, place := range split(parts[2]) {
		log, name, _ := strings.Cut(place, ":")
		b, errLog := base64.RawURLEncoding.DecodeString(log)
		n, errName := base64.RawURLEncoding.DecodeString(name)
		if errLog != nil || len(b) != len(logPrefix{}) || errName != nil || len(n) != len(orderName{}) {
			return nil
		}
		o.at[logPrefix(b)] = orderName(n)
	}
	if len(o.matches) > maxMatchRooms || len(o.teams) > maxTeamRooms || len(o.at) > maxPlaces {
		return nil
	}
	return o
}

// split is a list between commas; none of it is empty.
func split(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' })
}
