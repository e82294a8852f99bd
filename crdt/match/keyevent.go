package match

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
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

// errKeyEvent: a line is not a key event.
var errKeyEvent = errors.New("not a key event: type, period or t_ms is wrong")

// ParseKeyEvent reads a line of JSON. Such files number extra time 3 and 4 and
// the shoot-out 5; everything else passes as it is, since [Facts] knows their
// names of fields.
func ParseKeyEvent(line []byte) (KeyEvent, error) {
	var k struct {
		Match  int64           `json:"match"`
		Period uint32          `json:"period"`
		Ms     int64           `json:"t_ms"`
		Type   string          `json:"type"`
		Team   json.RawMessage `json:"team"`
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(line, &k); err != nil {
		return KeyEvent{}, fmt.Errorf("key event: %w", err)
	}
	if err := json.Unmarshal(line, &fields); err != nil {
		return KeyEvent{}, fmt.Errorf("key event: %w", err)
	}
	if k.Type == "" || k.Ms < 0 || k.Ms > maxClockMs || k.Period > 5 {
		return KeyEvent{}, errKeyEvent
	}
	for _, name := range []string{"match", "period", "t_ms", "type", "team"} {
		delete(fields, name)
	}
	data, err := json.Marshal(fields)
	if err != nil {
		return KeyEvent{}, fmt.Errorf("key event: %w", err)
	}
	period := k.Period
	if period == 5 {
		period = PeriodShootout
	}
	return KeyEvent{
		Match: k.Match, Type: k.Type, Team: strings.Trim(string(k.Team), `"`), Period: period, ClockMs: k.Ms, Data: data,
	}, nil
}
