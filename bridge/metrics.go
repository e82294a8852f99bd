package bridge

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics serves the node's values, this package's own and the runtime's.
type metrics struct {
	requests *prometheus.CounterVec
	registry *prometheus.Registry
	handler  http.Handler
}

func newMetrics(b Backend) *metrics {
	m := &metrics{requests: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "touchline_http_requests_total",
		Help: "HTTP requests answered, by route and status.",
	}, []string{"route", "status"})}
	reg := prometheus.NewRegistry()
	reg.MustRegister(m.requests, nodeCollector{b}, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.registry = reg
	m.handler = promhttp.HandlerFor(reg, promhttp.HandlerOpts{})
	return m
}

// add serves more values. It is called before anything is served.
func (m *metrics) add(c prometheus.Collector) { m.registry.MustRegister(c) }

// count counts the answers of one route.
func (m *metrics) count(route string, next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sw := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		defer func() { m.requests.WithLabelValues(route, strconv.Itoa(sw.status)).Inc() }()
		next(sw, r)
	})
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// nodeCollector passes the node's values on. It describes nothing beforehand
// (an "unchecked" collector), since only the node knows their names.
type nodeCollector struct{ backend Backend }

func (c nodeCollector) Describe(chan<- *prometheus.Desc) {}

func (c nodeCollector) Collect(out chan<- prometheus.Metric) {
	for name, value := range c.backend.Metrics() {
		kind := prometheus.GaugeValue
		if strings.HasSuffix(name, "_total") {
			kind = prometheus.CounterValue
		}
		out <- prometheus.MustNewConstMetric(prometheus.NewDesc(name, helpOf(name), nil, nil), kind, value)
	}
}

// metricHelp explains the node's values.
var metricHelp = map[string]string{
	"touchline_events_recorded_total":   "Events recorded by this device.",
	"touchline_events_added_total":      "Events made durable here, whoever wrote them.",
	"touchline_events_refused_total":    "Events from others that were refused: wrong signature, no right, malformed.",
	"touchline_syncs_total":             "Reconciliations with peers that ended well.",
	"touchline_syncs_failed_total":      "Reconciliations with peers that broke off.",
	"touchline_sync_events_in_total":    "Events received by reconciliation.",
	"touchline_sync_events_out_total":   "Events sent by reconciliation.",
	"touchline_sync_bytes_in_total":     "Bytes received by reconciliation.",
	"touchline_sync_bytes_out_total":    "Bytes sent by reconciliation.",
	"touchline_dials_total":             "Attempts to connect to a peer.",
	"touchline_dials_failed_total":      "Attempts to connect to a peer that failed.",
	"touchline_links_lost_total":        "Connections that the heartbeat found dead.",
	"touchline_matches":                 "Matches and teams that this device follows.",
	"touchline_peers_connected":         "Peers connected now.",
	"touchline_store_damages":           "What was found wrong with the store and is not dismissed.",
	"touchline_store_writable":          "1 while events can be saved, 0 while the disk refuses.",
	"touchline_gossip_delivered_total":  "Events that arrived live.",
	"touchline_gossip_duplicates_total": "Live messages that had arrived before.",
	"touchline_gossip_ignored_total":    "Live messages set aside: not of a followed match, or their grant is not here yet.",
	"touchline_gossip_dropped_total":    "Live messages lost to a full queue; reconciliation brings them.",
	"touchline_gossip_rejected_total":   "Live messages that nobody honest sends.",
}

// helpOf explains a value; one that has no explanation yet, by its name.
func helpOf(name string) string {
	if help := metricHelp[name]; help != "" {
		return help
	}
	return strings.ReplaceAll(strings.TrimPrefix(name, "touchline_"), "_", " ")
}
