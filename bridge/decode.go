package bridge

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"
)

// decodeStrict reads exactly one JSON value without fields that v lacks, so
// that a misspelt field is an error and not a loss.
func decodeStrict(b []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	err := dec.Decode(v)
	if _, end := dec.Token(); end != io.EOF && json.NewDecoder(bytes.NewReader(b)).Decode(new(json.RawMessage)) == nil {
		return badRequest("there is more after the JSON value") // whatever else is wrong with it: it was read as another form than it is meant in
	}
	if err != nil {
		return badRequest(whyNotJSON(b, err))
	}
	return nil
}

// unknownField begins the error of a field that v lacks, for which package json has
// neither a type nor a sentinel.
const unknownField = "json: unknown field "

// whyNotJSON says what is wrong with b to people who do not know this program's types.
func whyNotJSON(b []byte, err error) string {
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	var noTime *time.ParseError
	switch {
	case errors.Is(err, io.EOF):
		return "there is no JSON in the body: it is empty"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "the JSON breaks off before its end"
	case errors.As(err, &syntax):
		return fmt.Sprintf("this is not JSON: see byte %d, %s", syntax.Offset, nearby(b, syntax.Offset))
	case errors.As(err, &wrong):
		what := "the JSON"
		if wrong.Field != "" {
			what = wrong.Field
		}
		return fmt.Sprintf("%s must be %s, not %s", what, typeWords(wrong.Type), valueWords(wrong.Value))
	case errors.As(err, &noTime):
		return fmt.Sprintf("%s is no time; write it as in 2026-05-09T14:30:00Z", noTime.Value)
	}
	if name, ok := strings.CutPrefix(err.Error(), unknownField); ok {
		return "no field is named " + name + " here"
	}
	return err.Error() // of a type of ours, which says it in words
}

// nearby quotes what stands around an offset.
func nearby(b []byte, offset int64) string {
	const around = 8
	at := min(max(int(offset), 0), len(b))
	return fmt.Sprintf("near %q", b[max(at-around, 0):min(at+around, len(b))])
}

var (
	textual  = reflect.TypeFor[encoding.TextUnmarshaler]()
	instants = reflect.TypeFor[time.Time]()
)

// typeWords name what is wanted, as JSON has it.
func typeWords(t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == instants:
		return "a time in a string"
	case reflect.PointerTo(t).Implements(textual):
		return "a string"
	}
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return fmt.Sprintf("a whole number from 0 to %d", uint64(1)<<t.Bits()-1)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return "a whole number"
	case reflect.Slice, reflect.Array:
		return "a list"
	}
	return "an object"
}

// valueWords name what was found; package json says "number 1.5" or "object".
func valueWords(found string) string {
	kind, number, ok := strings.Cut(found, " ")
	switch {
	case ok && kind == "number":
		return number
	case found == "array":
		return "a list"
	case found == "bool":
		return "true or false"
	case found == "object":
		return "an object"
	}
	return "a " + found
}
