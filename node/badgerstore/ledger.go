package badgerstore

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"touchline.dev/touchline/crdt"
)

const (
	maxDamages = 50   // that are remembered
	maxNames   = 5000 // of lost events, a log
)

// Damage is what was found wrong with a store.
type Damage struct {
	When  time.Time `json:"when"`
	What  string    `json:"what"`
	Moved string    `json:"moved,omitempty"` // the folder that holds what was there
	// Pending: the folder has still to be read.
	Pending bool `json:"pending,omitempty"`
	Saved   int  `json:"saved,omitempty"` // events that were read out of it
}

// loss is what a log had before a damage.
type loss struct {
	Log   crdt.LogID  `json:"matchId"`
	When  time.Time   `json:"when"`
	Sum   uint64      `json:"sum"`   // events of all sets, and erasures
	Until crdt.Time   `json:"until"` // of the newest of them
	Names []crdt.Hash `json:"names,omitempty"`
}

// ledger is the file damage: what was found wrong, until somebody says that it
// is known, and what logs had, until they have it again.
type ledger struct {
	mu      sync.Mutex
	path    string // immutable
	damages []Damage
	losses  map[crdt.LogID]*loss
}

type ledgerFile struct {
	Version int      `json:"version"`
	Damages []Damage `json:"damages"`
	Losses  []*loss  `json:"losses"`
}

// read returns an error if the file is damaged; the ledger is empty then.
func (g *ledger) read(path string) error {
	g.path, g.losses = path, map[crdt.LogID]*loss{}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var f ledgerFile
	if err == nil {
		err = json.Unmarshal(b, &f)
	}
	if err == nil && f.Version != 1 {
		err = fmt.Errorf("version %d", f.Version)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	g.damages = f.Damages
	for _, l := range f.Losses {
		if l != nil {
			g.losses[l.Log] = l
		}
	}
	return nil
}

// save writes the file, or removes it when there is nothing to say. The caller holds mu.
func (g *ledger) save() error {
	f := ledgerFile{Version: 1, Damages: g.damages}
	for _, l := range g.losses {
		f.Losses = append(f.Losses, l)
	}
	if len(f.Damages)+len(f.Losses) == 0 {
		err := os.Remove(g.path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return errors.Join(err, syncDir(filepath.Dir(g.path)))
	}
	slices.SortFunc(f.Losses, func(a, b *loss) int { return crdt.Hash(a.Log).Compare(crdt.Hash(b.Log)) })
	b, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		panic(err) // only strings, numbers and times
	}
	return writeFile(g.path, append(b, '\n'))
}

// note remembers a damage, the same one once, and the first of very many.
func (g *ledger) note(d Damage) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	known := slices.ContainsFunc(g.damages, func(o Damage) bool { return o.What == d.What && o.Moved == d.Moved })
	if known || len(g.damages) >= maxDamages && d.Moved == "" {
		return nil
	}
	g.damages = append(g.damages, d)
	return g.save()
}

// lack remembers what a log had; of two findings the one that says more.
func (g *ledger) lack(l loss) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	was := g.losses[l.Log]
	if was == nil {
		was = &loss{Log: l.Log, When: l.When}
		g.losses[l.Log] = was
	}
	was.Sum, was.Until = max(was.Sum, l.Sum), max(was.Until, l.Until)
	was.Names = append(was.Names, l.Names...)
	slices.SortFunc(was.Names, crdt.Hash.Compare)
	was.Names = slices.Compact(was.Names)
	was.Names = was.Names[:min(len(was.Names), maxNames)]
	return g.save()
}

// loss returns a copy of what a log had; false if it lost nothing.
func (g *ledger) loss(id crdt.LogID) (loss, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if l := g.losses[id]; l != nil {
		out := *l
		out.Names = slices.Clone(l.Names)
		return out, true
	}
	return loss{}, false
}

// lacking lists the logs that lost something.
func (g *ledger) lacking() (ids []crdt.LogID) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for id := range g.losses {
		ids = append(ids, id)
	}
	return ids
}

// whole forgets what a log had: it has it again, or is given up.
func (g *ledger) whole(id crdt.LogID) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.losses, id)
	return g.save()
}

// pending lists the folders that have still to be read.
func (g *ledger) pending() (dirs []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, d := range g.damages {
		if d.Pending {
			dirs = append(dirs, d.Moved)
		}
	}
	return dirs
}

// salvaged says that a folder was read, and how many events came of it.
func (g *ledger) salvaged(dir string, events int) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i := range g.damages {
		if d := &g.damages[i]; d.Moved == dir {
			d.Pending, d.Saved = false, events
		}
	}
	return g.save()
}

// list returns all damages, but those whose folder somebody has removed.
func (g *ledger) list() []Damage {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(g.damages), func(d Damage) bool { return d.Moved != "" && !isThere(d.Moved) })
}

// dismiss forgets all but what has still to be read.
func (g *ledger) dismiss() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.damages = slices.DeleteFunc(g.damages, func(d Damage) bool { return !d.Pending })
	clear(g.losses)
	return g.save()
}
