package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

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
	kindRun     = "run"     // a run began
	kindIntent  = "intent"  // a PUT is about to be sent
	kindOutcome = "outcome" // how a group ended
	kindEnd     = "end"     // the run ended, with the groups of which there is nothing to tell
	kindClosed  = "closed"  // what became of an intent of an earlier run
	kindTold    = "told"    // what a person was told
	kindCut     = "cut"     // the line before this one is cut short
)

// line is one line of any kind. Long lists of ids stay as they were read: most of them nobody asks for.
type line struct {
	Format int       `json:"format"`
	Kind   string    `json:"kind"`
	Run    string    `json:"run,omitempty"`
	Time   time.Time `json:"time"`

	Info *RunInfo `json:"info,omitempty"` // run

	Of          string          `json:"of,omitempty"`    // closed: the run of the intent
	Group       string          `json:"group,omitempty"` // the Genesys id
	Name        string          `json:"name,omitempty"`  // what reports call it
	DisplayName string          `json:"displayName,omitempty"`
	Version     string          `json:"version,omitempty"`
	Before      json.RawMessage `json:"before,omitempty"` // who was in it
	Add         []plan.Entry    `json:"add,omitempty"`
	Remove      []plan.Entry    `json:"remove,omitempty"`
	Members     json.RawMessage `json:"members,omitempty"` // who is to be in it
	Key         string          `json:"key,omitempty"`

	Outcome push.Status      `json:"outcome,omitempty"`
	Cause   membership.Cause `json:"cause,omitempty"`
	Detail  string           `json:"detail,omitempty"`
	Became  Closing          `json:"became,omitempty"` // closed
	Seen    json.RawMessage  `json:"seen,omitempty"`   // closed: who was in it then

	Status *int           `json:"status,omitempty"` // end
	Counts map[string]int `json:"counts,omitempty"`
	Quiet  []quiet        `json:"quiet,omitempty"`

	Keys []string `json:"keys,omitempty"` // told
}

// quiet is a group of which a run has nothing to tell. They stand together in one line, because most groups are in step
// in most runs.
type quiet struct {
	Group   string      `json:"group,omitempty"`
	Name    string      `json:"name"`
	Outcome push.Status `json:"outcome"`
}

// encode writes a line with its newline.
func (l line) encode() ([]byte, error) {
	l.Format, l.Time = format, l.Time.UTC()
	data, err := json.Marshal(l)
	if err != nil {
		return nil, err
	}
	data = membership.EscapeJSON(data) // who looks at it may do so on a terminal
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
		return l, nil
	}
	var head struct {
		Format int `json:"format"`
	}
	if json.Unmarshal(text, &head) == nil && head.Format > format {
		return line{}, fmt.Errorf("%w: format %d, and this version of callroll reads format %d", ErrFormat, head.Format, format)
	}
	if err == nil {
		err = errors.New("it lacks format or kind")
	}
	return line{}, err
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
