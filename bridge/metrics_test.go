package bridge_test

import (
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"touchline.dev/touchline/bridge"
)

// What /metrics says can be read by Prometheus, and every value has its type
// and an explanation.
func TestMetricsFormat(t *testing.T) {
	f := newFake(t)
	s := bridge.New(bridge.Config{Backend: f, Guests: bridge.GuestsRecord})
	record(t, s, f, "a")
	w := do(s, "GET", "/metrics", "")
	if got := w.Header().Get("Content-Type"); !strings.HasPrefix(got, "text/plain; version=0.0.4") {
		t.Errorf("content type %q", got)
	}
	p := expfmt.NewTextParser(model.LegacyValidation)
	families, err := p.TextToMetricFamilies(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]dto.MetricType{
		"touchline_peers_connected":     dto.MetricType_GAUGE,
		"touchline_dials_total":         dto.MetricType_COUNTER,
		"touchline_http_requests_total": dto.MetricType_COUNTER,
	} {
		m := families[name]
		if m == nil || m.GetType() != want || !strings.HasSuffix(m.GetHelp(), ".") {
			t.Errorf("%s: %v", name, m)
		}
	}
	labels := families["touchline_http_requests_total"].GetMetric()[0].GetLabel()
	if len(labels) != 2 || labels[0].GetValue() != "/v1/events" || labels[1].GetValue() != "201" {
		t.Errorf("requests are counted as %v", labels)
	}
}
