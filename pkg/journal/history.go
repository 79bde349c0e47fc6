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
	h := &History{byID: map[string]*RunRecord{}, orgs: map[string]*ledger{}}
	files, err := months(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return h, nil
	}
	if err != nil {
		return nil, unusable(dir, err)
	}
	for _, name := range files {
		if err := h.readFile(filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	return h, nil
}

func (h *History) readFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return failed(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return failed(err)
	}
	if !info.Mode().IsRegular() {
		h.Notes = append(h.Notes, path+" is no file, and was not read")
		return nil
	}
	// What is written from now on is not looked at: a line must not end where the file ended a moment ago.
	return h.readLines(path, io.LimitReader(f, info.Size()))
}

// readLines takes the lines in. One that cannot be read is a crash if it is the last one or if the next one says so, and
// damage otherwise.
func (h *History) readLines(path string, r io.Reader) error {
	var broken error
	s := newScanner(r)
	for number := 1; ; number++ {
		raw, err := s.next()
		switch {
		case errors.Is(err, io.EOF):
			if broken != nil {
				h.Notes = append(h.Notes, passedOver(broken))
			}
			return nil
		case err != nil:
			return fmt.Errorf("journal %s, line %d: %w", path, number, err)
		case len(raw.text) == 0 && !raw.long:
			continue
		}
		l, err := raw.decode()
		switch {
		case err == nil && l.Kind == kindCut:
			broken = nil
		case broken != nil:
			return fmt.Errorf("%w: %w", ErrBroken, broken)
		case errors.Is(err, ErrFormat):
			return fmt.Errorf("%s, line %d: %w", path, number, err)
		case err != nil:
			broken = fmt.Errorf("%s, line %d: %w", path, number, err)
		default:
			if err := h.take(l, place{path: path, offset: raw.offset, size: len(raw.text), number: number}); err != nil {
				return fmt.Errorf("%w: %s, line %d: %w", ErrBroken, path, number, err) // no crash writes such a line
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
	f, err := os.Open(p.path)
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
