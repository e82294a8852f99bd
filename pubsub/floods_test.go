package pubsub

import (
	"testing"
	"testing/synctest"
	"time"

	gossip "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
)

// A peer of whom too much is refused is not heard for half a second; one who brings
// what an honest peer may is always heard.
func TestDeafToFloods(t *testing.T) {
	f, now := newFloods(), time.Now()
	for range refusedAtOnce - 1 {
		f.refused(now, "flooder")
	}
	if f.deafTo(now, "flooder") {
		t.Error("deaf before it was enough")
	}
	for range 5000 {
		f.refused(now, "flooder")
	}
	for after, deaf := range map[time.Duration]bool{0: true, 400 * time.Millisecond: true} {
		if f.deafTo(now.Add(after), "flooder") != deaf {
			t.Errorf("%v after a flood: deaf is not %v", after, deaf)
		}
	}
	if f.deafTo(now.Add(600*time.Millisecond), "flooder") {
		t.Error("still deaf after 600 ms")
	}
	for i := range 4000 { // 400 a second: all of one invite that we refuse and an honest peer took
		now := now.Add(time.Duration(i) * 2500 * time.Microsecond)
		if f.refused(now, "honest"); f.deafTo(now, "honest") {
			t.Fatal("deaf to an honest peer")
		}
	}
	f.forget("flooder")
	if len(f.peers) != 1 {
		t.Error("a peer that has gone is remembered")
	}
}

// Of what a peer says to whom we are deaf, what keeps topics and mesh going is heard.
func TestWhatDeafnessLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTracer(nil)
		rpc := func() *gossip.RPC {
			return &gossip.RPC{RPC: pb.RPC{
				Subscriptions: []*pb.RPC_SubOpts{{}},
				Publish:       []*pb.Message{{}, {}},
				Control:       &pb.ControlMessage{Ihave: []*pb.ControlIHave{{}}, Iwant: []*pb.ControlIWant{{}}, Graft: []*pb.ControlGraft{{}}, Prune: []*pb.ControlPrune{{}}},
			}}
		}
		for range refusedAtOnce {
			tr.floods.refused(time.Now(), "flooder")
		}
		honest, flooder := rpc(), rpc()
		if tr.inspect("honest", honest) != nil || tr.inspect("flooder", flooder) != nil {
			t.Fatal("a whole message between peers was dropped")
		}
		if len(honest.Publish) != 2 || len(honest.Control.Ihave) != 1 {
			t.Error("an honest peer's messages were dropped")
		}
		if len(flooder.Publish) != 0 || len(flooder.Control.Ihave) != 0 {
			t.Error("a flooder's messages were not dropped")
		}
		if c := flooder.Control; len(flooder.Subscriptions) != 1 || len(c.Iwant) != 1 || len(c.Graft) != 1 || len(c.Prune) != 1 {
			t.Error("more was dropped than messages")
		}
		if n := tr.counters.snapshot().Dropped[DropRate]; n != 2 {
			t.Errorf("%d messages counted as dropped", n)
		}
		time.Sleep(time.Second) // of the bubble's clock
		if later := rpc(); tr.inspect("flooder", later) != nil || len(later.Publish) != 2 {
			t.Error("not heard again")
		}
	})
}
