package match

import (
	"maps"
	"slices"

	"touchline.dev/touchline/crdt"
)

// Authority over an event, weakest first (DOMAIN 2.4).
const (
	noAuthority = iota
	ownAuthor
	teamAuthority // a coach or scorer of the event's own team
	refereeAuthority
	organiserAuthority
)

// authorityOf is what the author of m is to root, the event spoken about.
func (f *Folder) authorityOf(m, root *report) int {
	switch {
	case m.ev.Role == Organiser:
		return organiserAuthority
	case m.ev.Role == Referee:
		return refereeAuthority
	case m.ev.Role == Coach || m.ev.Role == Scorer:
		if m.ev.Side == "" || !root.kind.whole && root.from != NoSide && f.sideOf(m.ev.Side) == root.from {
			return teamAuthority
		}
	}
	if m.ev.Author == root.ev.Author {
		return ownAuthor
	}
	return noAuthority
}

// mayCorrect reports whether m may speak about t, whose root is root. Nobody
// but its author and the mightier overrules a referee's or organiser's event,
// nor a correction of more authority than one's own.
func (f *Folder) mayCorrect(m, t, root *report) bool {
	if m.ev.Type == kindConfirm && m.ev.Role <= Scorer {
		return true // it changes nothing; the opponent's word is the best
	}
	if m.ev.Author == t.ev.Author {
		return true
	}
	need := teamAuthority
	switch {
	case t.kind.meta:
		need = max(need, f.authorityOf(t, root))
	case t.ev.Role == Organiser:
		need = organiserAuthority
	case t.ev.Role == Referee:
		need = refereeAuthority
	}
	return f.authorityOf(m, root) >= need
}

// root is the event that a chain of corrections ends at; nil while a link is
// missing. Corrections follow what they reference, so this ends; a forged
// cycle is cut by the order.
func root(t *report) *report {
	for t.kind.meta {
		var next *report
		for _, q := range t.about {
			if q.place.compare(t.place) < 0 {
				next = q
				break
			}
		}
		if next == nil {
			return nil
		}
		t = next
	}
	return t
}

// resolve settles all corrections and the final whistle. Afterwards
// f.corrected holds every report that a correction speaks about.
func (f *Folder) resolve() {
	if f.end != nil || f.someLate {
		for _, r := range f.reports {
			r.late, r.held, r.waits = false, false, false
		}
	}
	f.end = nil
	f.settle()
	f.end = f.whistle()
	f.someLate = false
	for _, r := range f.reports {
		f.judgeLate(r)
	}
	if f.someLate {
		f.settle()
	}
}

// whistle is the match.end that counts: of the highest authority, the first.
func (f *Folder) whistle() (end *report) {
	for _, r := range f.special[kindEnd] {
		if !r.live() {
			continue
		}
		if end == nil || r.ev.Role < end.ev.Role || r.ev.Role == end.ev.Role && r.place.compare(end.place) < 0 {
			end = r
		}
	}
	return end
}

// judgeLate marks what the log's order puts after the whistle. It waits for
// somebody of the rank of whoever ended the match, so that nothing changes
// silently; whoever has that rank changes the result openly. What speaks about
// the whistle itself is never late.
func (f *Folder) judgeLate(r *report) {
	r.late = r.ev.Late || f.end != nil && r.place.compare(f.end.place) > 0
	if !r.late {
		return
	}
	if r.kind.meta {
		if t := root(r); t != nil && t.ev.Type == kindEnd {
			r.late = false
			return
		}
	}
	f.someLate = true
	r.held = f.end != nil && r.ev.Role > f.end.ev.Role && r.ev.Type != kindEnd
	r.waits = r.held
}

// settle walks the corrections from the last to the first, so that each is
// known to hold or not before it is applied, then applies them.
func (f *Folder) settle() {
	slices.SortFunc(f.metas, func(a, b *report) int { return b.place.compare(a.place) })
	for _, r := range f.corrected {
		r.reset()
	}
	f.corrected = f.corrected[:0]
	for _, m := range f.metas {
		m.corrections = &untouched
	}
	for _, m := range f.metas {
		f.speak(m)
	}
	for _, r := range f.corrected {
		f.apply(r)
	}
}

// speak records, for what m references, that m holds.
func (f *Folder) speak(m *report) {
	if !m.stands() || m.wrong != "" || m.waits || m.withdrawn != nil {
		return
	}
	if len(m.ev.Refs) == 0 || slices.ContainsFunc(m.ev.Refs, func(h crdt.Hash) bool { return f.byHash[h] == nil }) {
		m.touch().disputed = "target not here"
	}
	for _, t := range m.about {
		top := root(t)
		if top == nil || t.place.compare(m.place) > 0 {
			continue
		}
		if !f.mayCorrect(m, t, top) {
			m.touch().disputed = "no authority"
			continue
		}
		switch {
		case m.ev.Type == kindRetract && t.kind.meta:
			t.touch().withdrawn = m
		case m.ev.Type == kindAmend && t.ev.Type == kindAmend:
			f.correct(top, m) // supersedes it: the later of equal authority wins
		case !t.kind.meta:
			f.correct(t, m)
		}
	}
}

func (f *Folder) correct(t, m *report) {
	if len(t.metas) == 0 {
		f.corrected = append(f.corrected, t)
	}
	if n := len(t.metas); n == 0 || t.metas[n-1] != m {
		t.touch().metas = append(t.metas, m)
	}
}

// apply settles what the corrections that hold make of t.
func (f *Folder) apply(t *report) {
	its := t.touch()
	metas := its.metas
	its.metas = nil // they count once per settling
	// Weakest authority first, then the log's order: the last one wins.
	slices.SortFunc(metas, func(a, b *report) int {
		if c := f.over(a, t) - f.over(b, t); c != 0 {
			return c
		}
		return a.place.compare(b.place)
	})
	for _, m := range metas {
		switch m.ev.Type {
		case kindAmend:
			f.amend(t, m)
		case kindConfirm:
			its.separate = its.separate || m.base.separate
			if m.ev.Author != t.ev.Author || m.ev.Role <= Referee {
				its.confirmed = m // one's own word adds nothing
			}
		case kindRetract:
			its.withdrawn = m
		}
	}
	switch {
	case t.withdrawn != nil && t.confirmed != nil && f.over(t.confirmed, t) > f.over(t.withdrawn, t):
		t.withdrawn.touch().disputed = "overruled"
		its.withdrawn = nil
	case t.withdrawn != nil:
		own := t.withdrawn.ev.Author == t.ev.Author
		why := t.withdrawn.base.Reason
		its.reach = why != "duplicate" && (!own || why == "disallowed")
	}
	if t.waits && t.confirmed != nil && f.end != nil && t.confirmed.ev.Role <= f.end.ev.Role {
		t.waits = false
	}
}

// over is the authority of m over t; its author's own is the least.
func (f *Folder) over(m, t *report) int {
	return max(f.authorityOf(m, t), ownAuthor)
}

// amend overwrites the fields that m names; never the ID, match or type.
func (f *Folder) amend(t, m *report) {
	now := *t.now
	now.setup = maps.Clone(now.setup) // what the report says by itself stays as it was
	t.now = &now
	members(m.base.changes, func(key []byte, v value) {
		switch string(key) {
		case "team":
			var team string
			if v.into(&team) && f.sideOf(team) != NoSide {
				t.side = f.sideOf(team)
			}
		case "period":
			var p int64
			if v.intoNumber(&p) && p <= PeriodAfter {
				t.period = uint32(p)
			}
		case "clockMs", "t_ms":
			var ms int64
			if v.intoNumber(&ms) && ms <= maxClockMs {
				t.at, t.clocked = ms, true
			}
		default:
			t.now.set(t.ev.Type, key, v)
		}
	})
	t.touch().amended = append(t.amended, m.ev.Hash)
	t.judge()
}
