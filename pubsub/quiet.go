package pubsub

import (
	"context"
	"log/slog"
)

// quiet lets through warnings and worse: at lower levels gossipsub writes out
// every message with the beginning of its content.
type quiet struct{ slog.Handler }

// Enabled implements slog.Handler.
func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.Handler.Enabled(ctx, level)
}

// Handle implements [slog.Handler].
func (q quiet) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == unranked {
		return nil
	}
	return q.Handler.Handle(ctx, r)
}

// unranked is a warning for nobody, in gossipsub's words, and in a burst it comes once a
// message: libp2p's connection manager, whose queue has 128 places, was not told who
// brought one first, or the topic was left meanwhile. That only ranks links for trimming, and
// which links a node keeps is decided by package node.
const unranked = "error bumping delivery tag"

// WithAttrs implements slog.Handler.
func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(attrs)} }

// WithGroup implements slog.Handler.
func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.Handler.WithGroup(name)} }
