package bridge

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

const (
	letInMeta = "pagekey/"
	// pageLife is how long the right of a page's own key is good that came by nothing
	// with an end of its own.
	pageLife = 12 * time.Hour
)

// letIn is what a page came by when its own key was let in. The key's right opens
// no door here when that has ended.
type letIn struct {
	Match  crdt.LogID `json:"matchId"`
	Grant  crdt.Hash  `json:"grant"`  // the page's
	Token  string     `json:"token"`  // the ID of a token or session; empty: none
	Until  int64      `json:"until"`  // when that, or the right, ends, in milliseconds since 1970
	Device crdt.Hash  `json:"device"` // the right of a device that it proved; zero: none
}

// admitPage has the node give a page's own key a right, until what the page came by
// ends. That does not end meanwhile.
func (s *Server) admitPage(ctx context.Context, c Caller, id crdt.LogID, key access.PageKey) (PageRight, error) {
	now := time.Now()
	t := s.cfg.Tokens
	if t == nil {
		key.NotAfter = now.Add(pageLife).UnixMilli()
		return s.backend.LetIn(ctx, id, key) // a guest's
	}
	t.door.RLock()
	defer t.door.RUnlock()
	c, err := s.standing(c, now)
	if err != nil {
		return PageRight{}, err
	}
	by, known := t.cameBy(c.Grant)
	if !known {
		by = letIn{Token: c.Token, Until: c.Until, Device: c.Grant}
	}
	if by.Until == 0 {
		by.Until = now.Add(pageLife).UnixMilli()
	}
	key.Team, key.NotAfter = c.Team, by.Until
	right, err := s.backend.LetIn(ctx, id, key)
	if err != nil {
		return PageRight{}, err
	}
	by.Match, by.Grant = id, right.Hash
	return right, t.note(ctx, by, now)
}

// cameBy returns what the page with a right came by, if it was let in here.
func (t *Tokens) cameBy(grant crdt.Hash) (letIn, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	by, ok := t.letIn[grant]
	return by, ok
}

// pages returns what was let in by what the caller looks for.
func (t *Tokens) pages(by func(*letIn) bool) (list []letIn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, in := range t.letIn {
		if by(&in) {
			list = append(list, in)
		}
	}
	return list
}

// note remembers by what a page was let in: the first, when it is given the same right
// again. What is over anyway is forgotten.
func (t *Tokens) note(ctx context.Context, by letIn, now time.Time) error {
	for _, old := range t.pages(func(in *letIn) bool { return in.Until < now.UnixMilli() }) {
		if err := t.keeper.SetMeta(ctx, letInMeta+old.Grant.String(), nil); err != nil {
			return fmt.Errorf("forget a page's right: %w", err)
		}
		t.mu.Lock()
		delete(t.letIn, old.Grant)
		t.mu.Unlock()
	}
	if _, known := t.cameBy(by.Grant); known {
		return nil
	}
	b, err := json.Marshal(by)
	if err != nil {
		return err
	}
	if err := t.keeper.SetMeta(ctx, letInMeta+by.Grant.String(), b); err != nil {
		return fmt.Errorf("keep a page's right: %w", err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.letIn[by.Grant] = by
	return nil
}

// loadPages reads what was noted before.
func (t *Tokens) loadPages() error {
	keys, err := t.keeper.MetaKeys(letInMeta)
	if err != nil {
		return fmt.Errorf("rights of pages: %w", err)
	}
	for _, k := range keys {
		b, err := t.keeper.Meta(k)
		if err != nil {
			return fmt.Errorf("rights of pages: %w", err)
		}
		var in letIn
		if err := json.Unmarshal(b, &in); err != nil {
			return fmt.Errorf("right of a page %s: %w", k, err)
		}
		t.letIn[in.Grant] = in
	}
	return nil
}

// endPages revokes the rights of pages, so that no other node lets them in either.
// What was seen of them stands. It returns how many it ended, and how many this device
// may not end, which are refused here all the same.
func (l local) endPages(ctx context.Context, list []letIn) (ended, left int) {
	for _, in := range list {
		if right, ok := l.admin.Right(in.Match, in.Grant); !ok || !right.Live() {
			continue
		}
		if e, err := l.admin.Revoke(ctx, in.Match, in.Grant, access.KeepSeen); e == nil {
			l.server.log.Warn("a page's right was not ended", "match", in.Match.Short(), "grant", in.Grant.Short(), "err", err)
			left++
			continue
		}
		ended++
	}
	return ended, left
}
