package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/node"
	"touchline.dev/touchline/node/badgerstore"
)

// benchLine is one measurement.
type benchLine struct {
	Name    string  `json:"name"`
	PerSec  float64 `json:"perSecond"`
	Writers int     `json:"writers,omitempty"`
}

func (a *app) benchCommand() *cobra.Command {
	var each time.Duration
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure what this machine can do",
		Long: `Measures, in a folder of its own beside the data folder, how many events this
machine records durably in a second, alone and with many writers at once, and
how fast it verifies and digests what it hears.`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if each <= 0 {
				return usagef("--for must be positive")
			}
			return a.bench(cmd.Context(), each)
		},
	}
	cmd.Flags().DurationVar(&each, "for", time.Second, "how long each measurement takes")
	return cmd
}

func (a *app) bench(ctx context.Context, each time.Duration) (err error) {
	if err := os.MkdirAll(a.data, 0o700); err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	dir, err := os.MkdirTemp(a.data, "bench-*") // on the disk that matters
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	log, err := a.logger()
	if err != nil {
		return err
	}
	st, err := badgerstore.Open(dir, badgerstore.Options{Logger: log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	n, err := node.New(node.Config{Store: st, Log: log})
	if err != nil {
		return err
	}
	m, err := n.Found(ctx, access.PurposeMatch, "")
	if err != nil {
		return err
	}
	one, err := n.Record(ctx, m.Log, benchDraft())
	if err != nil {
		return err
	}
	for _, writers := range []int{1, 64} {
		rate, err := recordRate(ctx, n, m.Log, writers, each)
		if err != nil {
			return err
		}
		if err := a.benchLine(benchLine{"events recorded durably", rate, writers}); err != nil {
			return err
		}
	}
	envelope := one.Event.Envelope()
	rate := rateOf(each, func() {
		if _, e := crdt.Open(envelope); e != nil {
			err = e
		}
	})
	if err != nil {
		return err
	}
	if err := a.benchLine(benchLine{Name: "events verified, one core", PerSec: rate}); err != nil {
		return err
	}
	var d crdt.Digest
	rate = rateOf(each, func() { d.Add(one.Event.Hash) })
	return a.benchLine(benchLine{Name: "events digested, one core", PerSec: rate})
}

func (a *app) benchLine(l benchLine) error {
	if a.json {
		return a.printJSON(l)
	}
	if l.Writers > 0 {
		l.Name += " by " + count(l.Writers, "writer")
	}
	a.printf("%-38s %10.0f /s\n", l.Name, l.PerSec)
	return nil
}

func benchDraft() node.Draft {
	return node.Draft{Content: crdt.Content{Type: "bench", Data: []byte(`{"player":7,"kind":"open_play"}`)}}
}

// recordRate records with so many writers until the time is over.
func recordRate(ctx context.Context, n *node.Node, id crdt.LogID, writers int, each time.Duration) (float64, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var done atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	for range writers {
		wg.Go(func() {
			for time.Since(start) < each && ctx.Err() == nil {
				if _, err := n.Record(ctx, id, benchDraft()); err != nil {
					cancel(err)
					return
				}
				done.Add(1)
			}
		})
	}
	wg.Wait()
	return float64(done.Load()) / time.Since(start).Seconds(), context.Cause(ctx)
}

func rateOf(each time.Duration, f func()) float64 {
	start, n := time.Now(), 0
	for time.Since(start) < each {
		f()
		n++
	}
	return float64(n) / time.Since(start).Seconds()
}
