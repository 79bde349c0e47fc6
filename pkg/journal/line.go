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

// format stands in every line. Readers pass over kinds and fields that they do not know; a line that an older reader
// would misunderstand gets another format.
const format = 1

// maxLine bounds what is read as one line; nothing longer is written.
const maxLine = 16 << 20

// The kinds of lines.
const (
	kindFile    = "file"    // the first line of a file: its place in the order of writing
	kindRun     = "run"     // a run began
	kindIntent  = "intent"  // a PUT is about to be sent
	kindOutcome = "outcome" // how a group ended
	kindEnd     = "end"     // the run ended, with the groups of which there is nothing to tell
	kindSame    = "same"    // the whole of a run that went as an earlier one
	kindClosed  = "closed"  // what became of an intent of an earlier run
	kindTold    = "told"    // what a person was told
	kindNoted   = "noted"   // that times in the future were noted
	kindCut     = "cut"     // the line before this one is cut short
)

// line is one line of any kind. Long lists of ids stay as they were read: most of them nobody asks for.
type line struct {
	Format int       `json:"format"`
	Kind   string    `json:"kind"`
	Number int       `json:"number,omitempty"` // file
	Run    string    `json:"run,omitempty"`
	Time   time.Time `json:"time,omitzero"` // same: left out where the run's name begins with it

	Info *RunInfo `json:"info,omitempty"` // run

	// Of is another run. closed: that of the intent. end: the one in which each group ended in the same way that has no
	// outcome here. same: the one that this one was like. The run of an end and of a same is in the same file, because
	// files are removed one by one.
	Of          string          `json:"of,omitempty"`
	Group       string          `json:"group,omitempty"` // the Genesys id
	Name        string          `json:"name,omitempty"`  // what reports call it
	DisplayName string          `json:"displayName,omitempty"`
	Version     string          `json:"version,omitempty"`
	Before      json.RawMessage `json:"before,omitempty"` // who was in it
	Add         []plan.Entry    `json:"add,omitempty"`
	Remove      []plan.Entry    `json:"remove,omitempty"`
	Members     json.RawMessage `json:"members,omitempty"` // who is to be in it
	Key         string          `json:"key,omitempty"`

	Outcome  push.Status      `json:"outcome,omitempty"`
	Cause    membership.Cause `json:"cause,omitempty"`
	Detail   string           `json:"detail,omitempty"`
	Refusals []plan.Refusal   `json:"refusals,omitempty"`
	Became   Closing          `json:"became,omitempty"` // closed
	Seen     json.RawMessage  `json:"seen,omitempty"`   // closed: who was in it then

	Status *int           `json:"status,omitempty"` // end
	Counts map[string]int `json:"counts,omitempty"`
	Quiet  []result       `json:"quiet,omitempty"`
	Age    int64          `json:"age,omitempty"` // same: how many seconds before this the memberships were read, if they were read before the run

	Causes []Cause   `json:"causes,omitempty"` // end: what was the matter. told: what a person was told of
	Over   []Cause   `json:"over,omitempty"`   // told: of what a person was told that it is over
	Ahead  time.Time `json:"ahead,omitzero"`   // noted: the latest time in the future
}

// encode writes a line with its newline.
func (l line) encode() ([]byte, error) {
	l.Format, l.Time = format, l.Time.UTC()
	if l.Kind == kindSame && timeOf(l.Run).Equal(l.Time) {
		l.Time = time.Time{}
	}
	data, err := json.Marshal(l)
	if err != nil {
		return nil, err
	}
	data = escape.JSON(data) // who looks at it may do so on a terminal
	if len(data) > maxLine {
		return nil, fmt.Errorf("a line of %d bytes is longer than a journal takes (%d)", len(data), maxLine)
	}
	return append(data, '\n'), nil
}

// decode reads a line without its newline. The error is ErrFormat for a line of another format, and anything else for
// what is no line of a journal.
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

// stamp begins the name of a run.
const stamp = "20060102T150405Z"

// timeOf reads the time in the name of a run; zero where there is none.
func timeOf(run string) time.Time {
	at, _ := time.Parse(stamp, run[:min(len(run), len(stamp))])
	return at
}

// rawIDs writes ids as a list that stays in the line even where it is empty.
func rawIDs(ids []string) json.RawMessage {
	data, _ := json.Marshal(membership.Distinct(ids)) // strings always can be written
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
