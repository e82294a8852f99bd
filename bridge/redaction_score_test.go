package bridge_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// somebody of a random match, and what happens in it.
type dicedMatch struct {
	*redacted
	*rand.Rand
	told []*crdt.Event
}

func (p *dicedMatch) event(t *testing.T, kind, data string, refs ...crdt.Hash) {
	team := []string{"home", "away"}[p.IntN(2)]
	period := uint32(1 + p.IntN(2))
	e := p.tell(t, fmt.Sprint("e", len(p.told)), kind, team, period, int64(p.IntN(1500))*1000, data, refs...)
	p.told = append(p.told, e)
}

// visible tells something that has nothing to do with the score.
func (p *dicedMatch) visible(t *testing.T) {
	player := func() int { return 1 + p.IntN(9) }
	switch p.IntN(9) {
	case 0:
		p.event(t, "corner", `{}`)
	case 1:
		p.event(t, "card", fmt.Sprintf(`{"player":%d,"colour":%q}`, player(), []string{"yellow", "red", "sin_bin"}[p.IntN(3)]))
	case 2:
		p.event(t, "substitution", fmt.Sprintf(`{"out":["%d"],"in":["%d"]}`, player(), player()))
	case 3:
		p.event(t, "period.end", `{}`)
	case 4:
		p.event(t, "injury", fmt.Sprintf(`{"player":%d}`, player()))
	case 5:
		p.event(t, "lineup.set", `{"on":["1","2","3","4"],"gk":"1"}`)
	case 6:
		p.event(t, "foul", fmt.Sprintf(`{"by":%d,"on":%d}`, player(), player()))
	case 7:
		p.event(t, "clock.stop", `{}`)
	default:
		p.event(t, "period.start", `{}`)
	}
}

// secret tells something of the score, or of what was told of it.
func (p *dicedMatch) secret(t *testing.T) {
	switch p.IntN(8) {
	case 0:
		p.event(t, "shot", `{"player":3}`)
	case 1:
		p.event(t, "power_play", `{"extra":1}`)
		p.event(t, "player.on", `{"player":"8"}`)
	case 2:
		p.event(t, "note", `{"text":"what a match"}`)
	case 3:
		p.event(t, "save", `{}`)
	case 4:
		p.event(t, "goal", `{"player":5,"assist":6}`, p.told[p.IntN(len(p.told))].Hash)
		p.event(t, "retract", `{"reason":"mistake"}`, p.told[len(p.told)-1].Hash)
	case 5:
		p.event(t, "rocket", `{}`)
	case 6:
		p.event(t, "ruling", `{"awarded":[3,0]}`)
	default:
		p.event(t, "goal", fmt.Sprintf(`{"player":%d}`, 1+p.IntN(9)))
	}
}

// outside are the bytes of all that an outsider can ask for.
func (p *dicedMatch) outside(s *bridge.Server, header ...string) map[string]string {
	out := map[string]string{}
	next := regexp.MustCompile(`"next":"[^"]*"`)
	for view := range viewsOfMatch {
		if strings.Contains(view, "/live") {
			continue // a stream, which a closed server serves
		}
		w := do(s, http.MethodGet, p.path(view), "", header...)
		out[view] = w.Body.String()
		if w.Code == http.StatusOK && strings.HasSuffix(view, "/events") {
			page := do(s, http.MethodGet, p.path(view)+"?limit=2", "", header...).Body.String()
			out[view+", a page"] = page
			after := strings.Trim(strings.TrimPrefix(next.FindString(page), `"next":`), `"`)
			out[view+", the next"] = do(s, http.MethodGet, p.path(view)+"?limit=3&after="+after, "", header...).Body.String()
		}
	}
	return out
}

// In a match whose results are its teams', goals come and are withdrawn, and with them
// all that tells of them, and what an outsider is served stays the same to the byte:
// each view, each page of a list, its cursors and its counts, and a stream.
func TestGoalsMoveNoByte(t *testing.T) {
	rounds := uint64(40)
	if testing.Short() {
		rounds = 5
	}
	for seed := range rounds {
		p := &dicedMatch{redacted: newRedacted(t, setting{band: "U10", names: "full"}), Rand: rand.New(rand.NewPCG(seed, 5))}
		tokens := newTokens(t, p.store)
		serve := func() *bridge.Server {
			s := bridge.New(bridge.Config{Backend: p, Tokens: tokens, Guests: bridge.GuestsWatch})
			t.Cleanup(s.Close)
			return s
		}
		s := serve()
		family := []string{"Authorization", "Bearer " + token(t, tokens, p.fake, access.Family)}
		for range 3 {
			for range 1 + p.IntN(8) {
				p.visible(t)
				if p.IntN(3) == 0 {
					p.secret(t)
				}
			}
			before, stream := p.outside(s), p.stream(serve())
			asFamily, onSockets := p.outside(s, family...), p.sockets(t, serve())
			for range 1 + p.IntN(5) {
				p.secret(t)
			}
			now := p.outside(s)
			for view, was := range before {
				if is := now[view]; is != was {
					t.Fatalf("seed %d: %s changed: %s", seed, view, firstDifference(was, is))
				}
			}
			for view, is := range p.outside(s, family...) {
				if was := asFamily[view]; is != was {
					t.Fatalf("seed %d: for a family of no team, %s changed: %s", seed, view, firstDifference(was, is))
				}
			}
			if is := p.stream(serve()); is != stream {
				t.Fatalf("seed %d: the stream changed: %s", seed, firstDifference(stream, is))
			}
			for kind, is := range p.sockets(t, serve()) {
				if was := onSockets[kind]; is != was {
					t.Fatalf("seed %d: over %s: %s", seed, kind, firstDifference(was, is))
				}
			}
		}
	}
}

// stream is what a new reader of the live stream gets.
func (p *dicedMatch) stream(s *bridge.Server) string {
	s.Close() // it ends when it has said what there is
	return do(s, http.MethodGet, p.path("/v1/matches/{id}/live"), "").Body.String()
}

// sockets are what a page gets that follows the match, on either kind of connection: all
// of it, places and offsets too.
func (p *dicedMatch) sockets(t *testing.T, s *bridge.Server) map[string]string {
	h := httptest.NewServer(s)
	defer h.Close()
	defer s.Close()
	room, in := roomOf(t, h.URL, "", p.member.Log)
	if !in {
		t.Fatalf("a guest is not in the room: %s", room)
	}
	return map[string]string{"/ws": followed(t, strings.TrimPrefix(h.URL, "http://"), "", p.member.Log), "Socket.IO": room}
}

func firstDifference(was, is string) string {
	n := 0
	for n < min(len(was), len(is)) && was[n] == is[n] {
		n++
	}
	from := max(n-100, 0)
	return fmt.Sprintf("…%s\nand now …%s", was[from:min(n+100, len(was))], is[from:min(n+100, len(is))])
}
