package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/crdt/match"
	"touchline.dev/touchline/crdt/match/matchtest"
	"touchline.dev/touchline/node"
	"touchline.dev/touchline/node/badgerstore"
)

// BenchmarkSeason is the table of 380 real matches (30,000 events): cold, from a store
// that was just opened by a program that just began, and after one more goal.
func BenchmarkSeason(b *testing.B) {
	dir := b.TempDir()
	last := keptSeason(b, dir)
	b.Run("cold", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			s := openSeason(b, dir)
			b.StartTimer()
			s.table(b)
			b.StopTimer()
			s.close(b)
			b.StartTimer()
		}
	})
	b.Run("goal", func(b *testing.B) {
		s := openSeason(b, dir)
		defer s.close(b)
		s.table(b)
		for b.Loop() {
			b.StopTimer()
			clock := int64(600_000)
			_, err := s.node.Record(context.Background(), last, node.Draft{Content: crdt.Content{Type: "note", Data: []byte(`{"kind":"one more"}`), ClockMs: &clock, Period: 2}})
			ok(b, err)
			b.StartTimer()
			s.table(b)
		}
	})
}

// season is an opened store with a season, and what serves its table.
type season struct {
	store *badgerstore.Store
	node  *node.Node
	serve *bridge.Server
}

func openSeason(b *testing.B, dir string) *season {
	store, err := badgerstore.Open(dir, badgerstore.Options{Logger: slog.New(slog.DiscardHandler), Hints: node.Hints()})
	ok(b, err)
	n, err := node.New(node.Config{Store: store})
	ok(b, err)
	s := bridge.Local(bridge.Config{Competitions: bridge.NewCompetitions(store)}, &backend{node: n, store: store})
	return &season{store, n, s}
}

func (s *season) close(b *testing.B) {
	s.serve.Close()
	ok(b, s.store.Close())
}

// table asks for the table as a client does; all 380 matches must be in it.
func (s *season) table(b *testing.B) {
	w := httptest.NewRecorder()
	s.serve.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost/v1/competitions/league/table?live=true", nil))
	if got := strings.Count(w.Body.String(), `"played":38,`); w.Code != http.StatusOK || got != 20 {
		b.Fatalf("%d: %d rows of 38 matches: %.300s", w.Code, got, w.Body)
	}
}

// keptSeason writes the season to a store, and names its last match.
func keptSeason(b *testing.B, dir string) (last crdt.LogID) {
	s := openSeason(b, dir)
	defer s.close(b)
	ctx := context.Background()
	all := bridge.NewCompetitions(s.store)
	_, err := all.New(ctx, bridge.NewCompetition{Name: "league", Preset: "premier-league"})
	ok(b, err)
	matches := matchtest.Matches(b, "epl2017-18")
	ids := make([]crdt.LogID, len(matches))
	var group errgroup.Group
	group.SetLimit(64) // so that commits are shared
	for i, m := range matches {
		group.Go(func() error {
			f, err := s.node.Found(ctx, access.PurposeMatch, fmt.Sprint(m.Match))
			if err != nil {
				return err
			}
			ids[i] = f.Log
			return recordAll(ctx, s.node, f.Log, m.Events)
		})
	}
	ok(b, group.Wait())
	_, err = all.Change(ctx, "league", func(c *bridge.Competition) error {
		for _, id := range ids {
			c.Add(bridge.Fixture{Match: id})
		}
		return nil
	})
	ok(b, err)
	return ids[len(ids)-1]
}

func recordAll(ctx context.Context, n *node.Node, id crdt.LogID, events []match.Event) error {
	for i := range events {
		e := &events[i]
		c := crdt.Content{Type: e.Type, Team: e.Team, Period: e.Period, ClockMs: e.ClockMs, Data: e.Data}
		if _, err := n.Record(ctx, id, node.Draft{Content: c}); err != nil {
			return err
		}
	}
	return nil
}

func ok(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
