package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/node"
)

// showFile shows the match of an exported file. What it shows is what every device
// that has those events shows: the file goes through the same checks into a store that
// is gone when the command ends, on a device without a right in the match.
func (a *app) showFile(ctx context.Context, name string, print func(context.Context, *client, *bridge.Match) error) error {
	f, err := a.openFile(name)
	if err != nil {
		return err
	}
	defer f.Close()
	st := crdt.NewMemStore()
	log, err := a.logger()
	if err != nil {
		return err
	}
	n, err := node.New(node.Config{Store: st, Volatile: true, Log: log})
	if err != nil {
		return err
	}
	b := &backend{node: n, store: st}
	report, err := bridge.ReadArchive(ctx, f, b, func(id crdt.LogID) error { return n.Look(ctx, id) })
	if err != nil {
		return err
	}
	s := bridge.Local(bridge.Config{Files: true}, b)
	defer s.Close()
	c := &client{http: &http.Client{Transport: inProcess{s}}, close: func() error { return nil }}
	err = print(ctx, c, &bridge.Match{ID: report.Match})
	if p := (*bridge.Problem)(nil); errors.As(err, &p) && p.Type == "urn:touchline:sealed" {
		return errors.New("the match is sealed, and an exported file holds no keys: import it on a device that joined the match")
	}
	return errors.Join(err, notRight(report))
}

// notRight is what is wrong with a file whose match was shown all the same.
func notRight(r *bridge.ImportReport) error {
	switch {
	case r.Refused > 0:
		return fmt.Errorf("the file is damaged: %d of %s were refused and are not in what is shown; touchline verify FILE names them", r.Refused, count(r.Read, "event"))
	case r.Waiting > 0:
		return fmt.Errorf("%s in the file lack their author's grant and are not in what is shown", count(r.Waiting, "event"))
	case !r.Whole:
		return errors.New("the file is cut off: what is shown may lack its latest events")
	}
	return nil
}
