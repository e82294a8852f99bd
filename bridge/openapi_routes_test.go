package bridge_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"touchline.dev/touchline/bridge"
)

// source calls visit for every call in this package's files, with the name of what is
// called.
func source(t *testing.T, visit func(file, name string, args []ast.Expr)) {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(gotoken.NewFileSet(), e.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			switch f := call.Fun.(type) {
			case *ast.Ident:
				visit(e.Name(), f.Name, call.Args)
			case *ast.SelectorExpr:
				visit(e.Name(), f.Sel.Name, call.Args)
			}
			return true
		})
	}
}

// literal is the text of a string constant.
func literal(t *testing.T, file string, e ast.Expr) string {
	t.Helper()
	lit, ok := e.(*ast.BasicLit)
	if !ok {
		t.Fatalf("%s: the test reads routes and names of problems from the source: write them out", file)
	}
	s, err := strconv.Unquote(lit.Value)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func loadDocument(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(served(t))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// Every route but those of the local socket is in the document with its method, and
// the document has no other: where the source registers none, nothing is served.
func TestOpenAPIHasEveryRoute(t *testing.T) {
	doc := loadDocument(t)
	var routes, described []string
	source(t, func(file, name string, args []ast.Expr) {
		if name != "route" {
			return
		}
		method := strings.ToUpper(strings.TrimPrefix(args[1].(*ast.SelectorExpr).Sel.Name, "Method"))
		if path := literal(t, file, args[2]); !strings.HasPrefix(path, "/local/") {
			routes = append(routes, method+" "+path)
		}
	})
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			described = append(described, method+" "+path)
		}
	}
	slices.Sort(routes)
	slices.Sort(described)
	for _, r := range routes {
		if !slices.Contains(described, r) {
			t.Errorf("%s is served and not described", r)
		}
	}
	for _, d := range described {
		if !slices.Contains(routes, d) {
			t.Errorf("%s is described and not served", d)
		}
	}
	f := newFixed(t)
	tokens, err := bridge.NewTokens(make([]byte, 32), f.store)
	if err != nil {
		t.Fatal(err)
	}
	s := bridge.New(bridge.Config{Backend: f, Competitions: bridge.NewCompetitions(f.store), Tokens: tokens})
	for _, d := range described {
		method, path, _ := strings.Cut(d, " ")
		w := do(s, http.MethodDelete, strings.NewReplacer("{", "", "}", "").Replace(path), "")
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != method {
			t.Errorf("%s: DELETE is answered with %d, Allow %q", d, w.Code, w.Header().Get("Allow"))
		}
	}
}

// onlyElsewhere are problems that no request over HTTP meets, but frames of pages or
// the local socket do.
var onlyElsewhere = []string{"taken", "file", "not-equal", "not-followed"}

// The document names every problem that this package makes, and no other.
func TestOpenAPINamesEveryProblem(t *testing.T) {
	made := map[string]bool{}
	source(t, func(file, name string, args []ast.Expr) {
		if name == "newProblem" && !strings.HasPrefix(file, "local") && len(args) == 4 {
			if _, ok := args[1].(*ast.BasicLit); ok {
				made[literal(t, file, args[1])] = true
			}
		}
	})
	for _, name := range bridge.ProblemNames() {
		made[name] = true
	}
	for _, name := range onlyElsewhere {
		delete(made, name)
	}
	b, err := json.Marshal(loadDocument(t).Components.Schemas["Problem"].Value.Properties["type"].Value)
	if err != nil {
		t.Fatal(err)
	}
	var named struct {
		AnyOf []struct{ Const string }
	}
	if err := json.Unmarshal(b, &named); err != nil {
		t.Fatal(err)
	}
	described := map[string]bool{}
	for _, one := range named.AnyOf {
		if name, ok := strings.CutPrefix(one.Const, "urn:touchline:"); ok {
			described[name] = true
		}
	}
	for name := range made {
		if !described[name] {
			t.Errorf("problem %s is not described", name)
		}
	}
	for name := range described {
		if !made[name] {
			t.Errorf("problem %s is described, and nothing makes it", name)
		}
	}
}
