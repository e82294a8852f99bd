package pubsub

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
)

// topicLabel separates this use of a topic secret from all others.
const topicLabel = "touchline/1 topic"

// TopicName is the name under which the holders of a topic secret meet (rule
// R10): base64url without padding of HMAC-SHA256(topicSecret, topicLabel).
// Names travel in clear to every connected peer and disclose nothing.
func TopicName(topicSecret []byte) string {
	mac := hmac.New(sha256.New, topicSecret)
	mac.Write([]byte(topicLabel))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// isTopicName reports whether TopicName could have returned name.
func isTopicName(name string) bool {
	b, err := base64.RawURLEncoding.Strict().DecodeString(name)
	return err == nil && len(b) == sha256.Size
}

// messageID names a message to gossipsub. The topic is part of it because the
// seen cache is one for all topics: under the event hash alone, the copy of an
// event on its team's topic would be taken for a repeat and sent to nobody.
func messageID(topic string, data []byte) string {
	h := sha256.New()
	h.Write([]byte(topic)) // always 43 bytes, so nothing is ambiguous
	h.Write(data)
	return string(h.Sum(nil))
}
