package bridge

import (
	"cmp"
	"fmt"
	"slices"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// VerifyReport is the result of checking everything a log holds.
type VerifyReport struct {
	Match    crdt.LogID `json:"matchId"`
	Checked  int        `json:"checked"`
	Erased   int        `json:"erased"` // had arrived here and were erased or purged since
	DigestOK bool       `json:"digestOk"`
	Digest   crdt.Hash  `json:"digest"` // of the three sets, as status shows it
	Chains   int        `json:"chains"`
	Gaps     []Gap      `json:"gaps,omitempty"` // events others wrote that are not here yet
	Forks    int        `json:"forks"`          // places of a chain with more than one event
	Bad      []BadEvent `json:"bad,omitempty"`
	// Lost were here before the store was damaged, and are not now.
	Lost *Lost `json:"lost,omitempty"`
	// Empty: there is not even the founding record.
	Empty bool `json:"empty,omitempty"`
}

// Gap is a stretch of a device's chain that is missing here.
type Gap struct {
	Author string `json:"author"`
	Set    string `json:"set"`
	From   uint64 `json:"from"`
	To     uint64 `json:"to"`
}

// BadEvent is a stored event that may not be where it is.
type BadEvent struct {
	Hash crdt.Hash `json:"hash"`
	Why  string    `json:"why"`
}

// OK reports whether all that is here is right and nothing that was here is
// missing. Gaps are nobody's fault: others have not sent it yet.
func (r *VerifyReport) OK() bool { return r.DigestOK && len(r.Bad) == 0 && r.Lost == nil && !r.Empty }

type chainID struct {
	author      crdt.Key
	incarnation crdt.Incarnation
	set         crdt.Set
}

// VerifyLog checks every signature, grant and hash of a log and computes its
// digests anew. Events that arrive meanwhile are not looked at.
func VerifyLog(log *crdt.Log) (*VerifyReport, error) {
	want, last, err := log.Digest()
	if err != nil {
		return nil, err
	}
	report := &VerifyReport{Match: log.ID()}
	var got [crdt.NumSets]crdt.Digest
	control := access.NewControl(log.ID())
	chains := map[chainID][]uint64{}
	err = eachEntry(log, func(en crdt.Entry) error {
		if en.Arrival > last {
			return nil
		}
		report.Checked++
		got[en.Set].Add(en.Element.Hash)
		e := en.Event
		if e == nil {
			report.Bad = append(report.Bad, BadEvent{Hash: en.Element.Hash, Why: crdt.ErrCorrupt.Error()})
			return nil
		}
		if err := verifyEntry(en, control); err != nil {
			report.Bad = append(report.Bad, BadEvent{Hash: en.Element.Hash, Why: err.Error()})
			return nil
		}
		control.Add(e)
		id := chainID{e.Author, e.Incarnation, e.Set}
		chains[id] = append(chains[id], e.Seq)
		return nil
	})
	if err != nil {
		return nil, err
	}
	report.Empty = !control.Founded()
	report.Erased = int(last) - report.Checked
	report.DigestOK = true
	var sums [crdt.NumSets]crdt.Hash
	for set := range got {
		sums[set] = want[set].Sum()
		report.DigestOK = report.DigestOK && got[set].Sum() == want[set].Sum()
	}
	report.Digest, report.Chains = crdt.CombineSums(sums), len(chains)
	for id, seqs := range chains {
		report.walk(id, seqs)
	}
	slices.SortFunc(report.Gaps, func(a, b Gap) int {
		return cmp.Or(cmp.Compare(a.Author, b.Author), cmp.Compare(a.Set, b.Set), cmp.Compare(a.From, b.From))
	})
	return report, nil
}

func verifyEntry(en crdt.Entry, control *access.Control) error {
	e := en.Event
	if crdt.Sum(e.Envelope()) != en.Element.Hash || e.Time != en.Element.Time || e.Set != en.Set {
		return fmt.Errorf("%w: stored bytes and index disagree", crdt.ErrCorrupt)
	}
	if err := e.Verify(); err != nil {
		return err
	}
	return control.Check(e)
}

// walk finds gaps and forks in one chain.
func (r *VerifyReport) walk(id chainID, seqs []uint64) {
	slices.Sort(seqs)
	var at uint64
	for _, seq := range seqs {
		switch {
		case seq == at:
			r.Forks++
		case seq > at+1:
			r.Gaps = append(r.Gaps, Gap{Author: id.author.String(), Set: id.set.String(), From: at + 1, To: seq - 1})
		}
		at = seq
	}
}
