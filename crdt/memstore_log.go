package crdt

import "slices"

// memLog is one log of a [MemStore].
type memLog struct {
	entries []Entry          // in order of arrival; the zero Entry where one was erased
	place   map[Hash]Arrival // where entries has it
	order   [NumSets][]Element
	digests [NumSets]Digest
	erased  map[Hash]bool // survives retiring
	retired bool
}

func newMemLog(erased map[Hash]bool) *memLog {
	if erased == nil {
		erased = map[Hash]bool{}
	}
	return &memLog{place: map[Hash]Arrival{}, erased: erased}
}

// add puts an event in its place, unless it is barred.
func (l *memLog) add(e *Event) Added {
	if l.erased[e.Hash] {
		return Added{Barred: true}
	}
	if at, ok := l.place[e.Hash]; ok {
		return Added{Arrival: at}
	}
	at := Arrival(len(l.entries) + 1)
	l.entries = append(l.entries, Entry{Arrival: at, Set: e.Set, Element: e.Element(), Event: e})
	l.place[e.Hash] = at
	i, _ := slices.BinarySearchFunc(l.order[e.Set], e.Element(), Element.Compare)
	l.order[e.Set] = slices.Insert(l.order[e.Set], i, e.Element())
	l.digests[e.Set].Add(e.Hash)
	return Added{Arrival: at, New: true}
}

func (l *memLog) event(h Hash) (*Event, error) {
	if l.erased[h] {
		return nil, ErrGone
	}
	at, ok := l.place[h]
	if !ok {
		return nil, ErrNotFound
	}
	return l.entries[at-1].Event, nil
}

func (l *memLog) erase(h Hash) {
	l.erased[h] = true
	at, ok := l.place[h]
	if !ok {
		return
	}
	entry := &l.entries[at-1]
	if i, ok := slices.BinarySearchFunc(l.order[entry.Set], entry.Element, Element.Compare); ok {
		l.order[entry.Set] = slices.Delete(l.order[entry.Set], i, i+1)
	}
	l.digests[entry.Set].Remove(h)
	delete(l.place, h)
	*entry = Entry{}
}

func (l *memLog) info(id LogID) LogInfo {
	info := LogInfo{Log: id, Last: Arrival(len(l.entries)), Retired: l.retired}
	for i := range l.digests {
		info.Counts[i] = l.digests[i].Count()
	}
	return info
}
