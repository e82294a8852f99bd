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
	m.handler = promhttp.HandlerFor(reg, promhttp.HandlerOpts{})
	return m
}

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
		out <- prometheus.MustNewConstMetric(prometheus.NewDesc(name, strings.ReplaceAll(name, "_", " "), nil, nil), kind, value)
	}
}
