package bridge_test

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt/access"
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

// The figures tell of events that not all are shown, so they are for who may record and
// for programs of this machine; and they name nobody: no person, team, match, device,
// token or address, whatever was asked for before.
func TestWhoSeesMetrics(t *testing.T) {
	r := newRedacted(t, settings()[0])
	tokens := newTokens(t, r.store)
	watch, _ := mint(t, tokens, r.log.ID(), access.Spectator, time.Now())
	scorer, info := mint(t, tokens, r.log.ID(), access.Scorer, time.Now())
	for _, tt := range []struct {
		who    string
		guests bridge.Guests
		from   string
		header []string
		code   int
	}{
		{"a stranger", "", "192.0.2.7:1", nil, 401},
		{"a guest who watches", bridge.GuestsWatch, "192.0.2.7:1", nil, 401},
		{"a guest who records", bridge.GuestsRecord, "192.0.2.7:1", nil, 200},
		{"who may watch", "", "192.0.2.7:1", []string{"Authorization", "Bearer " + watch}, 401},
		{"who may record", "", "192.0.2.7:1", []string{"Authorization", "Bearer " + scorer}, 200},
		{"a program of this machine", "", "127.0.0.1:1", nil, 200},
		{"the same, over IPv6", "", "[::1]:1", nil, 200},
		{"somebody through a proxy of this machine", "", "127.0.0.1:1", []string{"X-Forwarded-For", "192.0.2.7"}, 401},
		{"the same, as RFC 7239 has it", "", "127.0.0.1:1", []string{"Forwarded", "for=192.0.2.7"}, 401},
	} {
		s := bridge.New(bridge.Config{Backend: r, Tokens: tokens, Guests: tt.guests})
		ask := func(path string) *httptest.ResponseRecorder {
			q := httptest.NewRequest("GET", path, nil)
			q.Host, q.RemoteAddr = "127.0.0.1:3001", tt.from
			for i := 0; i < len(tt.header); i += 2 {
				q.Header.Set(tt.header[i], tt.header[i+1])
			}
			w := httptest.NewRecorder()
			s.ServeHTTP(w, q)
			return w
		}
		for view := range viewsOfMatch {
			if !strings.HasSuffix(strings.Split(view, "?")[0], "/live") { // does not end
				ask(r.path(view))
			}
		}
		ask("/v1/matches/Surnone/zaphira?of=Firstnone")
		w := ask("/metrics")
		if w.Code != tt.code {
			t.Errorf("%s: %d %s", tt.who, w.Code, w.Body)
		}
		namesNobody(t, tt.who, w.Body.String(), r, info.ID)
	}
}

// namesNobody demands that metrics have no word about anybody, and no labels but those
// whose values this program makes up.
func namesNobody(t *testing.T, who, body string, r *redacted, more ...string) {
	t.Helper()
	words := append(more, r.log.ID().String(), r.log.ID().Short(), r.member.Device().String(), r.member.Grant.String(), r.PeerID(), "final", "badgers", "otters", "cup", "192.0.2.7", "Surnone", "Firstnone")
	for _, c := range r.canaries {
		if !strings.HasPrefix(c.word, `"`) && len(c.word) > 4 {
			words = append(words, c.word)
		}
	}
	for _, word := range words {
		if strings.Contains(body, word) {
			t.Errorf("%s: the metrics say %q", who, word)
		}
	}
	if !strings.HasPrefix(body, "#") {
		return // refused
	}
	p := expfmt.NewTextParser(model.LegacyValidation)
	families, err := p.TextToMetricFamilies(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range families {
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if !slices.Contains([]string{"route", "status", "reason", "version", "quantile"}, l.GetName()) {
					t.Errorf("%s has the label %s", name, l)
				}
			}
		}
	}
}
