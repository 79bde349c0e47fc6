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

// outFile is the file that -o names. Its folder is held open, so that nobody can replace a part of the path between the check
// and the write.
type outFile struct {
	path   string       // as the user gave it
	dir    int          // descriptor of the folder; -1 if it is not open
	name   string       // in the folder
	stat   *unix.Stat_t // of the file with that name; nil if it does not exist
	stream string       // path of a descriptor of this process, such as /dev/fd/1; empty for other files
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

// replaced reports whether write creates or replaces a regular file. A device or a pipe is not replaced, but written to.
func (o *outFile) replaced() bool {
	return o.stream == "" && (o.stat == nil || o.kind() == unix.S_IFREG)
}

// check returns an error if write would fail.
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

// write replaces the file atomically with what the function writes. Only its owner can read the new file. A device or a pipe
// is written to.
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

// temporary creates an empty file in the folder.
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

// oursLike looks up the file again, and returns an error if it belongs to another user. The owner of temp, which was just
// created in the same folder, counts as this user too: some file systems show one owner for all files.
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

// ours returns an error for a file, a link or a pipe of another user. Devices are allowed, because only root can create them.
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

// user returns the effective user id of this process.
func user() uint32 { return uint32(os.Geteuid()) } // user ids have 32 bits

// again calls a system call until it is not interrupted by a signal (EINTR).
func again(call func() error) error {
	for {
		if err := call(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
