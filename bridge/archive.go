package bridge

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// An archive is a text file: a header line, one line per event with its
// envelope in base64, control set first, and a last line that proves the file
// is whole. Events are signed, so the file itself needs no protection against
// changes; it holds no keys. Erasable records are left out: no erasure reaches
// a file that somebody has put away (rule R8).
const (
	archiveKind    = "touchline-export"
	archiveVersion = 1
	archiveLine    = crdt.MaxEvent*4/3 + 64
	importBatch    = 256
	maxReported    = 100 // refused events that a report names
)

type archiveHeader struct {
	Kind    string     `json:"kind"`
	Version int        `json:"version"`
	Match   crdt.LogID `json:"matchId"`
}

type archiveEnd struct {
	End    bool  `json:"end"`
	Events int64 `json:"events"`
}

// WriteArchive writes the control set and the events of a log.
func WriteArchive(w io.Writer, log *crdt.Log) error {
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	if err := enc.Encode(archiveHeader{archiveKind, archiveVersion, log.ID()}); err != nil {
		return err
	}
	var n int64
	for _, set := range []crdt.Set{crdt.Control, crdt.Events} {
		err := eachEntry(log, func(en crdt.Entry) error {
			if en.Set != set || en.Event == nil {
				return nil
			}
			n++
			_, err := fmt.Fprintln(out, base64.StdEncoding.EncodeToString(en.Event.Envelope()))
			return err
		})
		if err != nil {
			return err
		}
	}
	if err := enc.Encode(archiveEnd{true, n}); err != nil {
		return err
	}
	return out.Flush()
}

// eachEntry calls f for every entry of a log in order of arrival.
func eachEntry(log *crdt.Log, f func(crdt.Entry) error) error {
	var at crdt.Arrival
	for {
		entries, err := log.Since(at, 1000)
		if err != nil || len(entries) == 0 {
			return err
		}
		for _, en := range entries {
			at = en.Arrival
			if err := f(en); err != nil {
				return err
			}
		}
	}
}

// Refused is one line of an archive that was not taken, and why.
type Refused struct {
	Line int    `json:"line"`
	Hash string `json:"hash,omitempty"`
	Type string `json:"type"` // as of a Problem
	Why  string `json:"why"`
}

// ImportReport says what became of an archive.
type ImportReport struct {
	Match   crdt.LogID `json:"matchId"`
	Read    int        `json:"read"`
	New     int        `json:"new"`
	Known   int        `json:"known"`
	Waiting int        `json:"waiting"` // their author's grant is not here yet
	Refused int        `json:"refused"`
	Whole   bool       `json:"whole"`            // the last line was there and right
	Errors  []Refused  `json:"errors,omitempty"` // the first hundred
}

// ImportArchive offers every event of an archive to the log it belongs to,
// by the same rules as every other path in.
func ImportArchive(ctx context.Context, r io.Reader, admin Admin) (*ImportReport, error) {
	a, err := openArchive(r)
	if err != nil {
		return nil, err
	}
	if _, err := admin.Log(a.match); err != nil {
		return nil, fmt.Errorf("%w; join it with an invite before importing, or look at the file as it is: touchline state --file FILE", err)
	}
	return a.read(func(batches iter.Seq[[][]byte]) (iter.Seq[[]crdt.Outcome], error) {
		return admin.AdmitAll(ctx, a.match, "import", batches)
	})
}

// ReadArchive offers every event of an archive to the log that follow makes for it: for
// a device that has no part in the match and only looks at the file.
func ReadArchive(ctx context.Context, r io.Reader, admin Admin, follow func(crdt.LogID) error) (*ImportReport, error) {
	a, err := openArchive(r)
	if err != nil {
		return nil, err
	}
	if err := follow(a.match); err != nil {
		return nil, err
	}
	return a.read(func(batches iter.Seq[[][]byte]) (iter.Seq[[]crdt.Outcome], error) {
		return admin.AdmitAll(ctx, a.match, "file", batches)
	})
}

// VerifyArchive checks every event of an archive as an empty device would
// that follows the match, and keeps nothing.
func VerifyArchive(r io.Reader) (*ImportReport, error) {
	a, err := openArchive(r)
	if err != nil {
		return nil, err
	}
	control := access.NewControl(a.match)
	seen := map[crdt.Hash]bool{}
	judge := func(b []byte) (o crdt.Outcome) {
		if o.Event, o.Err = crdt.Open(b); o.Err == nil {
			o.Err = control.Check(o.Event)
		}
		if o.Err == nil {
			control.Add(o.Event)
			o.Added.New = !seen[o.Event.Hash]
			seen[o.Event.Hash] = true
		}
		return o
	}
	return a.read(func(batches iter.Seq[[][]byte]) (iter.Seq[[]crdt.Outcome], error) {
		return func(yield func([]crdt.Outcome) bool) {
			for batch := range batches {
				out := make([]crdt.Outcome, len(batch))
				for i, b := range batch {
					out[i] = judge(b)
				}
				if !yield(out) {
					return
				}
			}
		}, nil
	})
}

// archive reads the lines of an archive.
type archive struct {
	match  crdt.LogID
	in     *bufio.Scanner
	cut    bool // the line in hand ends where the file does, without a line end
	report *ImportReport
	lines  []int // of the events that were read and have no outcome yet
}

func openArchive(r io.Reader) (*archive, error) {
	a := &archive{in: bufio.NewScanner(r)}
	a.in.Buffer(make([]byte, 4096), archiveLine)
	a.in.Split(a.line)
	if !a.in.Scan() {
		switch err := a.in.Err(); {
		case err == nil:
			return nil, badFile("the file is empty")
		case !errors.Is(err, bufio.ErrTooLong):
			return nil, fmt.Errorf("read archive: %w", err)
		}
	}
	var h archiveHeader
	if err := json.Unmarshal(a.in.Bytes(), &h); err != nil || h.Kind != archiveKind {
		return nil, badFile(notArchive(a.in.Bytes()))
	}
	if h.Version != archiveVersion {
		return nil, badFile(fmt.Sprintf("the file was written by a newer touchline (version %d of exports); update this one", h.Version))
	}
	a.match = h.Match
	return a, nil
}

// notArchive says what a file may be that does not begin as an archive does.
func notArchive(first []byte) string {
	switch {
	case bytes.HasPrefix(first, []byte("touchline backup")):
		return "this is a backup of a whole device, no export of a match: touchline restore takes it, into an empty --data folder"
	case bytes.HasPrefix(first, []byte(access.InvitePrefix)):
		return "this is an invite, no export of a match: touchline join - < FILE takes it"
	}
	return "this is not a file that touchline export wrote, or its beginning is missing"
}

// line splits lines, and notices the one that was cut off.
func (a *archive) line(data []byte, atEOF bool) (advance int, token []byte, err error) {
	a.cut = atEOF && len(data) > 0 && bytes.IndexByte(data, '\n') < 0
	return bufio.ScanLines(data, atEOF)
}

// read hands batches of envelopes to admit and sums up the outcomes, which may
// come some batches later.
func (a *archive) read(admit func(iter.Seq[[][]byte]) (iter.Seq[[]crdt.Outcome], error)) (*ImportReport, error) {
	a.report = &ImportReport{Match: a.match}
	all, err := admit(a.batches)
	if err != nil {
		return nil, err
	}
	for outcomes := range all {
		for i, o := range outcomes {
			if errors.Is(o.Err, crdt.ErrReadOnly) || errors.Is(o.Err, crdt.ErrClosed) {
				return nil, o.Err
			}
			a.report.note(a.lines[i], o)
		}
		a.lines = a.lines[len(outcomes):]
	}
	if err := a.in.Err(); err != nil {
		a.report.refuse(Refused{Line: a.report.Read + 2, Type: "urn:touchline:malformed", Why: err.Error()})
	}
	return a.report, nil
}

// batches yields the envelopes of the archive.
func (a *archive) batches(yield func([][]byte) bool) {
	var batch [][]byte
	for line := 2; a.in.Scan(); line++ {
		text := a.in.Bytes()
		if len(text) > 0 && text[0] == '{' {
			var end archiveEnd
			a.report.Whole = json.Unmarshal(text, &end) == nil && end.End && end.Events == int64(a.report.Read) && !a.in.Scan()
			break
		}
		if a.cut {
			break // what is left of it is no event, and the file is not whole
		}
		a.report.Read++
		envelope, err := base64.StdEncoding.AppendDecode(nil, text)
		if err != nil {
			a.report.note(line, crdt.Outcome{Err: fmt.Errorf("%w: the line is not base64", crdt.ErrMalformed)})
			continue
		}
		if batch, a.lines = append(batch, envelope), append(a.lines, line); len(batch) == importBatch {
			if !yield(batch) {
				return
			}
			batch = nil
		}
	}
	if len(batch) > 0 {
		yield(batch)
	}
}

func (r *ImportReport) note(line int, o crdt.Outcome) {
	switch {
	case o.Err == nil && o.Added.New:
		r.New++
	case o.Err == nil:
		r.Known++
	case errors.Is(o.Err, crdt.ErrNoGrant):
		r.Waiting++
	default:
		bad := Refused{Line: line, Type: problemOf(o.Err).Type, Why: o.Err.Error()}
		if o.Event != nil {
			bad.Hash = o.Event.Hash.String()
		}
		r.refuse(bad)
	}
}

func (r *ImportReport) refuse(bad Refused) {
	r.Refused++
	if len(r.Errors) < maxReported {
		r.Errors = append(r.Errors, bad)
	}
}

// OK reports whether the archive was whole and nothing was refused.
func (r *ImportReport) OK() bool { return r.Whole && r.Refused == 0 && r.Waiting == 0 }
