package bridge

import "net/http"

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
	out := []Event{}
	for _, missing := range report.Missing {
		if e, err := log.Event(missing.Hash); err == nil {
			out = append(out, l.server.render(e))
		} else {
			out = append(out, missing) // erased meanwhile, or damaged here
		}
	}
	report.Missing = out
	reply(w, http.StatusOK, report)
}
