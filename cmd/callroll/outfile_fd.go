//go:build linux || darwin

package main

import (
	"crypto/rand"
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

// outFile is where -o leads. Its folder is open, so that nobody exchanges a part of the path between the look at it and the
// write.
type outFile struct {
	path string // as it was given
	dir  int    // the folder; -1 if it is not open
	name string // in the folder
	// stat is what has that name; nil if nothing has it.
	stat *unix.Stat_t
	// stream is the path of a descriptor of this process; empty for anything else.
	stream string
}

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
		return false, w.follow(full, more, below)
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

// follow puts what a link says in its place.
func (w *walk) follow(full, more string, below bool) error {
	if w.links++; w.links > mostLinks {
		return &fs.PathError{Op: "open", Path: full, Err: unix.ELOOP}
	}
	target, owner, err := readLink(w.dir, w.name)
	if err != nil {
		return &fs.PathError{Op: "read link", Path: full, Err: err}
	}
	kernel := w.at == "/proc" // where root may have another number, in a container of another user
	if owner != 0 && owner != user() && !kernel {
		return fmt.Errorf("%s is a link that another user made (uid %d), and is not followed: remove it, or name another file", full, owner)
	}
	if w.rest = target; below {
		w.rest += "/" + more
	}
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

func (o *outFile) kind() uint32 {
	if o.stat == nil {
		return 0
	}
	return uint32(o.stat.Mode) & unix.S_IFMT //nolint:unconvert // 16 bits on macOS
}

func (o *outFile) close() {
	if o.dir >= 0 {
		_ = unix.Close(o.dir)
		o.dir = -1
	}
}

// replaced says that a file takes the place of what is there. A device or a pipe stays, and is written to.
func (o *outFile) replaced() bool {
	return o.stream == "" && (o.stat == nil || o.kind() == unix.S_IFREG)
}

// check says whether write will be able to.
func (o *outFile) check() error {
	if !o.replaced() {
		return o.ours(user())
	}
	temp, name, err := o.temporary()
	if err != nil {
		return fmt.Errorf("there is no writing into the folder of %s: %w", o.path, err)
	}
	err = o.oursLike(temp)
	return errors.Join(err, temp.Close(), unix.Unlinkat(o.dir, name, 0))
}

// write puts data in place of the file at once, readable by its owner alone.
func (o *outFile) write(data []byte) error {
	if !o.replaced() {
		return o.pour(data)
	}
	temp, name, err := o.temporary()
	if err != nil {
		return err
	}
	_, err = temp.Write(data)
	if err = errors.Join(err, temp.Sync()); err == nil {
		err = o.oursLike(temp)
	}
	if err = errors.Join(err, temp.Close()); err == nil {
		err = unix.Renameat(o.dir, name, o.dir, o.name)
	}
	if err != nil {
		_ = unix.Unlinkat(o.dir, name, 0)
		return fmt.Errorf("%s: %w", o.path, err)
	}
	return nil
}

// temporary makes an empty file in the folder.
func (o *outFile) temporary() (*os.File, string, error) {
	name := ".callroll." + rand.Text()
	const flags = unix.O_WRONLY | unix.O_CREAT | unix.O_EXCL | unix.O_NOFOLLOW | unix.O_CLOEXEC
	fd, err := o.open(name, flags)
	if err != nil {
		return nil, "", err
	}
	return os.NewFile(uintptr(fd), name), name, nil
}

func (o *outFile) open(name string, flags int) (fd int, err error) {
	err = again(func() (err error) {
		fd, err = unix.Openat(o.dir, name, flags, 0o600)
		return err
	})
	return fd, err
}

// oursLike looks once more at what has the name now, and refuses to replace it if it belongs to another user than a file that
// was just made in the same folder: some file systems show one owner for all files.
func (o *outFile) oursLike(temp *os.File) error {
	var mine, now unix.Stat_t
	if err := unix.Fstat(int(temp.Fd()), &mine); err != nil {
		return err
	}
	err := unix.Fstatat(o.dir, o.name, &now, unix.AT_SYMLINK_NOFOLLOW)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	o.stat = &now
	return o.ours(mine.Uid)
}

// ours refuses a file, a link or a pipe of another user. Only root makes devices.
func (o *outFile) ours(uid uint32) error {
	switch o.kind() {
	case 0, unix.S_IFCHR, unix.S_IFBLK:
		return nil
	case unix.S_IFDIR:
		return fmt.Errorf("%s is a folder", o.path)
	}
	if o.stat.Uid == uid || o.stat.Uid == user() {
		return nil
	}
	return fmt.Errorf("%s belongs to another user (uid %d), and is neither replaced nor written to: remove it, or name another file", o.path, o.stat.Uid)
}

// pour writes to a device or a pipe.
func (o *outFile) pour(data []byte) error {
	if o.stream != "" {
		return os.WriteFile(o.stream, data, 0o600)
	}
	if err := o.ours(user()); err != nil {
		return err
	}
	fd, err := o.open(o.name, unix.O_WRONLY|unix.O_NOFOLLOW|unix.O_CLOEXEC|unix.O_NOCTTY)
	if err != nil {
		return &fs.PathError{Op: "open", Path: o.path, Err: err}
	}
	f := os.NewFile(uintptr(fd), o.path)
	var now unix.Stat_t
	err = unix.Fstat(fd, &now)
	if err == nil && (now.Dev != o.stat.Dev || now.Ino != o.stat.Ino) {
		err = fmt.Errorf("%s was exchanged", o.path)
	}
	if err == nil {
		_, err = f.Write(data)
	}
	return errors.Join(err, f.Close())
}

// user is the one with whose rights this process works.
func user() uint32 { return uint32(os.Geteuid()) } //nolint:gosec // the id of a user has 32 bits

// again repeats a system call that a signal has interrupted.
func again(call func() error) error {
	for {
		if err := call(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
