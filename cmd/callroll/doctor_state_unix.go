//go:build unix

package main

import "golang.org/x/sys/unix"

// writableDir returns an error if this user cannot write to a folder, or its disk can only be read.
func writableDir(dir string) error {
	if err := unix.Access(dir, unix.W_OK|unix.X_OK); err != nil {
		return unwritable(dir, err)
	}
	return nil
}

// ownerOf returns the user ids of the owner of a folder and of this process. It returns false if they are not known.
func ownerOf(dir string) (owner, user int, ok bool) {
	var found unix.Stat_t
	if err := unix.Stat(dir, &found); err != nil {
		return 0, 0, false
	}
	return int(found.Uid), unix.Geteuid(), true
}
