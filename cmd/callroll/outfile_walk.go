//go:build linux || darwin

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// walk follows a path one name at a time.
type walk struct {
	outFile
	at    string // the folder, without links
	rest  string // of the path
	links int
}

// mostLinks is how many links of one path Linux follows.
const mostLinks = 40

// findOutFile follows a path, but no link that another user made: it would choose what this user overwrites. Links of this
// user and of root are followed, such as /dev/stdout.
func findOutFile(path string) (*outFile, error) {
	w := &walk{outFile: outFile{path: path, dir: -1}, rest: path}
	if !filepath.IsAbs(path) {
		folder, err := os.Getwd()
		if err == nil {
			folder, err = filepath.EvalSymlinks(folder) // who stands in a folder has chosen the way to it
		}
		if err != nil {
			return nil, err
		}
		w.rest = folder + "/" + path
	}
	err := w.root()
	for done := false; err == nil && !done; {
		done, err = w.step()
	}
	if err != nil {
		w.close()
		return nil, err
	}
	return &w.outFile, nil
}

// step takes the next name of the path. It is done with the last one, unless that is a link.
func (w *walk) step() (done bool, err error) {
	w.rest = strings.TrimLeft(w.rest, "/")
	name, more, below := strings.Cut(w.rest, "/")
	full := filepath.Join(w.at, name)
	if isDescriptor(full) && !below {
		return w.descriptor(full)
	}
	w.name, w.stat = name, &unix.Stat_t{}
	if name == "" {
		return false, fmt.Errorf("%s is a folder", w.path)
	}
	err = again(func() error { return unix.Fstatat(w.dir, name, w.stat, unix.AT_SYMLINK_NOFOLLOW) })
	switch {
	case errors.Is(err, fs.ErrNotExist) && !below:
		w.stat = nil
		return true, nil
	case err != nil:
		return false, &fs.PathError{Op: "look at", Path: full, Err: err}
	case w.kind() == unix.S_IFLNK:
		return false, w.follow(full, strings.TrimPrefix(w.rest, name))
	case below:
		w.at, w.rest = full, more
		return false, w.enter(w.dir, name)
	case w.kind() == unix.S_IFDIR:
		return false, fmt.Errorf("%s is a folder", w.path)
	}
	return true, nil
}

// enter makes another folder the present one. It follows no link, so that what was looked at is what is entered.
func (w *walk) enter(dir int, name string) error {
	var next int
	err := again(func() (err error) {
		next, err = unix.Openat(dir, name, searching|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		return err
	})
	if err != nil {
		return &fs.PathError{Op: "open", Path: w.at, Err: err}
	}
	w.close()
	w.dir = next
	return nil
}

func (w *walk) root() error {
	w.at = "/"
	return w.enter(unix.AT_FDCWD, "/")
}

// follow puts what a link says in its place. below is the rest of the path.
func (w *walk) follow(full, below string) error {
	if w.links++; w.links > mostLinks {
		return &fs.PathError{Op: "open", Path: full, Err: unix.ELOOP}
	}
	target, owner, err := readLink(w.dir, w.name)
	if err != nil {
		return &fs.PathError{Op: "read link", Path: full, Err: err}
	}
	kernel := w.at == "/proc" // where root may have another number, in a container of another user
	if owner != 0 && owner != user() && !kernel {
		return fmt.Errorf("%s is a link that another user made (uid %d), and is not followed: "+
			"remove it, or name another file", full, owner)
	}
	w.rest = target + below
	if filepath.IsAbs(target) {
		return w.root()
	}
	return nil
}

// isDescriptor says whether a path is a descriptor of this process, to which /dev/stdout and /dev/fd/3 lead. Whoever opened
// it has chosen what it is.
func isDescriptor(path string) bool {
	m := regexp.MustCompile(`^(?:/dev|/proc/(\d+)(?:/task/\d+)?)/fd/\d+$`).FindStringSubmatch(path)
	return m != nil && (m[1] == "" || m[1] == strconv.Itoa(os.Getpid()))
}

// descriptor goes on with the file that a descriptor has open, as if its path had been given. What is no file, or has no path
// any more, is written to as it is.
func (w *walk) descriptor(full string) (done bool, err error) {
	info, err := os.Stat(full)
	if err != nil {
		return false, err
	}
	if target, err := os.Readlink(full); err == nil && info.Mode().IsRegular() {
		if there, err := os.Lstat(target); err == nil && os.SameFile(info, there) {
			w.rest = target
			return false, w.root()
		}
	}
	w.stat, w.stream = nil, full
	return true, nil
}
