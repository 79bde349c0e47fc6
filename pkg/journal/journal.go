// Package journal keeps on disk what runs mean to do, did and left open, and lets one of them at a time work on an org; it
// refuses to change or shorten anything that it has written, and decides nothing.
//
// A journal is a folder with one file of JSON lines a month. A line is appended by one write call, so that the lines of
// several processes never mix, and an intent is on the disk before Intent returns. One folder may serve several orgs:
// what is asked of a History is asked for one API host and client id.
//
// A journal grows with change. A run that went as an earlier one writes one short line that says so. What a run has to
// know of the past is also in a checkpoint, which is made again from the months if it is lost.
package journal

import (
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

// Errors by which a caller decides. What is neither of them is a failure without a name.
var (
	// ErrUnusable comes from Dir, Open, ReadDir and Lock only, and so before anything was done: the folder is not one to write in.
	ErrUnusable = errors.New("the state folder cannot be used")
	// ErrDisk says that the disk is full or fails.
	ErrDisk = errors.New("the disk of the state folder is full or failing")
	// ErrBroken says that a journal file is damaged elsewhere than at its end.
	ErrBroken = errors.New("the journal is damaged")
	// ErrFormat says that a newer callroll has written the journal.
	ErrFormat = errors.New("the journal has a format that this version cannot read")
)

// DefaultKeep is how long lines are kept.
const DefaultKeep = 400 * 24 * time.Hour

const (
	suffix   = ".jsonl"
	monthly  = "2006-01"
	probe    = ".probe"
	fileMode = 0o600

	lockPrefix     = "lock-"
	checkpointFile = "checkpoint.json"
	damagedSuffix  = ".damaged" // of the file beside a month that keeps the lines which Repair put aside
)

// Options say how a journal is kept.
type Options struct {
	Keep  time.Duration // how long a line is kept at least; 0 is DefaultKeep
	Clock func() Clock  // what is known of the clock now; nil: nothing
}

// Journal is a state folder that can be written. It holds nothing open.
type Journal struct {
	dir     string
	options Options
	notes   []string
	file    func(path string, flag int, perm fs.FileMode) (*os.File, error) // opens a file to write in it

	mu      sync.Mutex     // held while a line is appended: this process's appends look at the end of the file first
	numbers map[string]int // of files, which never change
	past    *History       // as it was read last
}

// Open makes the folder if it is not there, proves that it can be written, and heals what a crash has left half written.
// It removes nothing.
func Open(dir string, o Options) (*Journal, error) {
	if o.Keep <= 0 {
		o.Keep = DefaultKeep
	}
	if o.Clock == nil {
		o.Clock = func() Clock { return ClockUnknown }
	}
	j := &Journal{dir: dir, options: o, file: openFile, numbers: map[string]int{}}
	if err := j.prepare(); err != nil {
		return nil, unusable(dir, err)
	}
	return j, nil
}

// Dir is the folder.
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

func (j *Journal) prove() error {
	path := filepath.Join(j.dir, probe)
	f, err := j.file(path, os.O_WRONLY|os.O_CREATE, fileMode)
	if err != nil {
		return err
	}
	err = errors.Join(writeBlock(f), f.Close())
	os.Remove(path)
	return err
}

// writeBlock writes and syncs a block: a full disk still takes empty files, and some file systems tell no earlier than here.
func writeBlock(f *os.File) error {
	if _, err := f.Write(make([]byte, 4096)); err != nil {
		return err
	}
	return f.Sync()
}

// syncDir makes sure that a new name in a folder outlives a power cut. Windows has no such call.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	// Some network file systems cannot sync a folder, and say so in this way.
	if err := f.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}

// unusable names the folder and says whether another configuration or another disk is needed.
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

// failed is the error of a journal that could be written before.
func failed(err error) error {
	if full(err) {
		return fmt.Errorf("%w: %w", ErrDisk, err)
	}
	return fmt.Errorf("journal: %w", err)
}

// full says whether the disk is to blame. Windows has numbers of its own for a full disk (112, and 39 for a handle).
func full(err error) bool {
	if runtime.GOOS == "windows" && isAny(err, syscall.Errno(112), syscall.Errno(39)) {
		return true
	}
	return isAny(err, syscall.ENOSPC, syscall.EDQUOT, syscall.EIO)
}

func isAny(err error, numbers ...syscall.Errno) bool {
	return slices.ContainsFunc(numbers, func(n syscall.Errno) bool { return errors.Is(err, n) })
}

// org is the key of what belongs together: neither a host nor a client id distinguishes cases.
func org(host, clientID string) string { return strings.ToLower(host + "\n" + clientID) }
