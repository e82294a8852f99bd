package bridge

import (
	"encoding/base64"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"touchline.dev/touchline/crdt"
)

// offset is where a Socket.IO client stands: the rooms it is in and, for each
// log of theirs, up to which arrival it has had everything. The client keeps it
// and says it when it reconnects, so that a node need not remember its clients,
// and recovery survives a restart. It gives no right: rooms are entered with
// what the client may do when it comes back.
//
// As text: store / rooms / places. Rooms are m or t and an escaped name, places
// the beginning of a log's ID and an arrival.
type offset struct {
	matches, teams []string
	at             map[logPrefix]crdt.Arrival
}

// logPrefix tells the logs of one node apart.
type logPrefix [9]byte

const (
	maxOffset = 16 << 10
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

func encodeOffset(store crdt.StoreID, rooms string, at map[crdt.LogID]crdt.Arrival) string {
	if len(at) > maxPlaces {
		return "-"
	}
	b := base64.RawURLEncoding.AppendEncode(nil, store[:9])
	b = append(append(append(b, '/'), rooms...), '/')
	ids := slices.SortedFunc(maps.Keys(at), func(a, b crdt.LogID) int { return crdt.Hash(a).Compare(crdt.Hash(b)) })
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = base64.RawURLEncoding.AppendEncode(b, id[:9])
		b = strconv.AppendUint(append(b, ':'), uint64(at[id]), 36)
	}
	return string(b)
}

// parseOffset reads an offset of this store; nil if it is none.
func parseOffset(s string, store crdt.StoreID) *offset {
	parts := strings.Split(s, "/")
	if len(s) > maxOffset || len(parts) != 3 || parts[0] != base64.RawURLEncoding.EncodeToString(store[:9]) {
		return nil
	}
	o := &offset{at: map[logPrefix]crdt.Arrival{}}
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
		log, number, ok := strings.Cut(place, ":")
		b, errLog := base64.RawURLEncoding.DecodeString(log)
		at, errAt := strconv.ParseUint(number, 36, 63)
		if !ok || errLog != nil || len(b) != len(logPrefix{}) || errAt != nil {
			return nil
		}
		o.at[logPrefix(b)] = crdt.Arrival(at)
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
