package bridge

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// ErrConflict: another event of this device has the ID already.
var ErrConflict = errors.New("another event has this id")

// Backend is what a [Server] needs of a node. All methods may be called from
// any goroutine. Errors wrap the sentinels of package crdt or [ErrConflict].
type Backend interface {
	// StoreID names the store whose order of arrival the logs have.
	StoreID() crdt.StoreID
	// Health is nil while events can be written.
	Health() error
	// Matches lists what this device follows, in no particular order.
	Matches() []Match
	// Sealed reports whether a followed log is sealed, and whether this device is blind
	// to it: it has no key, and passes it on unread. It must be cheap.
	Sealed(crdt.LogID) (sealed, blind bool)
	// Log returns a followed log, or ErrNotFound.
	Log(crdt.LogID) (*crdt.Log, error)
	// Right is what a control event gives; false if it or the log is not known.
	Right(crdt.LogID, crdt.Hash) (access.Right, bool)
	// Entries returns up to limit entries of a followed log behind a place, as
	// [crdt.Log.Since] does, and makes the verdicts on them cheap.
	Entries(id crdt.LogID, after crdt.Arrival, limit int) ([]crdt.Entry, error)
	// Verdict says whether an event counts.
	Verdict(*crdt.Event) (access.Verdict, error)
	// Wards lists those of the players of a right's team whose guardian its holder is.
	Wards(id crdt.LogID, grant crdt.Hash, players []string) []string
	// Role is the role behind a grant; 0 if it is not known.
	Role(crdt.LogID, crdt.Hash) access.Role
	// Records lists the erasable records that can be read here and stand, the
	// latest of each kind about each subject.
	Records(crdt.LogID) ([]NamedRecord, error)
	// Open returns what an event of a followed log says; access.ErrNoKey when this
	// device may not read it, or not yet.
	Open(*crdt.Event) (*crdt.Content, error)
	// Fields returns what an event says in its erasable record, a JSON object;
	// nil: nothing, or nothing any more.
	Fields(*crdt.Event) ([]byte, error)
	// Parts returns what this device may see of an event that only some may. c is
	// what Open returned for e.
	Parts(e *crdt.Event, c *crdt.Content) []access.Part
	// Status says what is here and who is known to hold the same.
	Status(crdt.LogID) (Status, error)
	// Record signs a draft and makes it durable. On ErrConflict the event is
	// the one that has the ID.
	Record(context.Context, crdt.LogID, Draft) (Recorded, error)
	// Deliver offers envelopes that a client brought, each signed by whoever
	// wrote it, at the pace of their authors, and publishes what is new. asked:
	// reconciling asked for them.
	Deliver(ctx context.Context, id crdt.LogID, from string, asked bool, envelopes ...[]byte) ([]crdt.Outcome, error)
	// LetIn gives a browser's own key a right under this device's.
	LetIn(context.Context, crdt.LogID, access.PageKey) (PageRight, error)
	// PeerID names this device in the network; empty while networking is off.
	PeerID() string
	// Metrics are values under their Prometheus names.
	Metrics() map[string]float64
}

// PageRight is the right of a browser's own key.
type PageRight struct {
	access.Right
	Chain [][]byte // envelopes from the founding record to the right
}

// Admin is what the person at the device may do besides.
type Admin interface {
	Backend
	Erasing
	Self() Self
	// Found begins a match, sealed or open, or a team, which is always sealed.
	Found(ctx context.Context, purpose uint64, label string, sealed bool) (crdt.LogID, error)
	// Announce lets those who follow a team follow a match with this invite.
	Announce(ctx context.Context, team crdt.LogID, invite *access.Invite, label string) error
	// Children lists the children who have guardians in a team, as far as this device
	// may know.
	Children(team crdt.LogID) ([]string, error)
	// AnnounceTo is Announce for the guardians of one of a team's children.
	AnnounceTo(ctx context.Context, team crdt.LogID, child string, invite *access.Invite, label string) error
	// BeginStaff gives the staff of teams keys of their own.
	BeginStaff(ctx context.Context, id crdt.LogID, teams ...string) error
	// Rotate gives a sealed log a new key; those whose right has ended lack it.
	Rotate(ctx context.Context, id crdt.LogID) error
	Join(ctx context.Context, invite *access.Invite, label string) (crdt.LogID, error)
	// Invite grants a role to whoever holds the result.
	Invite(context.Context, crdt.LogID, access.Terms) (*access.Invite, error)
	// Rights lists all rights, the founder's first.
	Rights(crdt.LogID) ([]access.Right, error)
	// Revoke ends a right that this device gave, or gave to the giver.
	Revoke(ctx context.Context, id crdt.LogID, target crdt.Hash, keep access.Keep) (*crdt.Event, error)
	// HandOver ends this device's right to write; the invite is its successor's.
	HandOver(context.Context, crdt.LogID) (*access.Invite, error)
	// AdmitAll offers batches of envelopes from elsewhere to a followed log and
	// yields the outcomes of each: [crdt.Log.AdmitAll].
	AdmitAll(ctx context.Context, id crdt.LogID, from string, batches iter.Seq[[][]byte]) (iter.Seq[[]crdt.Outcome], error)
	// Follow makes a match live again, also one that was retired here.
	Follow(context.Context, crdt.LogID) error
	// Retire destroys this device's copy of a match. Unless forced it fails
	// when no other device is known to hold all of it.
	Retire(ctx context.Context, id crdt.LogID, force bool) error
	Peers() []Peer
	Sync(context.Context, crdt.LogID) (SyncReport, error)
	Doctor(context.Context, crdt.LogID) ([]Check, error)
	// Device says what another device lacks of a match, and which layer fails.
	Device(ctx context.Context, id crdt.LogID, name string) (DeviceReport, error)
	// Damages lists what was found wrong with the store, until Dismiss forgets it
	// together with what is still missing.
	Damages() []Damage
	Dismiss() error
	// Lost says what a damage took from a match and nobody has brought back yet.
	Lost(crdt.LogID) (Lost, error)
	// Backup writes the whole store except signing keys (rule R5). An error
	// that wraps crdt.ErrCorrupt says that the backup is whole, but lacks what
	// the store cannot read, and names it.
	Backup(context.Context, io.Writer) error
}

// Draft is an event before it is signed. An empty Content.ID becomes a UUIDv7.
type Draft struct {
	Content crdt.Content
	Refs    []crdt.Hash
	Lane    crdt.Lane
	// Private says for whom the content is, if not for all who read the log.
	Private *Private
	// Fields is a JSON object that may have to be erased; it is kept beside the
	// event (rule R8). Empty: none.
	Fields []byte
	// Client names for whom the node signs, with a key of its own for each
	// (rule R14); empty: the person at the device.
	Client string
	Side   string // the one team that the client records for; empty: as this device
}

// Private says for whom a draft's content is (rule R7): the staff of one team and
// the guardians of one of its children.
type Private struct {
	Teams []string // names of the team, its side first
	Child string   // its ID as a player; empty: for no guardian
	Stub  string   // type of what all others see
	Must  bool     // fail rather than let all who read the log see it
}

// Recorded is a durable event of this device.
type Recorded struct {
	Event *crdt.Event
	New   bool // false: the same content was recorded before under this ID
}

// Match is a followed match.
type Match struct {
	ID    crdt.LogID `json:"matchId"`
	Label string     `json:"label,omitempty"`  // this device's own name for it
	Role  string     `json:"role"`             // what this device may do in it
	Team  bool       `json:"team,omitempty"`   // it is a team, whose log tells of its matches
	Of    string     `json:"ofTeam,omitempty"` // only in lists: the team that the caller's right is bound to; empty: both
	Grant crdt.Hash  `json:"-"`                // the right behind it

	Sealed bool `json:"sealed,omitempty"` // only members who may read it can
	Blind  bool `json:"blind,omitempty"`  // it is sealed, and this device has no key of it
}

// Status is what is known of a match: here, and proven of peers.
type Status struct {
	Match
	Digest    crdt.Hash    `json:"digest"` // of the three sets
	Count     uint64       `json:"count"`  // events
	Control   uint64       `json:"control"`
	Records   uint64       `json:"records"`
	Waiting   int          `json:"waiting"`   // events that wait for their author's grant
	LastHeard *time.Time   `json:"lastHeard"` // null: never
	Peers     []PeerStatus `json:"peers"`
	Holders   int          `json:"holders"`            // devices that provably hold all of it, this one included
	ReadOnly  string       `json:"readOnly,omitempty"` // why nothing can be written here now
	Lost      uint64       `json:"lost,omitempty"`     // events that were here before a damage of the store, and are not now
	Damages   []Damage     `json:"damages,omitempty"`  // of this device's store; only for the person at it
	Ended     string       `json:"ended,omitempty"`    // why this node's own right has ended
}

// PeerStatus is what is known of a follower of a match.
type PeerStatus struct {
	ID        string     `json:"id"` // empty for callers who only watch
	Connected bool       `json:"connected"`
	Equal     bool       `json:"equal"` // proved to hold the same sets
	LastEqual *time.Time `json:"lastEqual"`
	Relay     bool       `json:"relay,omitempty"` // connected, and a relay of the match
}

// Self is the device itself.
type Self struct {
	PeerID  string   `json:"peerId,omitempty"`
	Addrs   []string `json:"p2p"`
	HTTP    string   `json:"http,omitempty"`
	Running bool     `json:"running"` // networking is on
}

// Peer is another device this one knows.
type Peer struct {
	ID        string     `json:"id"`
	Addrs     []string   `json:"addrs"`
	Connected bool       `json:"connected"`
	Inbound   bool       `json:"inbound"`
	RTTMs     float64    `json:"rttMs"`
	Source    string     `json:"source"` // mdns, remembered, flag, relay, invite, inbound
	LastSeen  *time.Time `json:"lastSeen"`
	Logs      int        `json:"matches"` // followed by both
	Failures  int        `json:"failures"`
	LastError string     `json:"lastError,omitempty"`
}

// SyncReport is the outcome of reconciling with every connected follower.
type SyncReport struct {
	Match      crdt.LogID        `json:"matchId"`
	Peers      int               `json:"peers"`
	Equal      int               `json:"equal"`
	Sent       int               `json:"sent"`
	Got        int               `json:"got"`
	DurationMs float64           `json:"durationMs"`
	Errors     map[string]string `json:"errors,omitempty"`
}

// DeviceReport is what another device lacks of a match, and why.
type DeviceReport struct {
	Device  string  `json:"device"`
	Checks  []Check `json:"checks"` // none after the first that fails
	Asked   bool    `json:"asked"`  // by an exchange, which also sent what was missing
	Missing []Event `json:"missing"`
}

// Check is the doctor's finding on one layer.
type Check struct {
	Layer  string `json:"layer"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
	Hint   string `json:"hint,omitempty"`
}
