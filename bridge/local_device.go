package bridge

import (
	"net/http"

	"touchline.dev/touchline/crdt"
)

// device answers what another device lacks.
func (l local) device(w http.ResponseWriter, r *http.Request) {
	log, err := l.server.matchLog(r)
	var report DeviceReport
	if err == nil {
		report, err = l.admin.Device(r.Context(), log.ID(), r.PathValue("device"))
	}
	if err != nil {
		l.server.fail(w, r, err)
		return
	}
	lens := l.server.lens(r, log)
	if err := lens.focus(); err != nil {
		l.server.fail(w, r, err)
		return
	}
	for i, missing := range report.Missing {
		report.Missing[i] = Event{Hash: missing.Hash, Match: log.ID(), Refs: []crdt.Hash{}, Sealed: true}
		if e, err := log.Event(missing.Hash); err == nil {
			if shown, ok := lens.show(e); ok {
				report.Missing[i] = shown
			}
		} else {
			report.Missing[i] = missing // erased meanwhile, or damaged here
		}
	}
	reply(w, http.StatusOK, report)
}
