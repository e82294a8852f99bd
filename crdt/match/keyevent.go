package match

import (
	"encoding/json"
	"errors"
	"fmt"
)

// KeyEvent is one line of a file of key events: match data from elsewhere.
type KeyEvent struct {
	Match   int64
	Type    string
	Team    string // as in the file
	Period  uint32 // our numbers: see [PeriodShootout]
	ClockMs int64
	Data    []byte // what is not in a field of its own
}

// ErrKeyEvent: a line is not a key event.
var ErrKeyEvent = errors.New("not a key event")

// ParseKeyEvent reads a line of JSON; its errors are [ErrKeyEvent]. Such files number extra time 3 and 4 and
// the shoot-out 5; everything else passes as it is, since [Facts] knows their
// names of fields.
func ParseKeyEvent(line []byte) (KeyEvent, error) {
	var k struct {
		Match  int64           `json:"match"`
		Period uint32          `json:"period"`
		Ms     int64           `json:"t_ms"`
		Type   string          `json:"type"`
		Team   json.RawMessage `json:"team"` // a name or a number
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(line, &k); err != nil {
		return KeyEvent{}, fmt.Errorf("%w: %v", ErrKeyEvent, err)
	}
	if err := json.Unmarshal(line, &fields); err != nil {
		return KeyEvent{}, fmt.Errorf("%w: %v", ErrKeyEvent, err)
	}
	if k.Type == "" || k.Ms < 0 || k.Ms > maxClockMs || k.Period > 5 {
		return KeyEvent{}, fmt.Errorf("%w: type, period or t_ms is wrong", ErrKeyEvent)
	}
	team, err := keyTeam(k.Team)
	if err != nil {
		return KeyEvent{}, err
	}
	for _, name := range []string{"match", "period", "t_ms", "type", "team"} {
		delete(fields, name)
	}
	data, err := json.Marshal(fields)
	if err != nil {
		return KeyEvent{}, fmt.Errorf("%w: %v", ErrKeyEvent, err)
	}
	period := k.Period
	if period == 5 {
		period = PeriodShootout
	}
	return KeyEvent{
		Match: k.Match, Type: k.Type, Team: team, Period: period, ClockMs: k.Ms, Data: data,
	}, nil
}

// keyTeam reads a team's name, or its number as digits.
func keyTeam(raw json.RawMessage) (string, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return "", nil
	}
	var name string
	var number json.Number
	if json.Unmarshal(raw, &name) == nil {
		return name, nil
	}
	if json.Unmarshal(raw, &number) != nil {
		return "", fmt.Errorf("%w: team is neither a name nor a number", ErrKeyEvent)
	}
	return number.String(), nil
}
