package main

import "golang.org/x/sys/unix"

// searching is the flag to open a folder that this user may search but not list.
const searching = unix.O_SEARCH

// readLink returns the target and the owner of a link. It calls fstatat before and after, because it does not hold the link
// open, and returns ESTALE if the link has changed.
func readLink(dir int, name string) (target string, owner uint32, err error) {
	var before, after unix.Stat_t
	if err := unix.Fstatat(dir, name, &before, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return "", 0, err
	}
	text := make([]byte, unix.PathMax)
	n, err := unix.Readlinkat(dir, name, text)
	if err == nil {
		err = unix.Fstatat(dir, name, &after, unix.AT_SYMLINK_NOFOLLOW)
	}
	if err == nil && (before.Ino != after.Ino || before.Uid != after.Uid || before.Ctim != after.Ctim) {
		err = unix.ESTALE
	}
	if err != nil {
		return "", 0, err
	}
	return string(text[:n]), after.Uid, nil
}
