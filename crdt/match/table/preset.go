package table

import (
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// presetFiles are rules as a user's own file has them: a preset can do nothing that
// such a file cannot.
//
//go:embed presets/*.json
var presetFiles embed.FS

// Preset returns the rules of that name; the caller may change its copy.
func Preset(name string) (Rules, error) {
	text, err := presetFiles.ReadFile("presets/" + name + ".json")
	if err != nil {
		return Rules{}, fmt.Errorf("%w %q; there are %s", ErrPreset, name, strings.Join(PresetNames(), ", "))
	}
	var r Rules
	if err := json.Unmarshal(text, &r); err != nil {
		panic(fmt.Sprintf("table: preset %s: %v", name, err)) // they are compiled in
	}
	return r, nil
}

// PresetNames lists the presets in order.
func PresetNames() []string {
	files, err := presetFiles.ReadDir("presets")
	if err != nil {
		panic(err) // they are compiled in
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = strings.TrimSuffix(f.Name(), ".json")
	}
	slices.Sort(names)
	return names
}
