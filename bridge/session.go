package bridge

import (
	"crypto/hmac"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/http"
	"sync"
	"time"

	"touchline.dev/touchline/crdt"
)

// A device that has a right in a match proves it by signing a challenge and
// gets a short-lived token: the way in for devices that were given no token.
const (
	challengeLife = time.Minute
	sessionLife   = time.Hour
	maxUsed       = 4096 // challenges remembered as used; beyond, the next must wait
	sessionSign   = "touchline/1 session"
)

// Challenge is what a device signs.
type Challenge struct {
	Challenge string    `json:"challenge"`
	Expires   time.Time `json:"expires"`
}

// SessionRequest is a device's proof: Signature is Ed25519 by the key that the
// right names over "touchline/1 session" + match + grant + challenge, in bytes.
type SessionRequest struct {
	Match     crdt.LogID `json:"matchId"`
	Grant     crdt.Hash  `json:"grant"`
	Challenge string     `json:"challenge"`
	Signature []byte     `json:"signature"` // base64
}

// Session is a token for a device that has proved its right.
type Session struct {
	Token   string    `json:"token"`
	Role    string    `json:"role"`
	Expires time.Time `json:"expires"`
}

// SessionMessage is what the device signs.
func SessionMessage(match crdt.LogID, grant crdt.Hash, challenge []byte) []byte {
	b := append([]byte(sessionSign), match[:]...)
	return append(append(b, grant[:]...), challenge...)
}

// usedChallenges lets each challenge be answered once.
type usedChallenges struct {
	mu   sync.Mutex
	used map[string]time.Time // guarded by mu; until when to remember
}

// take reports whether the challenge was not used before.
func (u *usedChallenges) take(challenge string, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	for c, until := range u.used {
		if now.After(until) {
			delete(u.used, c)
		}
	}
	if _, seen := u.used[challenge]; seen || len(u.used) >= maxUsed {
		return false
	}
	if u.used == nil {
		u.used = map[string]time.Time{}
	}
	u.used[challenge] = now.Add(challengeLife)
	return true
}

// challenge needs no memory: 16 random bytes, the end of its life, and a MAC.
func (t *Tokens) challenge(now time.Time) Challenge {
	expires := now.Add(challengeLife)
	b := make([]byte, 16, 24+32)
	rand.Read(b)
	b = binary.BigEndian.AppendUint64(b, uint64(expires.UnixMilli()))
	b = append(b, t.sign("challenge", b)...)
	return Challenge{Challenge: base64.RawURLEncoding.EncodeToString(b), Expires: expires.UTC().Truncate(time.Millisecond)}
}

// openChallenge returns the bytes of a challenge that is ours and in time.
func (t *Tokens) openChallenge(text string, now time.Time) ([]byte, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) != 24+32 || !hmac.Equal(t.sign("challenge", b[:24]), b[24:]) {
		return nil, errors.New("the challenge is not this node's")
	}
	if uint64(now.UnixMilli()) > binary.BigEndian.Uint64(b[16:]) {
		return nil, errors.New("the challenge has expired")
	}
	return b, nil
}

func (s *Server) postChallenge(w http.ResponseWriter, r *http.Request) {
	reply(w, http.StatusOK, s.cfg.Tokens.challenge(time.Now()))
}

func (s *Server) postSession(w http.ResponseWriter, r *http.Request) {
	var in SessionRequest
	if err := readBody(w, r, &in); err != nil {
		s.fail(w, r, err)
		return
	}
	out, err := s.session(in, time.Now())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	reply(w, http.StatusCreated, out)
}

func (s *Server) session(in SessionRequest, now time.Time) (*Session, error) {
	refuse := func(detail string) (*Session, error) {
		return nil, newProblem(http.StatusUnauthorized, "proof", "The device is not let in", detail)
	}
	challenge, err := s.cfg.Tokens.openChallenge(in.Challenge, now)
	if err != nil {
		return refuse(err.Error() + "; ask for a new one")
	}
	right, ok := s.backend.Right(in.Match, in.Grant)
	// One answer for an unknown match, an unknown right and a wrong signature:
	// who has no right learns nothing about which matches are here.
	if !ok || !crdt.VerifyStrict(right.Subject[:], SessionMessage(in.Match, in.Grant, challenge), in.Signature) {
		return refuse("the signature does not prove a right in a match that is followed here")
	}
	if err := s.holds(in.Match, right, ok, now); err != nil {
		return refuse(err.Error())
	}
	if !s.used.take(in.Challenge, now) {
		return refuse("the challenge was used before, or too many are; ask for a new one")
	}
	text, info := s.cfg.Tokens.make(claims{Match: in.Match[:], Role: roleOf(right), Team: right.Team, Device: right.Subject[:], Grant: in.Grant[:]}, now.Add(sessionLife))
	return &Session{Token: text, Role: info.Role, Expires: info.Expires}, nil
}
