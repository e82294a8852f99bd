package bridge

import (
	"encoding/hex"
	"net/http"
	"time"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// standing is what a caller may do now, by what let it in: its token must be
// neither revoked nor past its end, and where it came by the right of a device or of
// a page, that right must go on and say the role. Every request asks this, and
// every standing connection asks it again at least every [Config.Recheck], so
// that a revocation ends both. The error is a [Problem] that says what has ended.
func (s *Server) standing(c Caller, now time.Time) (Caller, error) {
	if c.Token != "" {
		if s.cfg.Tokens == nil {
			return Caller{}, errNoTokens
		}
		if err := s.cfg.Tokens.goesOn(c.Token, c.Until, now); err != nil {
			return Caller{}, err
		}
	}
	if c.Grant.IsZero() {
		return c, nil
	}
	right, ok := s.backend.Right(c.Match, c.Grant)
	if err := s.holds(c.Match, right, ok, now); err != nil {
		return Caller{}, err
	}
	c.Role, c.Team = roleOf(right), right.Team
	return c, nil
}

// still returns why a connection of a caller must end: nil while the caller may do
// just what it could when it came.
func (s *Server) still(c Caller, now time.Time) error {
	fresh, err := s.standing(c, now)
	if err == nil && fresh != c {
		return errOtherRole
	}
	return err
}

// holds returns why a right in a match opens no door now; nil if it does. A page's
// does while that goes on by which the page was let in.
func (s *Server) holds(id crdt.LogID, right access.Right, known bool, now time.Time) error {
	if err := opens(&right, known, now); err != nil || s.cfg.Tokens == nil {
		return err
	}
	by, noted := s.cfg.Tokens.cameBy(right.Hash)
	if !noted {
		return nil
	}
	if by.Token != "" {
		if err := s.cfg.Tokens.goesOn(by.Token, by.Until, now); err != nil {
			return err
		}
	}
	if by.Device.IsZero() {
		return nil
	}
	device, known := s.backend.Right(id, by.Device)
	return opens(&device, known, now)
}

func opens(right *access.Right, known bool, now time.Time) error {
	switch {
	case !known:
		return endedRight("its match is not followed here any more")
	case !right.Live():
		return endedRight(right.Ended())
	case right.Past(now.UnixMilli()):
		return endedRight("it was given to a page for a time, which is over")
	}
	return nil
}

func endedRight(why string) *Problem {
	return newProblem(http.StatusUnauthorized, "token", "The right has ended", "this device's right has ended: "+why)
}

// callerBy is who comes by a right: that it holds is known.
func callerBy(id crdt.LogID, right access.Right) Caller {
	c := Caller{
		Role: roleOf(right), Match: id, Team: right.Team, Grant: right.Hash, Client: devicePrefix + hex.EncodeToString(right.Subject[:]),
	}
	if right.OfClient() {
		c.Until = right.NotAfter
	}
	return c
}

// roleOf is what the holder of a right may do now.
func roleOf(right access.Right) access.Role {
	if right.HandedOver {
		return max(right.Role, access.Family) // it reads, and records no more
	}
	return right.Role
}

var errOtherRole = newProblem(http.StatusUnauthorized, "token", "The right has changed", "this device's right lets it do something else now; connect again")
