package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/callroll/callroll/pkg/internal/escape"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// format is the value of the field format in every line. Readers ignore kinds and fields that they do not know. A line
// that an older reader would misunderstand needs a new format.
const format = 1

// maxLine is the largest size of a line in bytes. Nothing longer is written, and a longer line is read as damaged.
const maxLine = 16 << 20

// The kinds of lines.
const (
	kindFile    = "file"    // the first line of a file: its number in the order of writing
	kindRun     = "run"     // a run began
	kindIntent  = "intent"  // a PUT is about to be sent
	kindOutcome = "outcome" // how a group ended
	kindEnd     = "end"     // the run ended, with the outcomes that have no line of their own
	kindSame    = "same"    // the only line of a run with the same result as an earlier one
	kindClosed  = "closed"  // the result of an intent of an earlier run
	kindTold    = "told"    // what a person was told
	kindNoted   = "noted"   // a person was told of times in the future
	kindCut     = "cut"     // the line before this one is incomplete
)

// line is one line of any kind. Long lists of ids stay raw JSON, because most of them are never needed.
type line struct {
	Format int       `json:"format"`
	Kind   string    `json:"kind"`
	Number int       `json:"number,omitempty"` // file
	Run    string    `json:"run,omitempty"`
	Time   time.Time `json:"time,omitzero"` // same: left out if the ID of the run begins with it

	Info *RunInfo `json:"info,omitempty"` // run

	// Of is the ID of another run. closed: the run of the intent. end: the run in which each group that has no outcome
	// here ended in the same way. same: the run with the same result. For end and same, that run is in the same file,
	// because files are removed one by one.
	Of          string          `json:"of,omitempty"`
	Group       string          `json:"group,omitempty"` // id of the Genesys group
	Name        string          `json:"name,omitempty"`  // of the group in reports
	DisplayName string          `json:"displayName,omitempty"`
	Version     string          `json:"version,omitempty"`
	Before      json.RawMessage `json:"before,omitempty"` // ids of the members before
	Add         []plan.Entry    `json:"add,omitempty"`
	Remove      []plan.Entry    `json:"remove,omitempty"`
	Members     json.RawMessage `json:"members,omitempty"` // ids of the members that it should have
	Key         string          `json:"key,omitempty"`

	Outcome  push.Status      `json:"outcome,omitempty"`
	Cause    membership.Cause `json:"cause,omitempty"`
	Detail   string           `json:"detail,omitempty"`
	Refusals []plan.Refusal   `json:"refusals,omitempty"`
	Became   Closing          `json:"became,omitempty"` // closed
	Seen     json.RawMessage  `json:"seen,omitempty"`   // closed: ids of the members at that time

	Status *int           `json:"status,omitempty"` // end
	Counts map[string]int `json:"counts,omitempty"`
	Quiet  []result       `json:"quiet,omitempty"`
	Age    int64          `json:"age,omitempty"` // same: age of the memberships at Time, in seconds; 0 if the run read them

	Causes []Cause   `json:"causes,omitempty"` // end: problems of the run. told: problems that a person was told of
	Over   []Cause   `json:"over,omitempty"`   // told: problems that a person was told are over
	Ahead  time.Time `json:"ahead,omitzero"`   // noted: the latest time in the future
}

// encode returns a line as JSON with its newline.
func (l line) encode() ([]byte, error) {
	l.Format, l.Time = format, l.Time.UTC()
	if l.Kind == kindSame && timeOf(l.Run).Equal(l.Time) {
		l.Time = time.Time{}
	}
	data, err := json.Marshal(l)
	if err != nil {
		return nil, err
	}
	data = escape.JSON(data) // people may look at it on a terminal
	if len(data) > maxLine {
		return nil, fmt.Errorf("a line of %d bytes is longer than a journal takes (%d)", len(data), maxLine)
	}
	return append(data, '\n'), nil
}

// decode parses a line without its newline. The error is ErrFormat for a line with a newer format, and another error if
// text is not a line of a journal.
func decode(text []byte) (line, error) {
	var l line
	err := json.Unmarshal(text, &l)
	if err == nil && l.Format == format && l.Kind != "" {
		if l.Kind == kindSame && l.Time.IsZero() {
			l.Time = timeOf(l.Run)
		}
		return l, nil
	}
	var head struct {
		Format int `json:"format"`
	}
	if json.Unmarshal(text, &head) == nil && head.Format > format {
		return line{}, fmt.Errorf("%w: format %d, and this version of callroll reads format %d", ErrFormat, head.Format, format)
	}
	var other *json.UnmarshalTypeError
	switch {
	case err == nil:
		err = errors.New("it lacks format or kind")
	case errors.As(err, &other):
		err = errors.New("its fields are not those of a line of the journal")
	case bytes.HasPrefix(text, []byte("{")):
		err = errors.New("it is cut short or damaged")
	default:
		err = errors.New("it is not a line of the journal")
	}
	return line{}, err
}

// stamp is the format of the time with which the ID of a run begins.
const stamp = "20060102T150405Z"

// timeOf returns the time in the ID of a run; zero if there is none.
func timeOf(run string) time.Time {
	at, _ := time.Parse(stamp, run[:min(len(run), len(stamp))])
	return at
}

// rawIDs returns ids as a JSON list. The list is in the line even if it is empty.
func rawIDs(ids []string) json.RawMessage {
	data, _ := json.Marshal(membership.Distinct(ids)) // cannot fail for strings
	return data
}

func readIDs(raw json.RawMessage) ([]string, error) {
	ids := []string{}
	if len(raw) == 0 {
		return ids, nil
	}
	err := json.Unmarshal(raw, &ids)
	return ids, err
}
