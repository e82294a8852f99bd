package node

import "sync/atomic"

// counters are what the node counts about itself since it was made.
type counters struct {
	recorded, added, erased      atomic.Int64
	syncs, syncsFailed           atomic.Int64
	syncEventsIn, syncEventsOut  atomic.Int64
	syncBytesIn, syncBytesOut    atomic.Int64
	dials, dialsFailed, linkLost atomic.Int64
	refused                      atomic.Int64
}

// Metrics returns the node's figures under their Prometheus names.
func (n *Node) Metrics() map[string]float64 {
	c := &n.counters
	m := map[string]float64{
		"touchline_events_recorded_total":  float64(c.recorded.Load()),
		"touchline_events_added_total":     float64(c.added.Load()),
		"touchline_events_erased_total":    float64(c.erased.Load()),
		"touchline_events_refused_total":   float64(c.refused.Load()),
		"touchline_syncs_total":            float64(c.syncs.Load()),
		"touchline_syncs_failed_total":     float64(c.syncsFailed.Load()),
		"touchline_sync_events_in_total":   float64(c.syncEventsIn.Load()),
		"touchline_sync_events_out_total":  float64(c.syncEventsOut.Load()),
		"touchline_sync_bytes_in_total":    float64(c.syncBytesIn.Load()),
		"touchline_sync_bytes_out_total":   float64(c.syncBytesOut.Load()),
		"touchline_dials_total":            float64(c.dials.Load()),
		"touchline_dials_failed_total":     float64(c.dialsFailed.Load()),
		"touchline_links_lost_total":       float64(c.linkLost.Load()),
		"touchline_matches":                float64(len(n.Members())),
		"touchline_peers_connected":        0,
		"touchline_store_writable":         1,
		"touchline_gossip_delivered_total": 0,
		"touchline_gossip_rejected_total":  0,
	}
	if n.store.Health() != nil {
		m["touchline_store_writable"] = 0
	}
	if net := n.net.Load(); net != nil {
		net.metrics(m)
	}
	return m
}

// metrics adds the network's figures.
func (w *network) metrics(m map[string]float64) {
	m["touchline_peers_connected"] = float64(len(w.host.Network().Peers()))
	c := w.router.Counters()
	m["touchline_gossip_delivered_total"] = float64(c.Delivered)
	m["touchline_gossip_duplicates_total"] = float64(c.Duplicates)
	m["touchline_gossip_ignored_total"] = total(c.Ignored)
	m["touchline_gossip_dropped_total"] = total(c.Dropped)
	m["touchline_gossip_rejected_total"] = total(c.Rejected)
}

func total(by map[string]uint64) (sum float64) {
	for _, k := range by {
		sum += float64(k)
	}
	return sum
}
