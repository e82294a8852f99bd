package bridge

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

const (
	tokenPrefix = "tl1."
	tokenMeta   = "token/"
	// MaxTokenLife is the longest time for which a token is minted.
	MaxTokenLife = 400 * 24 * time.Hour
	maxTokenText = 512
)

// TokenInfo is what a token says and what its node remembers of it.
type TokenInfo struct {
	ID      string     `json:"id"`
	Match   crdt.LogID `json:"matchId"`
	Role    string     `json:"role"`
	Team    string     `json:"team,omitempty"`  // the one side that its holder belongs to
	Child   string     `json:"child,omitempty"` // whose guardian its holder is
	Label   string     `json:"label,omitempty"` // who it is for
	Expires time.Time  `json:"expires"`
	Revoked bool       `json:"revoked,omitempty"`
}

// TokenTerms are what a token lets its holder do.
type TokenTerms struct {
	Match crdt.LogID
	Role  access.Role
	Team  string // home, away or a team's ID: the holder sees what one of that side does; empty: as one of neither, or of both
	Child string // a guardian's own, by its ID as a player of Team
	Label string // whom it is for; not in the token
	Life  time.Duration
}

// claims are the signed part of a token.
type claims struct {
	ID      []byte      `cbor:"1,keyasint"` // 12 bytes
	Match   []byte      `cbor:"2,keyasint"`
	Role    access.Role `cbor:"3,keyasint"`
	Expires int64       `cbor:"4,keyasint"`           // milliseconds since 1970, by the node's clock
	Device  []byte      `cbor:"5,keyasint,omitempty"` // key of the device that a session is for
	Team    string      `cbor:"6,keyasint,omitempty"` // as in [Caller]
	Child   string      `cbor:"7,keyasint,omitempty"` // as in [Caller]
	Grant   []byte      `cbor:"8,keyasint,omitempty"` // of that device
}

// Keeper keeps small values; crdt.Store is one.
type Keeper interface {
	Meta(key string) ([]byte, error)
	SetMeta(ctx context.Context, key string, value []byte) error
	MetaKeys(prefix string) ([]string, error)
}

// Tokens mints and checks the tokens of one node. A token is good at the node
// that made it and nowhere else: it opens a door to that node, and is no right
// in a match. It may be used from any goroutine.
type Tokens struct {
	secret []byte // immutable
	keeper Keeper // immutable

	// door is held for reading while a page's key is let in by a token, and for
	// writing while one is revoked: no page slips in behind.
	door sync.RWMutex

	mu      sync.Mutex
	revoked map[string]bool     // guarded by mu
	letIn   map[crdt.Hash]letIn // guarded by mu; by the rights of pages' keys
}

// NewTokens returns the tokens of a node. secret is 32 random bytes that only
// this node knows; keeper remembers what was minted and revoked.
func NewTokens(secret []byte, keeper Keeper) (*Tokens, error) {
	if len(secret) != sha256.Size {
		return nil, errors.New("the secret of tokens must have 32 bytes")
	}
	t := &Tokens{secret: secret, keeper: keeper, revoked: map[string]bool{}, letIn: map[crdt.Hash]letIn{}}
	if err := t.loadPages(); err != nil {
		return nil, err
	}
	list, err := t.List()
	if err != nil {
		return nil, err
	}
	for _, i := range list {
		if i.Revoked {
			t.revoked[i.ID] = true
		}
	}
	return t, nil
}

// Mint makes a token for one match and remembers it. The text is shown once: it is
// not kept.
func (t *Tokens) Mint(ctx context.Context, terms TokenTerms, now time.Time) (string, TokenInfo, error) {
	if err := terms.check(); err != nil {
		return "", TokenInfo{}, err
	}
	c := claims{Match: terms.Match[:], Role: terms.Role, Team: terms.Team, Child: terms.Child}
	text, info := t.make(c, now.Add(terms.Life))
	info.Label = terms.Label
	return text, info, t.keep(ctx, info)
}

func (t *TokenTerms) check() error {
	switch {
	case t.Role == access.Relay || t.Role < access.Coach:
		return badRequest("a token lets its holder coach, record, guardian, family or watch")
	case t.Role == access.Spectator && t.Team != "":
		return badRequest("who only watches belongs to no team; the team's people are family")
	case t.Life <= 0 || t.Life > MaxTokenLife:
		return badRequest("a token is good for some time, such as 12h, and at most for 400 days")
	case len(t.Label) > maxLabel:
		return badRequest(fmt.Sprintf("a label has at most %d bytes", maxLabel))
	case len(t.Team) > maxTeam:
		return badRequest(fmt.Sprintf("a team has at most %d bytes", maxTeam))
	}
	return checkChild(t.Role, t.Team, t.Child)
}

// maxChild bounds the ID of a player, in bytes.
const maxChild = 128

// checkChild says why a role and a child do not go together.
func checkChild(role access.Role, team, child string) error {
	switch {
	case child == "":
		return nil
	case role != access.Guardian:
		return badRequest("a child is named for a guardian only")
	case team == "":
		return badRequest("say which team the child plays for: two may use the same numbers")
	case len(child) > maxChild:
		return badRequest(fmt.Sprintf("a child's ID has at most %d bytes", maxChild))
	}
	return nil
}

// make signs a token under a fresh ID without remembering it.
func (t *Tokens) make(c claims, expires time.Time) (string, TokenInfo) {
	c.ID, c.Expires = make([]byte, 12), expires.UnixMilli()
	rand.Read(c.ID)
	body := crdt.EncodeCBOR(c)
	text := tokenPrefix + base64.RawURLEncoding.EncodeToString(append(body, t.sign("token", body)...))
	return text, TokenInfo{
		ID: hex.EncodeToString(c.ID), Match: crdt.LogID(c.Match), Role: c.Role.String(), Team: c.Team, Child: c.Child,
		Expires: expires.UTC().Truncate(time.Millisecond),
	}
}

func (t *Tokens) sign(purpose string, body []byte) []byte {
	h := hmac.New(sha256.New, t.secret)
	h.Write([]byte("touchline/1 " + purpose + "\x00"))
	h.Write(body)
	return h.Sum(nil)
}

// Check returns who holds a token that was minted here, has not expired and was
// not revoked. Whether the right of a device that it is for goes on is not asked.
func (t *Tokens) Check(text string, now time.Time) (Caller, error) {
	body, ok := t.open(text)
	var c claims
	if !ok || crdt.DecodeCBOR(body, &c) != nil || len(c.Match) != crdt.HashSize {
		return Caller{}, newProblem(http.StatusUnauthorized, "token", "The token is not known", "the token was not made by this node, or was cut off; copy it whole")
	}
	id := hex.EncodeToString(c.ID)
	if err := t.goesOn(id, c.Expires, now); err != nil {
		return Caller{}, err
	}
	out := Caller{Role: c.Role, Match: crdt.LogID(c.Match), Team: c.Team, Child: c.Child, Client: "token " + id, Token: id, Until: c.Expires}
	if len(c.Device) > 0 {
		out.Client = devicePrefix + hex.EncodeToString(c.Device)
	}
	if len(c.Grant) == crdt.HashSize {
		out.Grant = crdt.Hash(c.Grant)
	}
	return out, nil
}

// goesOn returns why the token with an ID is good no more; nil while it is.
func (t *Tokens) goesOn(id string, until int64, now time.Time) error {
	t.mu.Lock()
	revoked := t.revoked[id]
	t.mu.Unlock()
	switch {
	case revoked:
		return newProblem(http.StatusUnauthorized, "token", "The token was revoked", "the token was revoked; ask for a new one")
	case now.UnixMilli() >= until:
		return newProblem(http.StatusUnauthorized, "token", "The token has expired", "the token has expired; ask for a new one")
	}
	return nil
}

func (t *Tokens) open(text string) (body []byte, ok bool) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), tokenPrefix)
	if !ok || len(rest) > maxTokenText {
		return nil, false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(rest)
	at := len(b) - sha256.Size
	if err != nil || at < 0 || !hmac.Equal(t.sign("token", b[:at]), b[at:]) {
		return nil, false
	}
	return b[:at], true
}

// List returns what was minted here, the latest to expire first.
func (t *Tokens) List() ([]TokenInfo, error) {
	keys, err := t.keeper.MetaKeys(tokenMeta)
	if err != nil {
		return nil, fmt.Errorf("tokens: %w", err)
	}
	list := make([]TokenInfo, 0, len(keys))
	for _, k := range keys {
		b, err := t.keeper.Meta(k)
		if err != nil {
			return nil, fmt.Errorf("tokens: %w", err)
		}
		var i TokenInfo
		if err := json.Unmarshal(b, &i); err != nil {
			return nil, fmt.Errorf("token %s: %w", k, err)
		}
		list = append(list, i)
	}
	slices.SortFunc(list, func(a, b TokenInfo) int { return cmp.Or(b.Expires.Compare(a.Expires), cmp.Compare(a.ID, b.ID)) })
	return list, nil
}

// Revoke ends a token at once. id may be its beginning, if only one has it. The
// rights that pages got by it open no door here any more.
func (t *Tokens) Revoke(ctx context.Context, id string) (TokenInfo, error) {
	t.door.Lock()
	defer t.door.Unlock()
	list, err := t.List()
	if err != nil {
		return TokenInfo{}, err
	}
	list = slices.DeleteFunc(list, func(i TokenInfo) bool { return id == "" || !strings.HasPrefix(i.ID, id) })
	if len(list) != 1 {
		return TokenInfo{}, newProblem(http.StatusNotFound, "not-found", "Not found", fmt.Sprintf("%d tokens begin with %q; touchline token list shows them", len(list), id))
	}
	info := list[0]
	info.Revoked = true
	if err := t.keep(ctx, info); err != nil {
		return TokenInfo{}, err
	}
	t.mu.Lock()
	t.revoked[info.ID] = true
	t.mu.Unlock()
	return info, nil
}

func (t *Tokens) keep(ctx context.Context, i TokenInfo) error {
	b, err := json.Marshal(i)
	if err != nil {
		return err
	}
	if err := t.keeper.SetMeta(ctx, tokenMeta+i.ID, b); err != nil {
		return fmt.Errorf("keep token: %w", err)
	}
	return nil
}
