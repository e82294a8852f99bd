package badgerstore

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"touchline.dev/touchline/crdt"
)

// state is the file of that name: what the last run knew.
type state struct {
	Version int    `json:"version"`
	ID      string `json:"id"`
	Clean   bool   `json:"clean"` // closed, and Heads is what was there
	Heads   string `json:"heads,omitempty"`
}

func (s *Store) statePath() string { return filepath.Join(s.dir, "state") }

// readState returns the zero state when there is none or it is damaged.
func (s *Store) readState() (st state) {
	b, err := os.ReadFile(s.statePath())
	if err != nil || json.Unmarshal(b, &st) != nil || st.Version != 1 || len(st.ID) != 2*len(crdt.StoreID{}) {
		return state{}
	}
	return st
}

func (s *Store) writeState(clean bool) error {
	id := s.ID()
	st := state{Version: 1, ID: hex.EncodeToString(id[:]), Clean: clean}
	if clean {
		st.Heads = s.headsSum()
	}
	b, err := json.Marshal(st)
	if err != nil {
		panic(err) // only strings and numbers
	}
	if err := writeFile(s.statePath(), append(b, '\n')); err != nil {
		return fmt.Errorf("write %s: %w", s.statePath(), err)
	}
	return nil
}

// headsSum names the set of all heads.
func (s *Store) headsSum() string {
	var lines []string
	for _, l := range s.allLogs() {
		l.mu.Lock()
		if l.head != (head{num: l.head.num}) { // else it was never written
			lines = append(lines, string(l.id[:])+string(l.head.encode()))
		}
		l.mu.Unlock()
	}
	slices.Sort(lines)
	h := sha256.New()
	for _, line := range lines {
		h.Write([]byte(line))
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (st state) id() (id crdt.StoreID, ok bool) {
	b, err := hex.DecodeString(st.ID)
	if err != nil || len(b) != len(id) {
		return id, false
	}
	return crdt.StoreID(b), true
}

// renew takes a new StoreID (rules R5, R12).
func (s *Store) renew() {
	s.mu.Lock()
	rand.Read(s.id[:])
	s.doubted = true
	s.mu.Unlock()
}

// report tells the operator of a damage and remembers it.
func (s *Store) report(what string, args ...any) {
	s.log.Warn("store: "+what, append(args, "dir", s.dir)...)
	for i := 0; i+1 < len(args); i += 2 {
		what += fmt.Sprintf(" %v=%v", args[i], args[i+1])
	}
	s.mu.Lock()
	if s.repaired == "" {
		s.repaired = what
	}
	s.mu.Unlock()
	if err := s.ledger.note(Damage{When: now(), What: what}); err != nil {
		s.log.Warn("store: the list of damages", "error", err)
	}
}

// reportMoved is report for what was there and lies in another folder now. It
// must be remembered: what can be read there has still to be taken back.
func (s *Store) reportMoved(what, to string, why error) error {
	s.log.Warn("store: "+what, "kept", to, "error", why, "dir", s.dir)
	s.mu.Lock()
	s.repaired = what
	s.mu.Unlock()
	if why != nil {
		first, _, _ := strings.Cut(why.Error(), "\n") // of many tables
		what += ": " + first
	}
	return s.ledger.note(Damage{When: now(), What: what, Moved: to, Pending: true})
}

func now() time.Time { return time.Now().UTC().Round(time.Second) }
