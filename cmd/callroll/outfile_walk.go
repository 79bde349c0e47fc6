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
	at    string // path of the current folder, without links
	rest  string // of the path
	links int
}

// mostLinks is the number of links that Linux follows in one path (path_resolution(7)).
const mostLinks = 40

// findOutFile resolves a path. It follows links of this user and of root, such as /dev/stdout, but no links of other users:
// with a link, another user could choose which file this user overwrites.
func findOutFile(path string) (*outFile, error) {
	w := &walk{outFile: outFile{path: path, dir: -1}, rest: path}
	if !filepath.IsAbs(path) {
		folder, err := os.Getwd()
		if err == nil {
			folder, err = filepath.EvalSymlinks(folder) // the user has chosen the working directory
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

// step resolves the next name of the path. It returns true after the last name, unless that is a link.
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

// enter opens a folder and makes it the current folder. It follows no link, so that the folder it opens is the one that was
// checked.
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

// follow replaces a link with its target. below is the rest of the path.
func (w *walk) follow(full, below string) error {
	if w.links++; w.links > mostLinks {
		return &fs.PathError{Op: "open", Path: full, Err: unix.ELOOP}
	}
	target, owner, err := readLink(w.dir, w.name)
	if err != nil {
		return &fs.PathError{Op: "read link", Path: full, Err: err}
	}
	kernel := w.at == "/proc" // in a container of another user, root may have another uid there
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

// isDescriptor reports whether a path is a descriptor of this process. /dev/stdout and /dev/fd/3 lead to such paths. They are
// not checked for their owner, because whoever opened the descriptor has chosen the file.
func isDescriptor(path string) bool {
	m := regexp.MustCompile(`^(?:/dev|/proc/(\d+)(?:/task/\d+)?)/fd/\d+$`).FindStringSubmatch(path)
	return m != nil && (m[1] == "" || m[1] == strconv.Itoa(os.Getpid()))
}

// descriptor continues with the path of the regular file that a descriptor has open. If it is not a regular file, or the path
// no longer leads to it, write writes to the descriptor.
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
