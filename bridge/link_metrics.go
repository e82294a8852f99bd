package bridge

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// pageMetrics count what pages do. They name nobody.
type pageMetrics struct {
	frames    atomic.Int64
	delivered atomic.Int64
	acked     atomic.Int64
	sessions  atomic.Int64
	equal     atomic.Int64
	enrolled  atomic.Int64
	byes      *prometheus.CounterVec
}

func newPageMetrics() pageMetrics {
	return pageMetrics{byes: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "touchline_page_byes_total",
		Help: "Connections of pages that this node ended, by reason.",
	}, []string{"reason"})}
}

func (m *pageMetrics) bye(reason string) { m.byes.WithLabelValues(reason).Inc() }

var (
	descPages     = pageDesc("touchline_pages", "Pages connected now.")
	descUnproven  = pageDesc("touchline_pages_unproven", "Pages connected now that may do nothing yet.")
	descCalls     = pageDesc("touchline_page_calls", "WebRTC connections of pages now.")
	descFrames    = pageDesc("touchline_page_frames_total", "Frames received from pages.")
	descDelivered = pageDesc("touchline_page_deliveries_total", "Batches of live events handed to pages.")
	descAcked     = pageDesc("touchline_page_acks_total", "Events of pages acknowledged as durable.")
	descSessions  = pageDesc("touchline_page_sessions_total", "Comparisons of sets that pages began.")
	descEqual     = pageDesc("touchline_page_sessions_equal_total", "Reconciliations with pages that ended with equal sets.")
	descEnrolled  = pageDesc("touchline_page_enrolments_total", "Keys of pages let in.")
)

func pageDesc(name, help string) *prometheus.Desc { return prometheus.NewDesc(name, help, nil, nil) }

// Describe implements prometheus.Collector.
func (ps *pages) Describe(out chan<- *prometheus.Desc) {
	ps.metrics.byes.Describe(out)
	for _, d := range []*prometheus.Desc{descPages, descUnproven, descCalls, descFrames, descDelivered, descAcked, descSessions, descEqual, descEnrolled} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (ps *pages) Collect(out chan<- prometheus.Metric) {
	ps.metrics.byes.Collect(out)
	open, unproven := ps.counts()
	out <- prometheus.MustNewConstMetric(descPages, prometheus.GaugeValue, float64(open))
	out <- prometheus.MustNewConstMetric(descUnproven, prometheus.GaugeValue, float64(unproven))
	out <- prometheus.MustNewConstMetric(descCalls, prometheus.GaugeValue, float64(ps.calls.Calls()))
	m := &ps.metrics
	for _, c := range []struct {
		desc  *prometheus.Desc
		value *atomic.Int64
	}{
		{descFrames, &m.frames}, {descDelivered, &m.delivered}, {descAcked, &m.acked},
		{descSessions, &m.sessions}, {descEqual, &m.equal}, {descEnrolled, &m.enrolled},
	} {
		out <- prometheus.MustNewConstMetric(c.desc, prometheus.CounterValue, float64(c.value.Load()))
	}
}
