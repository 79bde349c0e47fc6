//go:build linux || darwin

package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

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
		return fmt.Errorf("cannot write into the folder of %s: %w", o.path, err)
	}
	err = o.oursLike(temp)
	return errors.Join(err, temp.Close(), unix.Unlinkat(o.dir, name, 0))
}

// write puts what is written in place of the file at once, readable by its owner alone.
func (o *outFile) write(write func(io.Writer) error) error {
	if !o.replaced() {
		return o.pour(write)
	}
	temp, name, err := o.temporary()
	if err != nil {
		return err
	}
	err = write(temp)
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
	return fmt.Errorf("%s belongs to another user (uid %d), and is neither replaced nor written to: "+
		"remove it, or name another file", o.path, o.stat.Uid)
}

// pour writes to a device or a pipe.
func (o *outFile) pour(write func(io.Writer) error) error {
	if o.stream != "" {
		return overwrite(o.stream, write)
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
		err = write(f)
	}
	return errors.Join(err, f.Close())
}

// user is the one with whose rights this process works.
func user() uint32 { return uint32(os.Geteuid()) } // the id of a user has 32 bits

// again repeats a system call that a signal has interrupted.
func again(call func() error) error {
	for {
		if err := call(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
