package access_test

import (
	"errors"
	"strings"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// Nodes that never met make the same match of a name; the value holds other
// versions and languages to it.
func TestNamespaceMakesTheSameMatch(t *testing.T) {
	n := access.Namespace([]byte("0123456789abcdef0123456789abcdef"))
	a, err := n.Match("match1")
	if err != nil {
		t.Fatal(err)
	}
	b, err := n.Match("match1")
	if err != nil || a.String() != b.String() {
		t.Fatalf("two invites of one name differ, %v", err)
	}
	if a.Role() != access.Organiser {
		t.Errorf("role %s", a.Role())
	}
	const want = "61023097bc7a4f0e463e9c98d31d21b79a2cfad9386bf6d4c267db126cd2fbfd"
	if a.Log().String() != want {
		t.Errorf("match is %s, want %s", a.Log(), want)
	}
	seen := map[crdt.LogID]string{a.Log(): "match1"}
	other := n
	other[31]++
	for name, ns := range map[string]access.Namespace{"match2": n, "match1 ": n, "Match1": n, "match1": other} {
		i, err := ns.Match(name)
		if err != nil {
			t.Fatal(err)
		}
		if was, ok := seen[i.Log()]; ok {
			t.Errorf("%q makes the match of %q", name, was)
		}
		seen[i.Log()] = name
	}
	clock := crdt.NewClock(nil)
	one, _, err := a.Join(clock)
	if err != nil {
		t.Fatal(err)
	}
	two, _, err := b.Join(clock)
	if err != nil || one.Log != two.Log || one.Device() == two.Device() {
		t.Errorf("joined %s as %s and %s as %s: %v", one.Log, one.Device(), two.Log, two.Device(), err)
	}
}

func TestNamespaceText(t *testing.T) {
	n := access.NewNamespace()
	if got, err := access.ParseNamespace(" " + n.String() + "\n"); err != nil || got != n {
		t.Fatalf("%v, %v", got, err)
	}
	s := n.String()
	for _, bad := range []string{"", s[1:], s[:len(s)-1], s + "A", strings.Replace(s, "#", "", 1), s[:30] + "x" + s[31:]} {
		if bad == s {
			continue
		}
		if _, err := access.ParseNamespace(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	for _, name := range []string{"", strings.Repeat("n", 129)} {
		if _, err := n.Match(name); err == nil {
			t.Errorf("a name of %d bytes was taken", len(name))
		}
	}
}

func FuzzParseNamespace(f *testing.F) {
	n := access.NewNamespace()
	f.Add(n.String())
	f.Add(access.NamespacePrefix)
	f.Fuzz(func(t *testing.T, s string) {
		n, err := access.ParseNamespace(s)
		if err == nil && n.String() != strings.TrimSpace(s) {
			t.Errorf("%q is another form of %q", s, n)
		}
		if err != nil && !errors.Is(err, access.ErrNamespace) {
			t.Error(err)
		}
	})
}
