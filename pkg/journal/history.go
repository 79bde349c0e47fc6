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

// History is what a journal told when it was read.
type History struct {
	Notes []string // what was tolerated since it was last opened: lines that a crash cut short

	runs   []*RunRecord // in the order of their lines
	byID   map[string]*RunRecord
	orgs   map[string]*ledger
	told   map[string]*memory // by RunInfo.scope
	recent map[string]recent  // by RunInfo.line

	finished map[string]*finished // those of recent, by run
	lines    int                  // how many were taken in

	now     time.Time // the reader's
	ahead   time.Time // the latest time of a line that is after now
	noted   time.Time // the same as a person was told
	pending bool      // since the last line with a time in the future none was in the past

	files []covered // what was read, in order
	read  int64     // how many bytes of that did not come from a checkpoint
	whole bool      // each line of the last file is whole
	fresh bool      // a month has begun since the checkpoint
}

// RunRecord is one run.
type RunRecord struct {
	Info   RunInfo
	Began  time.Time
	Ended  time.Time // zero where the run has not ended, or died
	Status int       // -1 where Ended is zero
	Counts map[string]int
	Groups []GroupRecord // those of which there is something to tell, in the order of their first lines
	Like   string        // the earlier run that this one was like; then Groups is empty

	file string // in which it began
}

// GroupRecord is one group in one run. Who was in it and who was to be in it stays on the disk: see Members.
type GroupRecord struct {
	ID          string // of the Genesys group; empty where it was not found
	Name        string // what reports call it
	DisplayName string
	Version     string // of the group as it was read before the last PUT
	Key         string // idempotency key of the members to be
	Add, Remove []plan.Entry
	Found       int              // members before
	Written     bool             // a PUT was about to be sent
	Outcome     push.Status      // empty where the run died before it was known
	Cause       membership.Cause // of the outcome
	Detail      string
	Refusals    []plan.Refusal // of a group that was refused
	Became      Closing        // what a later run found out about it
	ClosedBy    string         // the run that did

	earlier   []change // what PUTs before the last one of the run have changed, as far as a reading showed
	before    place
	after     place
	afterSeen bool
}

type change struct {
	Add    []plan.Entry `json:"add,omitempty"`
	Remove []plan.Entry `json:"remove,omitempty"`
}

// place is where a line stands.
type place struct {
	Path   string `json:"path"`
	Offset int64  `json:"offset"`
	Size   int    `json:"size"`
	Number int    `json:"number"`
}

// Read reads what a run has to know: the checkpoint and the lines after it, or all months if there is no checkpoint that
// can be relied on. Both have the same answers, but Runs and Run only know the runs since the checkpoint. A last line of a
// file that a crash has cut short is noted; damage anywhere else is ErrBroken, with the file and the line.
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

// ReadDir reads all months. It is for who only wants to look: it needs no folder that can be written, and where there is
// none, nothing has happened yet.
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
			continue // the checkpoint has all of it
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

// Members reads who was in the group before the run and who was to be in it after it, sorted. Both are nil where no PUT
// was about to be sent.
func (g GroupRecord) Members() (before, after []string, err error) {
	if g.Written {
		l, err := g.before.read()
		if err == nil {
			before, err = readIDs(l.Before)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	if g.Written || g.afterSeen {
		l, err := g.after.read()
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
