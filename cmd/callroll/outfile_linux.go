package main

import "golang.org/x/sys/unix"

// searching is the flag to open a folder that this user may search but not list. /home is often such a folder.
const searching = unix.O_PATH

// readLink returns the target and the owner of a link. It opens the link itself, so that both belong to the same link.
func readLink(dir int, name string) (target string, owner uint32, err error) {
	var fd int
	err = again(func() (err error) {
		fd, err = unix.Openat(dir, name, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		return err
	})
	if err != nil {
		return "", 0, err
	}
	defer func() { _ = unix.Close(fd) }()
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return "", 0, err
	}
	text := make([]byte, unix.PathMax)
	n, err := unix.Readlinkat(fd, "", text)
	if err != nil {
		return "", 0, err
	}
	return string(text[:n]), stat.Uid, nil
}
