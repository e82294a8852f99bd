package main

import (
	"encoding/json"
	"slices"
	"strconv"
	"testing"
)

// BenchmarkTap is from a tap in one Chromium until another shows it, durable at
// the node between, as often as -benchtime says. Each figure is the time from the
// touch to a stage; the steps are in bridge/web/test/taps.mjs.
func BenchmarkTap(b *testing.B) {
	at, _, run := startHTTP(b)
	env := []string{"RECORD=" + run("token", "m", "--role", "record"), "WATCH=" + run("token", "m", "--role", "watch"), "TAPS=" + strconv.Itoa(b.N)}
	b.ResetTimer()
	out := inBrowser(b, env, "test/taps.mjs", at)
	b.StopTimer()
	var stages map[string][]float64 // milliseconds, of each tap
	if err := json.Unmarshal(out, &stages); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	for _, stage := range []string{"sent", "heard", "answered", "shown"} {
		ms := stages[stage]
		slices.Sort(ms)
		b.ReportMetric(ms[len(ms)*50/100], "p50-ms-"+stage)
		b.ReportMetric(ms[len(ms)*99/100], "p99-ms-"+stage)
	}
	b.ReportMetric(0, "ns/op") // with the pauses between taps it says nothing
}
