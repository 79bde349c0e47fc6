package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// History is the content of a journal when it was read.
type History struct {
	Notes []string // messages about lines that a crash has cut short and that are ignored

	runs   []*RunRecord // in the order of their lines
	byID   map[string]*RunRecord
	orgs   map[string]*ledger
	told   map[string]*memory // by RunInfo.scope
	recent map[string]recent  // by RunInfo.line

	finished map[string]*finished // those of recent, by ID of the run
	lines    int                  // number of lines that were read

	now     time.Time // time of the reading
	ahead   time.Time // the latest time of a line that is after now
	noted   time.Time // the latest such time that a person was told of
	pending bool      // no line with a time in the past has followed a line with one in the future

	files []covered // the files that were read, in the order of writing
	read  int64     // number of bytes that were read beside the checkpoint
	whole bool      // the last file ends with a complete line
	fresh bool      // a new file has begun since the checkpoint
}

// RunRecord is one run in the journal.
type RunRecord struct {
	Info   RunInfo
	Began  time.Time
	Ended  time.Time      // zero if the run has not ended or died
	Status int            // exit status; -1 if Ended is zero
	Counts map[string]int // outcomes by push.Status
	Groups []GroupRecord  // those with lines of their own, in the order of their first lines
	Like   string         // ID of the earlier run with the same result, if Groups was not written again

	file string // name of the file with its first line
}

// GroupRecord is one group in one run. Its members before and after are read from the disk by [GroupRecord.Members].
type GroupRecord struct {
	ID          string // of the Genesys group; empty if it was not found
	Name        string // of the group in reports
	DisplayName string
	Version     string // of the group as it was read before the last PUT
	Key         string // idempotency key of the members that it should have
	Add, Remove []plan.Entry
	Found       int              // number of members before
	Written     bool             // a PUT was about to be sent
	Outcome     push.Status      // empty if the run died before
	Cause       membership.Cause // of the outcome
	Detail      string
	Refusals    []plan.Refusal // of a group that was refused
	Became      Closing        // result that a later run found out
	ClosedBy    string         // ID of that run

	written
}

// written is the part of a GroupRecord that is for this package. Its fields are exported for the checkpoint.
type written struct {
	Earlier   []change // changes by PUTs of the run before the last one, as far as a reading showed them
	Before    place
	After     place
	AfterSeen bool
}

type change struct {
	Add    []plan.Entry `json:"add,omitempty"`
	Remove []plan.Entry `json:"remove,omitempty"`
}

// place is the position of a line: the file, the offset and size in bytes, and the line number from 1.
type place struct {
	Path   string `json:"path"`
	Offset int64  `json:"offset"`
	Size   int    `json:"size"`
	Number int    `json:"number"`
}

// Read reads what a run has to know: the checkpoint and the lines after it, or all months if there is no checkpoint that
// can be used. The results are the same, except that with a checkpoint Runs and Run have only the runs since then. If a
// crash has cut short the last line of a file, a note says so. Any other damage is [ErrBroken], with the file and the
// line.
func (j *Journal) Read() (*History, error) {
	h, err := read(j.dir, true)
	if err != nil {
		return nil, err
	}
	j.mu.Lock()
	j.past = h
	j.mu.Unlock()
	h.Notes = append(append([]string{}, j.notes...), h.Notes...)
	return h, nil
}

// ReadDir reads all months, for a program that does not write. The folder need not be writable. If it does not exist,
// the History is empty.
func ReadDir(dir string) (*History, error) { return read(dir, false) }

func read(dir string, checkpoint bool) (*History, error) {
	now := time.Now()
	err := checkDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return newHistory(now), nil
	}
	var files []month
	if err == nil {
		files, err = months(dir, now, map[string]int{})
	}
	if err != nil {
		return nil, unusable(dir, err)
	}
	h := newHistory(now)
	if checkpoint {
		h = fromCheckpoint(dir, files, now)
	}
	h.fresh = len(files) > max(len(h.files), 1)
	for i, m := range files {
		from := covered{Name: m.name}
		switch last := len(h.files) - 1; {
		case i < last:
			continue // the checkpoint has the whole file
		case i == last:
			from, h.files = h.files[i], h.files[:i]
		}
		if err := h.readFile(dir, from, refuse); err != nil {
			return nil, err
		}
	}
	h.count()
	h.clamp(now)
	return h, nil
}

func newHistory(now time.Time) *History {
	return &History{
		byID: map[string]*RunRecord{}, orgs: map[string]*ledger{}, told: map[string]*memory{}, recent: map[string]recent{},
		finished: map[string]*finished{}, now: now, whole: true,
	}
}

// Members reads from the journal file the ids of the members before the run and of those that the group should have
// after it, both sorted. Both are nil if the run was not about to send a PUT.
func (g GroupRecord) Members() (before, after []string, err error) {
	if g.Written {
		l, err := g.Before.read()
		if err == nil {
			before, err = readIDs(l.Before)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	if g.Written || g.AfterSeen {
		l, err := g.After.read()
		if err == nil {
			after, err = readIDs(l.Members)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	return before, after, nil
}

func (p place) read() (line, error) {
	f, err := openFile(p.Path, os.O_RDONLY, 0)
	if err != nil {
		return line{}, failed(err)
	}
	defer f.Close()
	text := make([]byte, p.Size)
	if _, err := f.ReadAt(text, p.Offset); err != nil {
		return line{}, fmt.Errorf("journal %s, line %d: %w", p.Path, p.Number, err)
	}
	return decode(text)
}
