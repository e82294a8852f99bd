package pubsub

import (
	"context"
	"fmt"
	"maps"
	"testing"
	"testing/synctest"
	"time"

	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/peer"
)

// A thousand drops at once are two reports: the first, and the rest.
func TestDropsAreReportedInRounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		d, reports := newDrops(), make(map[drop]int)
		go d.run(ctx, func(topic, reason string) { reports[drop{topic, reason}]++ })
		d.add("a", DropReader)
		synctest.Wait()
		if want := (map[drop]int{{"a", DropReader}: 1}); !maps.Equal(reports, want) {
			t.Errorf("at once: %v, want %v", reports, want)
		}
		for range 1000 {
			d.add("a", DropReader)
			d.add("b", DropOutbound)
		}
		time.Sleep(reportInterval)
		synctest.Wait()
		if want := (map[drop]int{{"a", DropReader}: 2, {"b", DropOutbound}: 1}); !maps.Equal(reports, want) {
			t.Errorf("after a round: %v, want %v", reports, want)
		}
	})
}

// A peer with more topics than we remember keeps the first, can exchange one
// for another, and starts afresh after it has gone.
func TestOfferedIsBounded(t *testing.T) {
	subs := func(from, to int, subscribe bool) (all []*pb.RPC_SubOpts) {
		for n := from; n < to; n++ {
			name := TopicName(fmt.Append(nil, n))
			all = append(all, &pb.RPC_SubOpts{Topicid: &name, Subscribe: &subscribe})
		}
		return all
	}
	o, p := newOffered(everybody), peer.ID("p")
	for _, step := range []struct {
		what string
		subs []*pb.RPC_SubOpts
		want int
	}{
		{"too many", subs(0, 2*maxTopics, true), maxTopics},
		{"one more", subs(5000, 5001, true), 0},
		{"leave one it may not have", subs(0, 2*maxTopics, false), 2 * maxTopics},
		{"room again", subs(5000, 5001, true), 1},
	} {
		got, err := o.FilterIncomingSubscriptions(p, step.subs)
		if err != nil || len(got) != step.want {
			t.Errorf("%s: kept %d, want %d (%v)", step.what, len(got), step.want, err)
		}
	}
	o.forget(p)
	if len(o.topics) != 0 {
		t.Error("a peer that has gone is remembered")
	}
	bad, yes := "weather", true
	if got, _ := o.FilterIncomingSubscriptions(p, []*pb.RPC_SubOpts{{Topicid: &bad, Subscribe: &yes}}); len(got) != 0 {
		t.Error("a name that is not one of ours was kept")
	}
}

func everybody(peer.ID, string) bool { return true }

// What a peer is no member of is passed over and does not count.
func TestOfferedByNoMember(t *testing.T) {
	name := TopicName([]byte("secret"))
	o := newOffered(func(peer.ID, string) bool { return false })
	yes := true
	kept, err := o.FilterIncomingSubscriptions("p", []*pb.RPC_SubOpts{{Topicid: &name, Subscribe: &yes}})
	if err != nil || len(kept) != 0 || len(o.topics["p"]) != 0 {
		t.Errorf("kept %v of what a stranger offered, %v", kept, err)
	}
}
