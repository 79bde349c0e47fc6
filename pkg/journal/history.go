package journal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// History is what a journal told when it was read.
type History struct {
	Notes []string // what was tolerated since it was last opened: lines that a crash cut short, months that stay too long

	runs []*RunRecord // in the order of their lines
	byID map[string]*RunRecord
	orgs map[string]*ledger
}

// RunRecord is one run.
type RunRecord struct {
	Info   RunInfo
	Began  time.Time
	Ended  time.Time // zero where the run has not ended, or died
	Status int       // -1 where Ended is zero
	Counts map[string]int
	Groups []GroupRecord // those of which there is something to tell, in the order of their first lines
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
	Became      Closing // what a later run found out about it
	ClosedBy    string  // the run that did

	earlier   []change // what PUTs before the last one of the run have changed, as far as a reading showed
	before    place
	after     place
	afterSeen bool
}

type change struct{ add, remove []plan.Entry }

// place is where a line stands.
type place struct {
	path   string
	offset int64
	size   int
	number int
}

// Read reads all months. A last line of a file that a crash has cut short is noted; damage anywhere else is ErrBroken,
// with the file and the line.
func (j *Journal) Read() (*History, error) {
	h, err := ReadDir(j.dir)
	if err != nil {
		return nil, err
	}
	h.Notes = append(append([]string{}, j.notes...), h.Notes...)
	return h, nil
}

// ReadDir is Read for who only wants to look: it needs no folder that can be written, and where there is none, nothing
// has happened yet.
func ReadDir(dir string) (*History, error) {
	h := newHistory()
	err := checkDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return h, nil
	}
	var files []string
	if err == nil {
		files, err = months(dir)
	}
	if err != nil {
		return nil, unusable(dir, err)
	}
	for _, name := range files {
		if err := h.readFile(filepath.Join(dir, name), refuse); err != nil {
			return nil, err
		}
	}
	return h, nil
}

func newHistory() *History {
	return &History{byID: map[string]*RunRecord{}, orgs: map[string]*ledger{}}
}

// damage is a line that cannot be read, where no crash explains it.
type damage struct {
	place
	err error
}

func (d damage) Error() string { return fmt.Sprintf("%s, line %d: %v", d.path, d.number, d.err) }

// refuse ends a reading at the first line that is damaged.
func refuse(d damage) error { return fmt.Errorf("%w: %w", ErrBroken, d) }

// readFile takes a month in. Of each damaged line damaged is told, and what it returns ends the reading.
func (h *History) readFile(path string, damaged func(damage) error) error {
	f, err := openFile(path, os.O_RDONLY, 0)
	if err != nil {
		return failed(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return failed(err)
	}
	// What is written from now on is not looked at: a line must not end where the file ended a moment ago.
	return h.readLines(path, io.LimitReader(f, info.Size()), damaged)
}

// readLines takes the lines in. One that cannot be read is a crash if it is the last one or if the next one says so, and
// damage otherwise.
func (h *History) readLines(path string, r io.Reader, damaged func(damage) error) error {
	var broken *damage
	s := newScanner(r)
	for number := 1; ; number++ {
		raw, err := s.next()
		switch {
		case errors.Is(err, io.EOF):
			if broken != nil {
				h.Notes = append(h.Notes, passedOver(*broken))
			}
			return nil
		case err != nil:
			return fmt.Errorf("journal %s, line %d: %w", path, number, err)
		case raw.blank():
			continue
		}
		at := place{path: path, offset: raw.offset, size: raw.size, number: number}
		l, err := raw.decode()
		cut := err == nil && l.Kind == kindCut
		if broken != nil && !cut {
			if err := damaged(*broken); err != nil {
				return err
			}
		}
		broken = nil
		switch {
		case cut:
		case errors.Is(err, ErrFormat):
			return fmt.Errorf("%s, line %d: %w", path, number, err)
		case err != nil:
			broken = &damage{at, err}
		default:
			if err := h.take(l, at); err != nil { // no crash writes such a line
				if err := damaged(damage{at, err}); err != nil {
					return err
				}
			}
		}
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
	f, err := openFile(p.path, os.O_RDONLY, 0)
	if err != nil {
		return line{}, failed(err)
	}
	defer f.Close()
	text := make([]byte, p.size)
	if _, err := f.ReadAt(text, p.offset); err != nil {
		return line{}, fmt.Errorf("journal %s, line %d: %w", p.path, p.number, err)
	}
	return decode(text)
}
