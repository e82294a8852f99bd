package bridge_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"touchline.dev/touchline/bridge"
)

// served is the document as a client gets it.
func served(t *testing.T) []byte {
	t.Helper()
	w := do(bridge.New(bridge.Config{Backend: newFake(t)}), "GET", "/v1/openapi.json", "")
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("%d %s: %s", w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	return w.Body.Bytes()
}

// metaSchema is the OpenAPI Initiative's own, as published.
const metaSchema = "testdata/openapi-3.1-schema-2022-10-07.json"

// The document is OpenAPI 3.1: by the published schema of such documents, by a
// validator, which also follows its references and tries its examples, and, as to its
// schemas, by JSON Schema 2020-12.
func TestOpenAPIIsValid(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromData(served(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(context.Background(), openapi3.EnableExamplesValidation(), openapi3.EnableSchemaFormatValidation()); err != nil {
		t.Error(err)
	}
	schema := mustJSON(t, mustRead(t, metaSchema))
	all := mustJSON(t, served(t))
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("meta.json", schema); err != nil {
		t.Fatal(err)
	}
	meta, err := c.Compile("meta.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := meta.Validate(all); err != nil {
		t.Errorf("%#v", err)
	}
	if err := c.AddResource("openapi.json", all); err != nil {
		t.Fatal(err)
	}
	for name := range doc.Components.Schemas {
		if _, err := c.Compile("openapi.json#/components/schemas/" + name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func mustRead(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func mustJSON(t *testing.T, b []byte) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// contract holds requests and answers against the document. It is stricter than a
// client is to be: an answer may have no field that the document lacks.
type contract struct {
	doc    *openapi3.T
	router routers.Router
}

// theContract is made once: the document does not change.
var theContract struct {
	sync.Mutex
	*contract
}

func contractOf(t *testing.T) *contract {
	t.Helper()
	theContract.Lock()
	defer theContract.Unlock()
	if theContract.contract != nil {
		return theContract.contract
	}
	var raw any
	if err := json.Unmarshal(served(t), &raw); err != nil {
		t.Fatal(err)
	}
	closeObjects(raw)
	strict, err := json.Marshal(raw)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(strict)
	if err != nil {
		t.Fatal(err)
	}
	c := &contract{doc: doc}
	if c.router, err = gorillamux.NewRouter(doc); err != nil {
		t.Fatal(err)
	}
	theContract.contract = c
	return c
}

// closeObjects lets no object have fields that its schema lacks, unless the schema
// says whether it may.
func closeObjects(v any) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			closeObjects(item)
		}
	case map[string]any:
		for _, item := range v {
			closeObjects(item)
		}
		if _, says := v["additionalProperties"]; v["type"] == "object" && v["properties"] != nil && !says {
			v["additionalProperties"] = false
		}
	}
}

// input is a request as the validator wants it; nil: the document has no operation
// for it.
func (c *contract) input(method, path string, body []byte) *openapi3filter.RequestValidationInput {
	r := httptest.NewRequest(method, path, bytes.NewReader(body))
	if len(body) > 0 {
		r.Header.Set("Content-Type", "application/json")
	}
	route, params, err := c.router.FindRoute(r)
	if err != nil {
		return nil
	}
	for name, value := range params {
		if params[name], err = url.PathUnescape(value); err != nil {
			return nil
		}
	}
	return &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: &openapi3filter.Options{
		IncludeResponseStatus: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
	}}
}

// request says why a request is none of the document's.
func (c *contract) request(method, path string, body []byte) error {
	in := c.input(method, path, body)
	if in == nil {
		return routers.ErrPathNotFound
	}
	return openapi3filter.ValidateRequest(context.Background(), in)
}

// answer says why an answer is none of the document's. What is asked for outside it
// has a problem for an answer, but for preflights.
func (c *contract) answer(method, path string, status int, header http.Header, body []byte) error {
	in := c.input(method, path, nil)
	switch {
	case method == http.MethodOptions && status == http.StatusNoContent:
		return nil // a preflight
	case in == nil:
		return c.schema("Problem", body)
	}
	kind := header.Get("Content-Type")
	if kind == "application/problem+json" {
		var p bridge.Problem
		if err := json.Unmarshal(body, &p); err != nil {
			return err
		}
		said := in.Route.Operation.Responses.Status(status)
		if name := strings.TrimPrefix(p.Type, "urn:touchline:"); said != nil && !strings.Contains(*said.Value.Description, "`"+name+"`") {
			return &undocumented{method + " " + path, p}
		}
	}
	if kind == "text/event-stream" {
		return c.stream(body)
	}
	return openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: status, Header: header, Body: io.NopCloser(bytes.NewReader(body)), Options: in.Options,
	})
}

// undocumented is a problem that its operation does not name.
type undocumented struct {
	operation string
	problem   bridge.Problem
}

func (u *undocumented) Error() string {
	return u.operation + " does not say that it may answer " + u.problem.Type + " (" + u.problem.Detail + ")"
}

func (c *contract) schema(name string, body []byte) error {
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return err
	}
	return c.doc.Components.Schemas[name].Value.VisitJSON(v, openapi3.EnableJSONSchema2020())
}

// stream checks the events of a live stream.
func (c *contract) stream(body []byte) error {
	event := ""
	for _, line := range strings.Split(string(body), "\n") {
		if name, ok := strings.CutPrefix(line, "event: "); ok {
			event = name
		}
		data, ok := strings.CutPrefix(line, "data: ")
		if !ok || event != "live" {
			continue
		}
		if err := c.schema("Event", []byte(data)); err != nil {
			return err
		}
	}
	return nil
}

// documented is a server each of whose answers is held against the document.
func documented(t *testing.T, h http.Handler) http.Handler {
	c := contractOf(t)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		if err := c.answer(r.Method, r.URL.String(), rec.Code, rec.Header(), rec.Body.Bytes()); err != nil {
			t.Errorf("%s %s: %d: %v", r.Method, r.URL, rec.Code, err)
		}
		for name, values := range rec.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rec.Body.Bytes())
	})
}

// Every answer of docs/vectors/rest.json is one of the document's, and so is every
// request, but for those that are answered as malformed.
func TestGoldenAnswersAreDocumented(t *testing.T) {
	c := contractOf(t)
	var list []golden
	if err := json.Unmarshal(mustRead(t, restFile), &list); err != nil {
		t.Fatal(err)
	}
	for _, g := range list {
		body := []byte(g.JSON)
		if g.Text != "" {
			body = []byte(g.Text)
		}
		if err := c.answer(g.Method, g.Path, g.Status, http.Header{"Content-Type": {g.ContentType}}, body); err != nil {
			t.Errorf("answer to %s: %v", g.Name, err)
		}
		err := c.request(g.Method, g.Path, g.Body)
		if malformed := strings.Contains(string(g.JSON), `urn:touchline:malformed`); malformed != (err != nil) {
			t.Errorf("request of %s: answered as malformed: %v; by the document: %v", g.Name, malformed, err)
		}
	}
}

// So is every state of docs/vectors/fold.json, which has all that football knows.
func TestStatesAreDocumented(t *testing.T) {
	c := contractOf(t)
	var vectors []struct {
		Name  string
		State map[string]any
	}
	if err := json.Unmarshal(mustRead(t, "../docs/vectors/fold.json"), &vectors); err != nil {
		t.Fatal(err)
	}
	state := c.doc.Components.Schemas["State"].Value
	for _, v := range vectors {
		v.State["matchId"] = fixedLog.String()
		if err := state.VisitJSON(v.State, openapi3.EnableJSONSchema2020()); err != nil {
			t.Errorf("%s: %v", v.Name, err)
		}
	}
}
