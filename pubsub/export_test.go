package pubsub

import (
	"context"

	gossip "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/host"
)

// NewWith is New with more gossipsub options, which override ours.
func NewWith(ctx context.Context, h host.Host, cfg Config, more ...gossip.Option) (*Router, error) {
	return newRouter(ctx, h, cfg, more...)
}

// PublishBytes publishes what need not be an event.
func (t *Topic) PublishBytes(ctx context.Context, b []byte) error { return t.publish(ctx, b) }

var (
	MessageID = messageID
	Verdict   = verdict
)
