package bridge

import (
	"sync"
	"time"
)

// A client may begin so many sessions of reconciliation at once, and so many a
// second in the long run: each may make us look through the whole match (rule R12).
const (
	sessionBurst = 60
	sessionRate  = 1.0
	maxBudgets   = 4096 // clients remembered; one that has all of its budget is forgotten first
)

// sessionBudgets bounds what clients cost, by identity: a new connection brings no
// new budget. The zero value is ready.
type sessionBudgets struct {
	mu sync.Mutex
	by map[string]*sessionBudget // guarded by mu
}

// sessionBudget is what one client has left.
type sessionBudget struct {
	left float64
	at   time.Time // when left was right
}

func (b *sessionBudget) fill(now time.Time) {
	if passed := now.Sub(b.at).Seconds(); passed > 0 {
		b.left, b.at = min(sessionBurst, b.left+passed*sessionRate), now
	}
}

// take takes one session of a client's budget; false: none is left now.
func (bs *sessionBudgets) take(now time.Time, client string) bool {
	bs.mu.Lock()
	defer bs.mu.Unlock()
	b := bs.by[client]
	if b == nil {
		if len(bs.by) >= maxBudgets {
			bs.forget(now)
		}
		if bs.by == nil {
			bs.by = map[string]*sessionBudget{}
		}
		b = &sessionBudget{left: sessionBurst, at: now}
		bs.by[client] = b
	}
	b.fill(now)
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}

// forget forgets whoever has all of it, and if nobody has, whoever has most.
func (bs *sessionBudgets) forget(now time.Time) {
	most := ""
	for client, b := range bs.by {
		if b.fill(now); b.left >= sessionBurst {
			delete(bs.by, client)
		} else if most == "" || b.left > bs.by[most].left {
			most = client
		}
	}
	if len(bs.by) >= maxBudgets {
		delete(bs.by, most)
	}
}
