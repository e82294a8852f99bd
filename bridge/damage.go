package bridge

import (
	"net/http"
	"time"

	"touchline.dev/touchline/crdt"
)

// Damage is what was found wrong with the store of this device.
type Damage struct {
	When  time.Time `json:"when"`
	What  string    `json:"what"`
	Moved string    `json:"moved,omitempty"` // the folder that holds what was there, until somebody removes it
	Saved int       `json:"saved,omitempty"` // events that were read out of that
}

// DamageList is the answer to what was found wrong and is not dismissed.
type DamageList struct {
	Damages []Damage `json:"damages"`
}

// Lost is what a damage took from a match and nobody has brought back yet.
type Lost struct {
	Since  *time.Time  `json:"since"` // when it was found; null: nothing was lost
	Count  uint64      `json:"count"`
	Hashes []crdt.Hash `json:"hashes,omitempty"` // those whose names are known
}

// damageRoutes are for the person at the device.
func (l local) damageRoutes(mux *http.ServeMux) {
	l.server.route(mux, http.MethodGet, "/local/damages", l.damages)
	l.server.route(mux, http.MethodPost, "/local/damages/dismiss", l.dismiss)
}

func (l local) damages(w http.ResponseWriter, r *http.Request) {
	reply(w, http.StatusOK, DamageList{append([]Damage{}, l.admin.Damages()...)})
}

// dismiss answers with what is not shown any more.
func (l local) dismiss(w http.ResponseWriter, r *http.Request) {
	list := DamageList{append([]Damage{}, l.admin.Damages()...)}
	if err := l.admin.Dismiss(); err != nil {
		l.server.fail(w, r, err)
		return
	}
	reply(w, http.StatusOK, list)
}
