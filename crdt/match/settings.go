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

// settingChecks say of each field whether a value can be.
var settingChecks = map[string]func(value) bool{
	"age_band":         func(v value) bool { b := bandIn(v); return b != "" && bandAge(b) != unknownAge },
	"players_per_side": wholeIn(1, 11), "periods": wholeIn(1, PeriodShootout/2), "period_ms": wholeIn(1, maxSetting), "break_ms": wholeIn(0, maxSetting),
	"extra_ms": wholeIn(0, maxSetting), "shootout_kicks": wholeIn(1, 100), "sin_bin_ms": wholeIn(0, maxSetting), "daily_cap_ms": wholeIn(0, maxSetting),
	"min_share_pct": wholeIn(0, 100), "subs": func(v value) bool { return wholeIn(0, 100)(v) || isWord("rolling")(v) },
	"power_play": isNumbers, "no_heading": isTruth, "trophy": isTruth,
	"results": isWord(openWords["results"]...), "names": isWord(openWords["names"]...),
}

// maxSetting bounds a length of time, in milliseconds: a day.
const maxSetting = 24 * 60 * 60_000

func wholeIn(from, to int64) func(value) bool {
	return func(v value) bool { n, ok := v.whole(); return ok && n >= from && n <= to }
}

func isTruth(v value) bool { _, ok := v.truth(); return ok }

func isNumbers(v value) bool {
	good, n := true, 0
	list := v.items(func(item value) { n++; good = good && wholeIn(1, 99)(item) })
	return list && good && n <= maxPowerPlay
}

func isWord(list ...string) func(value) bool {
	return func(v value) bool { s, ok := v.text(maxName); return ok && slices.Contains(list, s) }
}

// SettingNames are the fields that settings may have, sorted.
func SettingNames() []string { return slices.Sorted(maps.Keys(settingChecks)) }

// Validate refuses a field that is none of [SettingNames], and a value that cannot be.
func (s Settings) Validate() error {
	for _, name := range slices.Sorted(maps.Keys(s)) {
		check, ok := settingChecks[name]
		if !ok {
			return fmt.Errorf("%w: %q is no setting; there are %s", ErrSetting, name, strings.Join(SettingNames(), ", "))
		}
		if v := value(s[name]); !json.Valid(v) || !check(v) {
			return fmt.Errorf("%w: %s cannot be %s", ErrSetting, name, v)
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
