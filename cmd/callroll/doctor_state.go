package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/report"
)

// state checks the state folder without changing it.
func (c *checkup) state(s *session) {
	dir, err := s.stateDir()
	if err != nil {
		c.fail(checkState, err)
		return
	}
	if dir == journal.None {
		c.add(report.CheckWarn, checkState, "state_dir is none: there is no lock against a second run, no record, and no undo")
		return
	}
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.newState(s, dir)
		return
	case err == nil && !info.IsDir():
		c.fail(checkState, s.config.At("state_dir", errors.New(dir+" is not a folder")))
		return
	}
	history, err := journal.ReadDir(dir)
	if err == nil {
		err = writableDir(dir)
	}
	if err != nil {
		c.badState(s, err)
		return
	}
	c.add(report.CheckOK, checkState, "%s, runs in the journal: %d", dir, len(history.Runs()))
	if owner, user, ok := ownerOf(dir); ok {
		c.owner(dir, owner, user)
	}
	c.disk(dir)
}

// newState checks whether the first run can make the folder.
func (c *checkup) newState(s *session, dir string) {
	above := filepath.Dir(dir)
	for {
		if _, err := os.Stat(above); err == nil || above == filepath.Dir(above) {
			break
		}
		above = filepath.Dir(above)
	}
	if err := writableDir(above); err != nil {
		c.badState(s, err)
		return
	}
	c.add(report.CheckSkip, checkState, "%s does not exist yet; the first run makes it", dir)
	c.disk(above)
}

func (c *checkup) badState(s *session, err error) {
	err = s.stateError(err)
	c.fail(checkState, err)
	c.hint(strings.TrimPrefix(strings.Join(hintLines(err), "\n"), "hint: "))
}

// owner warns of a folder of another user: each of them makes files there that the other may not be able to read or change.
func (c *checkup) owner(dir string, owner, user int) {
	if owner != user {
		c.add(report.CheckWarn, checkState, "%s belongs to user %d, and this is user %d", dir, owner, user)
		c.hint("let one user make all runs: after a run of another user the next one may not be able to use the folder")
	}
}

// enoughSpace is how much space should be free. A year of runs that change something in every quarter of an hour takes less.
const enoughSpace = 100 << 20

// disk warns of a file system that is nearly full, or is shared between machines: a lock on such a one may not hold.
func (c *checkup) disk(dir string) {
	if free, shared, ok := fileSystem(dir); ok {
		c.space(dir, free, shared)
	}
}

func (c *checkup) space(dir string, free uint64, shared string) {
	if free < enoughSpace {
		c.add(report.CheckWarn, checkState, "%d MiB are free on the disk of %s", free>>20, dir)
		c.hint("a run that cannot write its journal changes nothing; make room")
	}
	if shared != "" {
		c.add(report.CheckWarn, checkState, "%s is on %s, where the lock against a second run may not hold", dir, shared)
		c.hint("choose a folder on a disk of this machine with state_dir")
	}
}

// unwritable is the error for a folder that cannot be written to.
func unwritable(dir string, err error) error {
	return fmt.Errorf("%w: %s cannot be written to: %w", journal.ErrUnusable, dir, err)
}
