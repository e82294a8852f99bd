package openfootball

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// rawMatch is a match in any shape that files have had.
type rawMatch struct {
	Num    int      `json:"num"`
	Round  string   `json:"round"`
	Group  string   `json:"group"`
	Date   string   `json:"date"`
	Team1  rawTeam  `json:"team1"`
	Team2  rawTeam  `json:"team2"`
	Status string   `json:"status"`
	Score  rawScore `json:"score"`

	// The oldest shape: null while there is none.
	FT1 *int64 `json:"score1"`
	FT2 *int64 `json:"score2"`
	ET1 *int64 `json:"score1et"`
	ET2 *int64 `json:"score2et"`
	P1  *int64 `json:"score1p"`
	P2  *int64 `json:"score2p"`

	read *Score // of a file of lines
}

// rawTeam is a name, or {name, code}.
type rawTeam struct {
	Name string `json:"name"`
	Code string `json:"code"`
	Key  string `json:"key"`
}

func (t *rawTeam) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '{' {
		type object rawTeam
		return json.Unmarshal(text, (*object)(t))
	}
	return json.Unmarshal(text, &t.Name)
}

func (t *rawTeam) name() string {
	for _, s := range []string{t.Name, t.Code, t.Key} {
		if s = strings.TrimSpace(s); s != "" {
			return s
		}
	}
	return ""
}

// rawScore is {ft, et, p}, or the pair after normal time.
type rawScore struct {
	FT pair `json:"ft"`
	ET pair `json:"et"`
	P  pair `json:"p"`
}

func (s *rawScore) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '[' {
		return json.Unmarshal(text, &s.FT)
	}
	type object rawScore
	return json.Unmarshal(text, (*object)(s))
}

// pair is two numbers; nil if there are none, or null stands for one.
type pair []int64

func (p *pair) UnmarshalJSON(text []byte) error {
	var list []*int64
	if err := json.Unmarshal(text, &list); err != nil {
		return err
	}
	if len(list) != 0 && len(list) != 2 {
		return fmt.Errorf("a score has two numbers, not %d", len(list))
	}
	*p = nil
	for _, n := range list {
		if n == nil {
			*p = nil
			return nil
		}
		*p = append(*p, *n)
	}
	return nil
}

func (p pair) array() *[2]int64 {
	if len(p) != 2 {
		return nil
	}
	a := [2]int64(p)
	return &a
}

func both(a, b *int64) *[2]int64 {
	if a == nil || b == nil {
		return nil
	}
	return &[2]int64{*a, *b}
}

// score is what the match came to in whichever shape; nil if nothing.
func (m *rawMatch) score() *Score {
	if m.read != nil {
		return m.read
	}
	ft, et, p := m.Score.FT.array(), m.Score.ET.array(), m.Score.P.array()
	if ft == nil && et == nil {
		ft, et, p = both(m.FT1, m.FT2), both(m.ET1, m.ET2), both(m.P1, m.P2)
	}
	if ft == nil {
		ft = et // what the first of them was is not told
	}
	if ft == nil {
		return nil
	}
	return &Score{FT: *ft, ET: et, P: p}
}

// inWords says what is wrong with a match without the words of a programming language.
func inWords(err error) string {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return fmt.Sprintf("a name, a number or a score is a JSON %s instead", kind.Value)
	}
	return err.Error()
}
