package match

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Settings are what a competition says for all its matches: the fields of match.setup
// that do not tell one match from another. Recorded in a match as [Settings.Payload],
// they yield to what the match says itself.
type Settings map[string]json.RawMessage

// setting is one field: which values can be, and how that is said to a person.
type setting struct {
	can func(value) bool
	say string
}

// settings by field.
var settings = map[string]setting{
	"age_band": {func(v value) bool { b := bandIn(v); return b != "" && bandAge(b) != unknownAge },
		fmt.Sprintf("an age up to U%d, written as U9, 9, Under 9 or E-Jugend, or for grown-ups senior, open, men, women or veterans", oldestBand)},
	"players_per_side": wholeIn(1, 11), "periods": wholeIn(1, PeriodShootout/2), "period_ms": lasting(1), "break_ms": lasting(0),
	"extra_ms": lasting(0), "shootout_kicks": wholeIn(1, 100), "sin_bin_ms": lasting(0), "daily_cap_ms": lasting(0), "min_share_pct": wholeIn(0, 100),
	"subs":       {func(v value) bool { return wholeIn(0, 100).can(v) || isWord("rolling").can(v) }, "rolling, or a whole number from 0 to 100"},
	"power_play": {isNumbers, fmt.Sprintf("a list of at most %d deficits of 1 to 99 goals, as [4,6]; [] for none", maxPowerPlay)},
	"no_heading": isTruth, "trophy": isTruth,
	"results": isWord(openWords["results"]...), "names": isWord(openWords["names"]...),
}

// maxSetting bounds a length of time, in milliseconds: a day.
const maxSetting = 24 * 60 * 60_000

func wholeIn(from, to int64) setting {
	return setting{func(v value) bool { n, ok := v.whole(); return ok && n >= from && n <= to }, fmt.Sprintf("a whole number from %d to %d", from, to)}
}

func lasting(from int64) setting {
	s := wholeIn(from, maxSetting)
	s.say += " (milliseconds)"
	return s
}

var isTruth = setting{func(v value) bool { _, ok := v.truth(); return ok }, "true or false"}

func isNumbers(v value) bool {
	good, n := true, 0
	list := v.items(func(item value) { n++; good = good && wholeIn(1, 99).can(item) })
	return list && good && n <= maxPowerPlay
}

func isWord(list ...string) setting {
	return setting{func(v value) bool { s, ok := v.text(maxName); return ok && slices.Contains(list, s) }, strings.Join(list, " or ")}
}

// SettingNames are the fields that settings may have, sorted.
func SettingNames() []string { return slices.Sorted(maps.Keys(settings)) }

// Validate refuses a field that is none of [SettingNames], and a value that cannot be.
func (s Settings) Validate() error {
	for _, name := range slices.Sorted(maps.Keys(s)) {
		if _, ok := settings[name]; !ok {
			return fmt.Errorf("%w: %q is no setting; there are %s", ErrSetting, name, strings.Join(SettingNames(), ", "))
		}
		if err := checkSetting(name, value(s[name])); err != nil {
			return err
		}
	}
	return nil
}

func checkSetting(name string, v value) error {
	if set := settings[name]; !json.Valid(v) || !set.can(v) {
		return fmt.Errorf("%w: %s cannot be %s; it is %s", ErrSetting, name, brief(v), set.say)
	}
	return nil
}

// brief is a value as an error quotes it.
func brief(v value) string {
	if len(v) <= maxName {
		return string(v)
	}
	return strings.ToValidUTF8(string(v[:maxName]), "") + "…"
}

// CheckSettings refuses the draft of a match.setup, or of an amendment of one, in which a
// setting has a value that cannot be. Only writers here ask: what others wrote is kept,
// and its unknown values say nothing. A null clears; fields that are no settings are
// not looked at.
func CheckSettings(kind string, data []byte) error {
	var fields map[string]json.RawMessage
	switch kind {
	case kindSetup:
		_ = json.Unmarshal(data, &fields) // what is no object is refused elsewhere
	case kindAmend:
		var amend struct{ Set map[string]json.RawMessage }
		_ = json.Unmarshal(data, &amend)
		fields = amend.Set
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		v := value(fields[name])
		if _, ok := settings[name]; !ok || v.isNull() {
			continue
		}
		if err := checkSetting(name, v); err != nil {
			return err
		}
	}
	return nil
}

// Payload is the data of the match.setup by which a match inherits them. It stands for all
// that the competition says: in the fold a later one replaces it.
func (s Settings) Payload(competition string) ([]byte, error) {
	fields := map[string]any{inherited: true, "competition": competition}
	for name, v := range s {
		fields[name] = v
	}
	return json.Marshal(fields)
}

// Setup is what they make of a match that says nothing itself.
func (s Settings) Setup() Setup {
	fields := map[string]value{}
	for name, v := range s {
		fields[name] = value(v)
	}
	return overlay([]saidSetup{{fields, true}})
}
