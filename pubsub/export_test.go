package pubsub

import (
	"context"

	gossip "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
)

// NewWith is New with more gossipsub options, which override ours.
func NewWith(ctx context.Context, h host.Host, cfg Config, more ...gossip.Option) (*Router, error) {
	return newRouter(ctx, h, cfg, more...)
}

// PublishBytes publishes what need not be an event.
func (t *Topic) PublishBytes(ctx context.Context, b []byte) error { return t.publish(ctx, b) }

// Queued is how many events wait for Deliver, without those still in gossipsub.
func (t *Topic) Queued() int { return len(t.queue) }

// Validate is the topic's validator.
func (t *Topic) Validate(ctx context.Context, from peer.ID, m *gossip.Message) gossip.ValidationResult {
	return t.validate(ctx, from, m)
}

// Seal makes a message of bytes.
func Seal(topicSecret, b []byte) []byte { return newSealer(topicSecret).seal(b) }

// Open opens a message.
func Open(topicSecret, b []byte) ([]byte, error) { return newSealer(topicSecret).open(b) }

var (
	MessageID = messageID
	Verdict   = verdict
)
