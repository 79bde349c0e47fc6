// Package journal records on disk what runs intend to change, the results, and the writes whose result is not known. Its
// lock lets one run at a time work on an org. It does not change or shorten files that it has written; [Journal.Repair]
// is the exception, and old months are removed as whole files. It makes no decisions.
//
// A journal is a folder with one file of JSON lines for each month. A line is appended by one write call, so that the
// lines of several processes never mix. An intent is on the disk when [Run.Intent] returns. One folder may serve several
// orgs: methods of [History] about an org have the API host and the client id as arguments.
//
// A journal grows with the changes. A run with the same result as an earlier one writes one short line that refers to
// it. What a run has to know of the past is also in a checkpoint, which is created again from the months if it is lost.
package journal

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Errors for callers to distinguish. Other errors have no name.
var (
	// ErrUnusable says that the folder is not one to write to. It is returned only by Dir, Open, ReadDir and Lock, and
	// so before a run has done anything.
	ErrUnusable = errors.New("the state folder cannot be used")
	// ErrDisk says that the disk is full or fails.
	ErrDisk = errors.New("the disk of the state folder is full or failing")
	// ErrBroken says that a journal file is damaged in another place than at its end.
	ErrBroken = errors.New("the journal is damaged")
	// ErrFormat says that a newer callroll has written the journal.
	ErrFormat = errors.New("the journal has a format that this version cannot read")
)

// DefaultKeep is how long lines are kept.
const DefaultKeep = 400 * 24 * time.Hour

const (
	suffix    = ".jsonl"
	monthly   = "2006-01"
	trialFile = ".probe"
	fileMode  = 0o600

	lockPrefix     = "lock-"
	checkpointFile = "checkpoint.json"
	damagedSuffix  = ".damaged" // of the file next to a month with the lines that Repair has moved there
)

// Options say how a journal is kept.
type Options struct {
	Keep  time.Duration // minimum time that a line is kept; DefaultKeep if not positive
	Clock func() Clock  // returns what is known about the clock; nil: nothing is known
}

// Journal is a state folder that can be written. It keeps no file open.
type Journal struct {
	dir     string
	options Options
	notes   []string
	file    func(path string, flag int, perm fs.FileMode) (*os.File, error) // opens a file for writing

	mu      sync.Mutex     // held during an append, which looks at the end of the file first
	numbers map[string]int // numbers of files by name; they never change
	past    *History       // from the last Read
}

// Open creates the folder if it does not exist, checks that it can be written, and marks a line that a crash has left
// incomplete. It removes nothing. The error wraps [ErrUnusable] or [ErrDisk] if the folder or the disk is the cause.
func Open(dir string, o Options) (*Journal, error) {
	o.Keep = cmp.Or(max(o.Keep, 0), DefaultKeep)
	if o.Clock == nil {
		o.Clock = func() Clock { return ClockUnknown }
	}
	j := &Journal{dir: dir, options: o, file: openFile, numbers: map[string]int{}}
	if err := j.prepare(); err != nil {
		return nil, unusable(dir, err)
	}
	return j, nil
}

// Dir returns the path of the folder.
func (j *Journal) Dir() string { return j.dir }

func (j *Journal) prepare() error {
	if _, err := os.Stat(j.dir); errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(j.dir, 0o700); err != nil {
			return err
		}
		if err := syncDir(filepath.Dir(j.dir)); err != nil {
			return err
		}
	}
	if err := checkDir(j.dir); err != nil {
		return err
	}
	if err := j.prove(); err != nil {
		return err
	}
	files, err := months(j.dir, time.Now(), j.numbers)
	if err != nil || len(files) == 0 {
		return err
	}
	return j.heal(files[len(files)-1].name)
}

// prove writes and syncs 4096 bytes. An empty file is not enough for the check, because it can be created on a full disk, and
// because some file systems report errors only here.
func (j *Journal) prove() error {
	path := filepath.Join(j.dir, trialFile)
	f, err := j.file(path, os.O_WRONLY|os.O_CREATE, fileMode)
	if err != nil {
		return err
	}
	if _, err = f.Write(make([]byte, 4096)); err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	os.Remove(path)
	return err
}

// syncDir syncs a folder, so that a new file in it is not lost in a power cut. Windows has no such call.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	// Some network file systems cannot sync a folder and return one of these errors.
	if err := f.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}

// unusable adds the folder to an error, and wraps ErrDisk or ErrUnusable if the disk or the folder is the cause.
func unusable(dir string, err error) error {
	switch {
	case full(err):
		return fmt.Errorf("%w: %s: %w", ErrDisk, dir, err)
	case errors.As(err, new(*unsafeError)):
		return fmt.Errorf("%w: %s: %w", ErrUnusable, dir, err)
	case isAny(err, syscall.EACCES, syscall.EPERM, syscall.EROFS, syscall.ENOTDIR, syscall.EISDIR, syscall.ENOENT,
		syscall.ELOOP, syscall.ENAMETOOLONG, syscall.ENOLCK, syscall.ENOTSUP, syscall.EINVAL):
		return fmt.Errorf("%w: %s: %w", ErrUnusable, dir, err)
	}
	return fmt.Errorf("state folder %s: %w", dir, err)
}

// failed wraps an error of a journal that could be opened before.
func failed(err error) error {
	if full(err) {
		return fmt.Errorf("%w: %w", ErrDisk, err)
	}
	return fmt.Errorf("journal: %w", err)
}

// full reports whether the disk is the cause. Windows has its own error numbers for a full disk: 112 and 39.
func full(err error) bool {
	if runtime.GOOS == "windows" && isAny(err, syscall.Errno(112), syscall.Errno(39)) {
		return true
	}
	return isAny(err, syscall.ENOSPC, syscall.EDQUOT, syscall.EIO)
}

func isAny(err error, numbers ...syscall.Errno) bool {
	return slices.ContainsFunc(numbers, func(n syscall.Errno) bool { return errors.Is(err, n) })
}

// org returns the key of an org. Case does not distinguish hosts or client ids.
func org(host, clientID string) string { return strings.ToLower(host + "\n" + clientID) }
