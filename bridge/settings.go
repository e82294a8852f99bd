package bridge

import (
	"context"
	"encoding/hex"
	"net/http"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/match"
)

// Untold is a match in which a competition's settings could not be recorded.
type Untold struct {
	Match crdt.LogID `json:"matchId"`
	Why   string     `json:"why"`
}

// secret reports whether what the competition itself says keeps its results from all
// but the teams.
func (one *Competition) secret() bool {
	if len(one.Settings) == 0 {
		return false
	}
	setup := one.Settings.Setup()
	return !setup.Tables()
}

// tell records the settings in the competition's matches that do not have them yet. A
// match in which this device may not write goes without: its own word, or the age band's
// default, stands.
func (l local) tell(ctx context.Context, one *Competition) (untold []Untold, err error) {
	data, err := one.Settings.Payload(one.Name)
	if err != nil {
		return nil, err
	}
	said := "" // nothing, or nothing any more
	if len(one.Settings) > 0 {
		sum := crdt.Sum(data)
		said = hex.EncodeToString(sum[:8])
	}
	for i := range one.Matches {
		f := &one.Matches[i]
		if f.Told == said {
			continue
		}
		if _, err := l.admin.Record(ctx, f.Match, Draft{Content: crdt.Content{Type: "match.setup", Data: data}}); err != nil {
			untold = append(untold, Untold{f.Match, problemOf(err).Error()})
			continue
		}
		f.Told = said
	}
	return untold, nil
}

func (l local) setSettings(w http.ResponseWriter, r *http.Request) {
	var in match.Settings
	err := readBody(w, r, &in)
	if err == nil {
		err = checkSettings(in)
	}
	l.change(w, r, err, func(one *Competition) (_ any, err error) {
		out := Added{Competition: one}
		one.Settings = in
		out.Untold, err = l.tell(r.Context(), one)
		return out, err
	})
}

// checkSettings turns what cannot be into an answer.
func checkSettings(in match.Settings) error {
	if err := in.Validate(); err != nil {
		return badRequest(err.Error())
	}
	return nil
}
