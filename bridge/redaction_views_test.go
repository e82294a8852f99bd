package bridge_test

import (
	"go/ast"
	"net/http"
	"strings"
	"testing"
)

// viewsOfMatch are the routes that say something of a match, and which words each says
// at least.
var viewsOfMatch = map[string][]string{
	"/v1/matches":                        nil,
	"/v1/matches/{id}":                   nil,
	"/v1/matches/{id}/status":            nil,
	"/v1/matches/{id}/state":             {"Firstnone", "Surnone", "Firstok", "Fullfirst", "Fullsur", "Awaysur", "zaphira", "canaryamended", "canaryelbow", "canarytooth", "canarynote", "canaryreason", "234567", `"noReturn":true`, `"goal"`, `"no":33`},
	"/v1/matches/{id}/timeline":          {"zaphira", "canaryelbow", "canarytooth", "canarynote", "canaryreason", "234567", `"goal"`},
	"/v1/matches/{id}/stats":             {"Firstnone", "Surnone", "Firstok", "Fullfirst", "Fullsur", "Awaysur", "zaphira", `"no":33`},
	"/v1/matches/{id}/why":               {`"goal"`},
	"/v1/matches/{id}/events":            {"canaryelbow", "canarytooth", "canarynote", "canaryreason", "234567", "345678", `"goal"`},
	"/v1/matches/{id}/live":              {"canaryelbow", "canarytooth", "canarynote", "canaryreason", "234567", "345678", `"goal"`},
	"/v1/teams/{team}/events":            {"canaryelbow", "canarytooth", "canarynote", "canaryreason", "234567", "345678", `"goal"`},
	"/v1/competitions":                   nil,
	"/v1/competitions/{name}":            nil,
	"/v1/competitions/{name}/table":      nil,
	"/v1/competitions/{name}/thirds":     nil,
	"/v1/competitions/{name}/bracket":    nil,
	"/v1/competitions/{name}/pairs":      nil,
	"/v1/competitions/{name}/ladder":     nil,
	"/metrics":                           nil,
	"/v1/matches/{id}/events?limit=none": nil, // what is wrong with a request
	"/v1/matches/unknown/state":          nil,
	"/v1/matches/{id}/live?after=then":   nil,
	"/v1/teams/lions/events":             nil,
}

// viewsOfNothing say nothing of any match.
var viewsOfNothing = map[string]string{
	"/ws":              "TestRedactionOnSockets, TestRedactionOverSocketIO",
	"/v1/openapi.json": "the same for all",
	"/healthz":         "a word",
	"/readyz":          "a word",
}

func (r *redacted) path(view string) string {
	return strings.NewReplacer("{id}", r.member.Log.String(), "{team}", "badgers", "{name}", "cup").Replace(view)
}

// Who sees what of a match by which view, under which setting: every cell is asked for,
// and what comes is searched for words that are not for the one who asked.
func TestRedaction(t *testing.T) {
	all := settings()
	if testing.Short() {
		all = []setting{all[0], all[9], all[len(all)-1]}
	}
	cells := 0
	for _, of := range all {
		r := newRedacted(t, of)
		s, tokens := r.served(t)
		watchers := r.watchers(t, s, tokens)
		s.Close() // streams end when they have said what there is
		for _, w := range watchers {
			var header []string
			if w.token != "" {
				header = []string{"Authorization", "Bearer " + w.token}
			}
			for view, words := range viewsOfMatch {
				got := do(s, http.MethodGet, r.path(view), "", header...)
				body := got.Body.String()
				r.tells(t, w, view, body)
				switch {
				case w.refused && got.Code != http.StatusUnauthorized && view != "/metrics":
					t.Errorf("%s: %s answers %d", w.name, view, got.Code)
				case words != nil && !w.refused && got.Code != http.StatusOK:
					t.Errorf("%s, %s: %s answers %d: %s", of, w.name, view, got.Code, body)
				case !w.refused:
					r.shows(t, w, view, body, words...)
				}
				if standing := strings.HasPrefix(view, "/v1/competitions/{name}/"); standing && of.hidden() && !w.role.MayWrite() && got.Code < 400 {
					t.Errorf("%s, %s: %s is shown: %s", of, w.name, view, body)
				}
				cells++
			}
			if t.Failed() {
				return // the first cell says enough
			}
		}
	}
	t.Logf("%d cells", cells)
}

// A route that is added is in the matrix, or there is a reason why not.
func TestEveryViewIsInTheMatrix(t *testing.T) {
	source(t, func(file, name string, args []ast.Expr) {
		if name != "route" || args[1].(*ast.SelectorExpr).Sel.Name != "MethodGet" {
			return
		}
		path := literal(t, file, args[2])
		_, tried := viewsOfMatch[path]
		if !tried && viewsOfNothing[path] == "" && localViews[path] == "" {
			t.Errorf("%s is in no cell of the matrix", path)
		}
	})
	for path := range viewsOfMatch {
		if viewsOfNothing[path] != "" {
			t.Errorf("%s is in both lists", path)
		}
	}
}

// localViews are routes of the device's own socket, which only its owner opens.
var localViews = map[string]string{
	"/local/self":                          "the device",
	"/local/peers":                         "other devices",
	"/local/damages":                       "what the disk lost",
	"/local/tokens":                        "whom the owner let in",
	"/local/backup":                        "the store, as it lies on the disk",
	"/local/matches/{id}/export":           "signed envelopes, as any device has them",
	"/local/matches/{id}/verify":           "numbers",
	"/local/matches/{id}/doctor":           "layers and devices",
	"/local/matches/{id}/devices/{device}": "what a device lacks: cmd.TestDeviceShowsByItsRole",
	"/local/matches/{id}/names":            "names as a team's staff enter them",
	"/local/matches/{id}/rights":           "rights",
}
