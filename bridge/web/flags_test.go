package web_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What the fold calls odd, coaches are shown among what is to be looked at, in their
// words. A double tap is counted once whatever anybody says.
func TestCoachesAreShownEveryFlag(t *testing.T) {
	read := func(path ...string) string {
		text, err := os.ReadFile(filepath.Join(path...))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	flags := regexp.MustCompile(`Flag\w+ += "(\w+)"`).FindAllStringSubmatch(read("..", "..", "crdt", "match", "flags.go"), -1)
	if len(flags) < 20 {
		t.Fatalf("%d flags", len(flags))
	}
	shown := regexp.MustCompile(`const odd = \[[^\]]*\]`).FindString(read("src", "app", "views", "coach.tsx"))
	english, german := read("src", "app", "i18n", "en.json"), read("src", "app", "i18n", "de.json")
	for _, f := range flags {
		switch {
		case f[1] == "double_tap":
		case !strings.Contains(shown, `"`+f[1]+`"`):
			t.Errorf("coaches are not shown %s", f[1])
		case !strings.Contains(english, `"flag.`+f[1]+`"`) || !strings.Contains(german, `"flag.`+f[1]+`"`):
			t.Errorf("there are no words for %s", f[1])
		}
	}
}
