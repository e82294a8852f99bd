package match

import "strconv"

// length is the nominal length of a period.
func (s *Setup) length(period uint32) int64 {
	if int64(period) > s.Periods {
		return s.ExtraMs
	}
	return s.PeriodMs
}

// Minute is how a play time is shown: 1 in the first minute, "25+2" in the
// second of the time added to a first half of 25. Nothing stores it. Outside
// periods in play it is empty.
func (s *Setup) Minute(period uint32, ms int64) string {
	if !inPlay(period) {
		return ""
	}
	var base int64
	for p := uint32(1); p < period; p++ {
		base += s.length(p)
	}
	length := s.length(period)
	if length > 0 && ms >= length {
		return strconv.FormatInt((base+length+59_999)/60_000, 10) + "+" + strconv.FormatInt((ms-length)/60_000+1, 10)
	}
	return strconv.FormatInt((base+ms)/60_000+1, 10)
}

// ElapsedMs is the play time to show at the given reading of a clock that
// agrees with the one of whoever started the period.
func (c Clock) ElapsedMs(nowMs int64) int64 {
	if !c.Running || c.Stopped || c.StartedOwnMs == 0 {
		return c.AtMs
	}
	return max(nowMs-c.StartedOwnMs-c.StopsMs, c.AtMs)
}
