package pubsub_test

import (
	"encoding/binary"
	"sync/atomic"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/pubsub"
)

// Most of a flood is dropped unjudged, and others are heard amid it.
func TestFloodIsNotJudged(t *testing.T) {
	m := newMember(t, pubsub.Config{})
	var refused atomic.Uint64
	cfg := m.config()
	cfg.Judge = func(b []byte) (*crdt.Event, error) {
		if len(b) == 8 {
			refused.Add(1)
			return nil, crdt.ErrBusy
		}
		return judge(b)
	}
	m.joinWith(t, cfg)
	flooder, honest := newStranger(t), newStranger(t)
	flooder.meet(t, m)
	honest.meet(t, m)
	dropped := func() uint64 { return m.router.Counters().Dropped[pubsub.DropRate] }
	sent := 0
	for ; dropped() < 2*refused.Load() || refused.Load() == 0; sent++ {
		if sent == 100_000 {
			t.Fatalf("of %d messages of a flood %d were judged", sent, refused.Load())
		}
		flooder.send(t, binary.BigEndian.AppendUint64(nil, uint64(sent)))
		if sent%1000 == 999 {
			e := event(t, sent, granted)
			honest.send(t, e.Envelope())
			m.until(t, "an event amid the flood", func() bool { return m.got[e.Hash] == 1 })
		}
	}
	t.Logf("of %d messages of a flood %d were judged", sent, refused.Load())
}
